// Requesting a redelivery, removing files, and the reasons why an action is not possible, in every status of a request.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
const names = ['credits.txt', 'notes.txt', 'titles.txt'];

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const desk = await browser.newPage({ baseURL: hub.address });
  await signIn(desk, owner);
  projectId = (await callOf(desk, 'projects.create', { name: 'Polar Light' })).id as string;
  lead = await joinProject(browser, desk, projectId, 'Cora Lead', 'cora@again.example', 'coordinator');
  pat = await joinProject(browser, desk, projectId, 'Pat Partner', 'pat@again.example');
  await desk.close();
  requestId = await newRequest('Print master');
});
test.afterAll(async () => {
  for (const person of [lead, pat]) await person?.page.context().close();
});

const rows = (page: Page) => page.getByRole('grid', { name: 'Delivered files' }).locator('[data-row]');
const addressOf = (id: string) => `/p/${projectId}/deliveries/${id}`;
const onlyWhile = (status: string) => `Only while the request is Open or in Redelivery (now ${status})`;

test('files are removed one by one or together while the request is open', { tag: '@B10' }, async () => {
  const { page } = pat;
  for (const name of names) await upload(page, { projectId, requestId }, name, name);
  await page.goto(addressOf(requestId));
  const trash = page.getByRole('button', { name: 'Remove selected files' });
  await expect(trash).toBeDisabled();
  await openFileMenu(page, 'notes.txt');
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page
    .getByRole('dialog', { name: 'Remove “notes.txt”?' })
    .getByRole('button', { name: 'Remove' })
    .click();
  await expect(rows(page)).toHaveCount(2);

  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await trash.click();
  await page.getByRole('dialog', { name: 'Remove 2 files?' }).getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No files yet')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(rows(page)).toHaveCount(2);
  await expectMenuRefuses(
    lead.page,
    requestId,
    'Ask for redelivery',
    'You can ask for redelivery when processing ends',
  );
});

test(
  'each status explains why an action is not possible, at the place of the action',
  { tag: ['@B10', '@B12'] },
  async () => {
    const { page } = pat;
    await submitted(requestId);
    await page.goto(addressOf(requestId));
    await expectFileRefuses(page, 'credits.txt', 'Remove', onlyWhile('Processed'));
    const trash = page.getByRole('button', { name: 'Remove selected files' });
    await page.getByRole('checkbox', { name: 'Select all' }).check();
    await expect(trash).toBeDisabled();
    await trash.hover();
    await expect(page.getByText(onlyWhile('Processed'))).toBeVisible();
    await rows(page).first().locator('.name[role]').click();
    const rename = page.getByRole('complementary').getByRole('button', { name: 'Edit', exact: true });
    await expect(rename).toBeDisabled();
    await rename.hover();
    await expect(page.getByText(onlyWhile('Processed'))).toBeVisible();
    await expectAccessible(page, 'a file that cannot be renamed');

    await test.step('an accepted request sends partners to a coordinator, who reopens it', async () => {
      await callOf(lead.page, 'requests.accept', { requestId });
      await expectMenuRefuses(page, requestId, 'Ask for redelivery', 'Ask a coordinator to reopen it');
      await expectMenuRefuses(
        lead.page,
        requestId,
        'Ask for redelivery',
        'Already accepted. Reopen it first',
      );
      await callOf(lead.page, 'requests.reopen', { requestId });
    });

    await test.step('a delivery with a checksum list changes only as a whole', async () => {
      const listed = await newRequest('With a list');
      await upload(page, { projectId, requestId: listed }, 'a.mov', 'a');
      await upload(
        page,
        { projectId, requestId: listed },
        'checksums.md5',
        '0cc175b9c0f1b6a831c399e269772661  a.mov\n',
      );
      await page.goto(addressOf(listed));
      await expectFileRefuses(page, 'a.mov', 'Remove', 'This delivery has a checksum list');
    });
  },
);

