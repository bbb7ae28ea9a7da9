/** The whole story in real pages with real bytes: from the printed set-up link to an accepted redelivery. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startHub, type Hub } from './hub.ts';
import { test } from './listening.ts';

const password = 'a long enough secret';
const mebibyte = 1024 * 1024;

let hub: Hub;
let folder: string;
const contexts: BrowserContext[] = [];
test.beforeAll(async () => {
  // Slow enough to watch a file being processed: it takes some seconds in this test.
  hub = await startHub({ TURNOVER_SIMULATION_SPEED: '1' });
  folder = mkdtempSync(join(tmpdir(), 'turnover-story-'));
});
test.afterAll(async () => {
  for (const context of contexts) await context.close();
  await hub?.close();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'one delivery from the browser to Accepted',
  { tag: ['@B3', '@B4', '@B5', '@B7', '@B11', '@B13', '@B14'] },
  async ({ browser, expectFaults }) => {
    // The test kills the server while three pages are connected to it and one uploads.
    expectFaults(
      /^(net::ERR_(INCOMPLETE_CHUNKED_ENCODING|CONNECTION_\w+|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)|409|423|503) /,
    );
    const first = join(folder, 'NL_s02e04_PM_v07.wav');
    const second = join(folder, 'NL_s02e04_PM_v08.wav');
    writeFileSync(first, randomBytes(96 * mebibyte));
    writeFileSync(second, randomBytes(2 * mebibyte));

    const owner = await openPage(browser);
    await becomeOwner(owner);
    await createProject(owner, 'Northern Light');
    const coordinator = await invite(owner, browser, 'cora@example.com', 'Coordinator', 'Cora Lindqvist');
    const partner = await invite(owner, browser, 'pat@example.com', 'Partner', 'Pat Kowalski');

    const requestUrl = await test.step('the coordinator asks for material', async () => {
      await coordinator.getByRole('link', { name: 'Deliveries' }).first().click();
      // My work has a button of the same name.
      await expect(coordinator.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();
      await coordinator.getByRole('button', { name: 'New request' }).first().click();
      await coordinator.getByLabel('Name', { exact: true }).fill('Print master, episode 204');
      await coordinator.getByLabel(/Due date/).fill('2027-03-05T18:00');
      await coordinator.getByRole('checkbox', { name: /^Pat Kowalski/ }).check();
      await coordinator.getByRole('button', { name: 'Create' }).click();
      await coordinator.waitForURL(/deliveries\/req_/);
      await expect(coordinator.getByRole('heading', { name: 'Print master, episode 204' })).toBeVisible();
      return coordinator.url();
    });
    const statusOf = (status: string) =>
      coordinator.locator('header').getByText(status, { exact: true }).first();

    await test.step('the partner uploads, and the upload survives a crash of the server', async () => {
      await partner.getByRole('link', { name: 'Workspace' }).first().click();
      await expect(partner.getByRole('heading', { name: 'Workspace', exact: true })).toBeVisible();
      await throttle(partner, 24 * mebibyte);
      await drop(partner, first);
      await expect(partner.getByRole('progressbar').first()).toBeVisible();
      await expect.poll(receivedBytes).toBeGreaterThan(8 * mebibyte);
      await hub.killWeb();
      await expect(partner.getByText('Received').first()).toBeVisible({ timeout: 60_000 });
    });

    await test.step('the partner adds the file to the request and submits it', async () => {
      await partner.getByRole('checkbox', { name: /NL_s02e04_PM_v07/ }).check();
      await partner.getByRole('button', { name: 'Submit', exact: true }).click();
      // Only this request fits, so it is preselected.
      await expect(partner.getByText('Chosen because this file fits only here')).toBeVisible();
      await partner
        .locator('[aria-label="Selection"]:not([inert])')
        .getByRole('button', { name: 'Submit', exact: true })
        .click();
      await partner.getByRole('dialog').getByRole('button', { name: 'Add 1 file' }).click();
      await expect(coordinator.getByText('NL_s02e04_PM_v07').first()).toBeVisible();
      await partner.goto(requestUrl);
      await partner.getByRole('button', { name: 'Submit', exact: true }).click();
    });

    await test.step('the coordinator watches; changes are refused with a reason', async () => {
      await expect(statusOf('Processing')).toBeVisible();
      await expect(coordinator.getByText('Expected end')).toBeVisible();
      await expect(coordinator.getByText(/Encode \(simulated\)/).first()).toBeVisible();
      await partner.getByRole('button', { name: /Actions for NL_s02e04_PM_v07/ }).click();
      await expect(partner.getByRole('menuitem', { name: /Remove/ })).toContainText(
        'Processing. Wait until it ends',
      );
      await partner.keyboard.press('Escape');
      await expect(statusOf('Processed')).toBeVisible({ timeout: 60_000 });
    });

    await test.step('the coordinator requests a redelivery with a reason', async () => {
      await coordinator.getByRole('button', { name: 'More actions for this request' }).click();
      await coordinator.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
      await coordinator.getByRole('checkbox', { name: 'Audio spec mismatch' }).check();
      await coordinator.getByRole('dialog').getByLabel('Comment').fill('The LFE is too loud.');
      await coordinator.getByRole('dialog').getByRole('button', { name: 'Ask for redelivery' }).click();
      await expect(statusOf('Redelivery')).toBeVisible();
      await expect(partner.getByText('The LFE is too loud.')).toBeVisible();
    });

    await test.step('the partner renames and removes files, adds another and submits', async () => {
      await partner
        .locator('[data-row]')
        .first()
        .click({ position: { x: 300, y: 12 } });
      await partner.getByRole('button', { name: 'Edit', exact: true }).click();
      await partner.getByLabel('Name', { exact: true }).fill('old.wav');
      await partner.getByRole('button', { name: 'Save' }).click();
      await expect(partner.getByRole('button', { name: 'Actions for old.wav' })).toBeVisible();
      await partner.getByRole('checkbox', { name: 'Select old.wav' }).check();
      await partner.getByRole('button', { name: 'Remove selected files' }).click();
      await partner.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await expect(partner.getByText('No files yet')).toBeVisible();
      await drop(partner, second);
      await expect(partner.getByText('Received').first()).toBeVisible({ timeout: 30_000 });
      await partner.getByRole('button', { name: 'Submit', exact: true }).click();
    });

    await test.step('the coordinator accepts, and the history shows every step', async () => {
      await coordinator.getByRole('button', { name: 'Accept' }).click({ timeout: 60_000 });
      await expect(statusOf('Accepted')).toBeVisible();
      const history = coordinator.getByRole('region', { name: 'Request history' });
      for (const words of [
        'created the request',
        'submitted round 1',
        'asked for redelivery',
        'renamed',
        'removed',
        'submitted round 2',
        'accepted',
      ]) {
        await expect(history.getByText(words).first()).toBeVisible();
      }
      await coordinator.getByRole('button', { name: 'More actions for this request' }).click();
      await expect(coordinator.getByRole('menuitem', { name: /Ask for redelivery/ })).toContainText(
        'Reopen it first',
      );
    });
  },
);

/** How much of the only upload the hub has written. */
function receivedBytes(): number {
  const incoming = join(hub.dataFolder, 'incoming');
  const name = readdirSync(incoming).find((each) => each.endsWith('.part'));
  return name === undefined ? 0 : statSync(join(incoming, name)).size;
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  return context.newPage();
}

