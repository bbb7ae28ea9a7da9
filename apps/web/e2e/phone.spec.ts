// Sharing, submitting and redelivery on a phone of 390 px, by touch alone.
import { expect, type Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';
import { onPhone } from './phone.ts';
import { rowOf } from './workspace-page.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let lead: Colleague;
let pat: Colleague;
/** The phone pages of the people. */
let cora: Page;
let pats: Page;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const desk = await browser.newPage({ baseURL: hub.address });
  await signIn(desk, owner);
  projectId = (await callOf(desk, 'projects.create', { name: 'Pocket Light' })).id as string;
  lead = await joinProject(browser, desk, projectId, 'Cora Lead', 'cora@phone.example', 'coordinator');
  pat = await joinProject(browser, desk, projectId, 'Pat Partner', 'pat@phone.example');
  await desk.close();
  cora = await onPhone(browser, lead);
  pats = await onPhone(browser, pat);
});
test.afterAll(async () => {
  for (const page of [cora, pats, lead?.page, pat?.page]) await page?.context().close();
});

test('shares a file, sees who has access, and revokes it', async () => {
  await upload(pat.page, { projectId }, 'NL_s02e04_PM_v07_Nearfield.wav', 'the mix');
  const name = 'NL_s02e04_PM_v07_Nearfield.wav';
  await pats.goto(`/p/${projectId}/workspace`);
  await expect(rowOf(pats, name)).toContainText('Received');
  // Nothing delivered is the usual case, which only the column of a wider list states.
  await expect(rowOf(pats, name).getByText('Not delivered').filter({ visible: true })).toHaveCount(0);
  await tapItem(pats, `Actions for ${name}`, 'Share…');
  const dialog = pats.getByRole('dialog', { name: `Share ${name}` });
  await dialog.getByRole('combobox').fill('cora');
  await pats.getByRole('option', { name: 'Cora Lead' }).tap();
  await dialog.getByRole('switch', { name: 'Can update' }).tap();
  await expectFits(pats);
  await dialog.getByRole('button', { name: 'Share', exact: true }).tap();
  await expect(dialog).toHaveCount(0);

  await cora.goto(`/p/${projectId}/workspace?shared`);
  await expect(rowOf(cora, name)).toContainText('Can update');
  await rowOf(cora, name)
    .getByRole('button', { name: `Actions for ${name}` })
    .tap();
  await cora.getByRole('menuitem', { name: 'Details' }).tap();
  await expect(panelOf(cora)).toContainText('Pat Partner');
  await expectFits(cora);
  await expectAccessible(cora, 'the details on a phone');
  await panelOf(cora).getByRole('button', { name: 'Close' }).tap();

  await tapItem(pats, `Actions for ${name}`, 'Details');
  await panelOf(pats)
    .getByRole('tab', { name: /^People/ })
    .tap();
  await tapItem(pats, 'Actions for Cora Lead', 'Revoke access');
  await pats.getByRole('dialog').getByRole('button', { name: 'Revoke access' }).tap();
  await expect(rowOf(cora, name)).toHaveCount(0);
  await panelOf(pats).getByRole('button', { name: 'Close' }).tap();
});

test('uploads into a request, submits, gets a redelivery, and delivers again', async () => {
  const { id: userId } = await askOf(pat.page, 'account.get');
  const asked = { projectId, name: 'Credits list', assignees: [{ userId }] };
  const { id } = await callOf(lead.page, 'requests.create', asked);
  await pats.goto(`/p/${projectId}/deliveries`);
  await pats.getByRole('link', { name: 'Credits list' }).tap();
  await expect(pats.getByRole('heading', { name: 'Credits list', level: 1 })).toBeVisible();
  await uploadByTouch(pats, 'credits.txt', 'names');
  await submit(pats, id as string);

  await test.step('Cora asks for redelivery, and reads what a reason means', async () => {
    await cora.goto(`/p/${projectId}/deliveries/${id}`);
    await expectStatus(cora, 'Processed');
    await tapItem(cora, 'More actions for this request', /Ask for redelivery/);
    const dialog = cora.getByRole('dialog', { name: 'Ask for redelivery' });
    await dialog.getByRole('button', { name: 'About “Wrong version”' }).tap();
    await expect(cora.locator('.tooltip')).toBeInViewport({ ratio: 1 });
    await dialog.getByRole('checkbox', { name: 'Wrong version' }).tap();
    await dialog.getByLabel('Comment').fill('Two names are missing.');
    await expectFits(cora);
    await expectAccessible(cora, 'the redelivery dialog on a phone');
    await dialog.getByRole('button', { name: 'Ask for redelivery' }).tap();
    await expectStatus(cora, 'Redelivery');
  });

  await test.step('Pat reads why, removes the file and delivers another', async () => {
    await expect(pats.getByText('Two names are missing.')).toBeVisible();
    await tapItem(pats, 'Actions for credits.txt', 'Remove');
    await pats.getByRole('dialog').getByRole('button', { name: 'Remove' }).tap();
    await expect(pats.getByText('No files yet')).toBeVisible();
    await uploadByTouch(pats, 'credits v2.txt', 'all names');
    await expectFits(pats);
    await submit(pats, id as string);
  });

  await test.step('Cora accepts', async () => {
    await expectStatus(cora, 'Processed');
    await cora.getByRole('button', { name: 'Accept' }).tap();
    await expectStatus(cora, 'Accepted');
  });
});

const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Details panel' });

async function tapItem(page: Page, menu: string, item: string | RegExp) {
  await page.getByRole('button', { name: menu, exact: true }).tap();
  await page.getByRole('menuitem', { name: item }).tap();
}

async function uploadByTouch(page: Page, name: string, text: string) {
  await page.getByRole('button', { name: 'Upload', exact: true }).first().tap();
  const dialog = page.getByRole('dialog', { name: 'Upload' });
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Choose files' }).tap();
  await (await chooser).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  const row = page.getByRole('grid', { name: 'Delivered files' }).locator('[data-row]');
  await expect(row.filter({ hasText: name })).toContainText('Received', { timeout: 30_000 });
}

/** Submits the request once the checksums are known. */
async function submit(page: Page, requestId: string) {
  const refusal = async () => (await askOf(pat.page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(refusal, { timeout: 30_000 }).toBeNull();
  const button = page.getByRole('button', { name: 'Submit', exact: true });
  await expect(button).toBeEnabled();
  await button.tap();
  await expect(button).toHaveCount(0);
}

async function expectStatus(page: Page, status: string) {
  const chip = page.locator('header').getByText(status, { exact: true }).first();
  await expect(chip).toBeVisible({ timeout: 60_000 });
}

/** Expects that no element is wider than the phone. */
async function expectFits(page: Page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
}