test('requests a redelivery with reasons, and keeps the files', { tag: ['@B8', '@B9'] }, async () => {
  const { page } = lead;
  await page.goto(addressOf(requestId));
  const dialog = await openDialog(page);
  const ask = dialog.getByRole('button', { name: 'Ask for redelivery' });

  await test.step('Escape right after it opened closes it', async () => {
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await openDialog(page);
  });

  await test.step('it demands a reason, explains each, and takes several', async () => {
    await expect(ask).toBeDisabled();
    await expect(dialog).toContainText('None chosen yet');
    await dialog.getByRole('button', { name: 'About “Wrong version”' }).click();
    await expect(page.locator('.tooltip')).toContainText(/Wrong version.*Prevent.*Fix/s);
    await dialog.getByRole('checkbox', { name: 'Wrong version' }).check();
    await dialog.getByRole('checkbox', { name: 'Audio spec mismatch' }).check();
    await expect(dialog.getByRole('list', { name: /Reasons/ }).getByRole('listitem')).toHaveText([
      /Wrong version/,
      /Audio spec mismatch/,
    ]);
    await dialog.getByLabel('Comment').fill('The LFE is too loud.');
    await expect(dialog.getByRole('checkbox', { name: 'Clear existing files' })).not.toBeChecked();
    await expectAccessible(page, 'the redelivery dialog');
  });

  await test.step('the request is in Redelivery with its files, each of which can be removed', async () => {
    await ask.click();
    await expectStatus(page, 'Redelivery');
    await expectStatus(pat.page.url().includes(requestId) ? pat.page : await open(pat.page), 'Redelivery');
    await expect(pat.page.getByText('The LFE is too loud.')).toBeVisible();
    await expect(rows(pat.page)).toHaveCount(2);
    await openFileMenu(pat.page, 'credits.txt');
    await pat.page.getByRole('menuitem', { name: 'Remove' }).click();
    await pat.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(rows(pat.page)).toHaveCount(1);
  });

  await test.step('cleared, it is empty', async () => {
    await submitted(requestId);
    await expectStatus(page, 'Processed');
    const again = await openDialog(page);
    await again.getByRole('checkbox', { name: 'Missing file' }).check();
    await again.getByRole('checkbox', { name: 'Clear existing files' }).check();
    await again.getByRole('button', { name: 'Ask for redelivery' }).click();
    await expectStatus(page, 'Redelivery');
    for (const each of [page, pat.page]) await expect(each.getByText('No files yet')).toBeVisible();
  });
});

async function newRequest(name: string): Promise<string> {
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name, assignees: [{ userId }] };
  return (await callOf(lead.page, 'requests.create', request)).id as string;
}

/** Submits the request once its checksums are known, and waits until it is processed. */
async function submitted(id: string) {
  const state = () => askOf(pat.page, 'requests.get', { requestId: id });
  await expect.poll(async () => (await state()).possible.submit, { timeout: 30_000 }).toBeNull();
  await callOf(pat.page, 'requests.submit', { requestId: id });
  await expect.poll(async () => (await state()).status, { timeout: 60_000 }).toBe('processed');
}

async function open(page: Page): Promise<Page> {
  await page.goto(addressOf(requestId));
  return page;
}

async function expectStatus(page: Page, status: string) {
  const chip = page.locator('header').getByText(status, { exact: true }).first();
  await expect(chip).toBeVisible({ timeout: 60_000 });
}

async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'More actions for this request' }).click();
  await page.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
  await expect(dialog).toBeVisible();
  return dialog;
}

async function openFileMenu(page: Page, name: string) {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
}

async function expectFileRefuses(page: Page, name: string, action: string, reason: string) {
  await openFileMenu(page, name);
  await expectRefused(page, action, reason);
}

async function expectMenuRefuses(page: Page, id: string, action: string, reason: string) {
  await page.goto(addressOf(id));
  await page.getByRole('button', { name: 'More actions for this request' }).click();
  await expectRefused(page, action, reason);
}

async function expectRefused(page: Page, action: string, reason: string) {
  const item = page.getByRole('menuitem', { name: action });
  await expect(item).toHaveAttribute('aria-disabled', 'true');
  await expect(item).toContainText(reason);
  await page.keyboard.press('Escape');
  await expect(item).toHaveCount(0);
}