async function becomeOwner(page: Page) {
  const link = /http:\/\/\S+\/setup\/\S+/.exec(hub.printed())![0];
  await page.goto(link);
  await fillAccount(page, 'owner@example.com', 'Olga Owner');
}

async function fillAccount(page: Page, email: string, name: string) {
  await page.getByLabel(/^Name|Your name/i).fill(name);
  const address = page.getByLabel(/e-?mail/i);
  if (await address.isEditable().catch(() => false)) await address.fill(email);
  await page
    .getByLabel(/^password/i)
    .first()
    .fill(password);
  await page.locator('form button[type=submit]').first().click();
  await page.waitForURL((url) => !/setup|invitation/.test(url.pathname));
}

async function createProject(page: Page, name: string) {
  await page.goto(`${hub.address}/projects`);
  await page
    .getByRole('button', { name: /new project/i })
    .first()
    .click();
  await page.getByLabel('Project name').fill(name);
  await page.getByRole('button', { name: 'Create project' }).click();
  await expect(page.getByRole('link', { name: 'People' })).toBeVisible();
}

async function invite(
  owner: Page,
  browser: Browser,
  email: string,
  role: string,
  name: string,
): Promise<Page> {
  await owner.getByRole('link', { name: 'People' }).first().click();
  await owner.getByRole('button', { name: 'Invite people' }).click();
  await owner.getByLabel(/e-?mail/i).fill(email);
  await owner.getByLabel('Role', { exact: true }).selectOption({ label: role });
  await owner.getByLabel('Company', { exact: true }).selectOption({ label: 'New company…' });
  await owner.getByLabel('Company name').fill(`Company of ${name}`);
  await owner.getByRole('button', { name: 'Create invitation link' }).click();
  const link = await owner.getByLabel('Invitation link').inputValue();
  await owner.getByRole('button', { name: 'Done' }).click();
  const page = await openPage(browser);
  await page.goto(new URL(link, hub.address).href);
  await fillAccount(page, email, name);
  return page;
}

/** Chooses a file through the upload menu, as people do. */
async function drop(page: Page, file: string) {
  await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
  await page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(file);
}

/** Slows the connection down, so that the test can act during an upload. */
async function throttle(page: Page, bytesPerSecond: number) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  });
}
