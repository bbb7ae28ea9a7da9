// A redelivery with a finding at a file and a moment: requested, answered, delivered again, compared, resolved,
// accepted.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
let ownerPage: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Eastern Light'));
  lead = await joinProject(browser, ownerPage, projectId, 'Cora Lead', 'cora@rounds.example', 'coordinator');
  pat = await joinProject(browser, ownerPage, projectId, 'Pat Partner', 'pat@rounds.example');
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name: 'Print master, reel 2', assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
});
test.afterAll(async () => {
  for (const page of [lead?.page, pat?.page, ownerPage]) await page?.context().close();
});

test('a finding goes from the dialog to the checklist', { tag: ['@B20', '@B21'] }, async () => {
  for (const path of ['mix.wav', 'stems/dialogue.wav'])
    await upload(pat.page, { projectId, requestId }, path, path);
  await pat.page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await submit(pat.page);

  await test.step('the coordinator adds a finding at a file and a moment', async () => {
    const { page } = lead;
    await page.goto(`/p/${projectId}/deliveries/${requestId}`);
    await expectStatus(page, 'Processed');
    await page.getByRole('button', { name: 'More actions for this request' }).click();
    await page.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
    await dialog.getByRole('button', { name: 'New finding' }).click();
    await dialog.getByRole('button', { name: 'Add finding' }).click();
    await expect(dialog.getByText('Choose a reason.', { exact: true }).last()).toBeVisible();
    await dialog.getByLabel('Reason', { exact: true }).selectOption({ label: 'Audio spec mismatch' });
    await dialog.getByRole('combobox', { name: 'File' }).fill('MIX');
    await page.getByRole('option', { name: /mix\.wav/ }).click();
    await dialog.getByLabel(/^From/).fill('1:00');
    await dialog.getByLabel(/^To/).fill('01:00:02:00');
    await dialog.getByLabel(/^Note/).fill('LFE too loud');
    await dialog.getByRole('button', { name: 'Add finding' }).click();
    await expect(dialog.getByText('Use HH:MM:SS:FF')).toBeVisible();
    await dialog.getByLabel(/^From/).fill('01:00:00:00');
    await dialog.getByRole('button', { name: 'Add finding' }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: 'LFE too loud' })).toContainText('mix.wav');
    await expectAccessible(page, 'the dialog with a finding');
    await dialog.getByRole('button', { name: 'Ask for redelivery' }).click();
    await expectStatus(page, 'Redelivery');
  });

  await test.step('the partner answers the finding, replaces the file and submits again', async () => {
    const { page } = pat;
    const finding = findings(page).getByRole('listitem').filter({ hasText: 'LFE too loud' });
    await expect(finding).toContainText('01:00:00:00 – 01:00:02:00');
    await expectAccessible(page, 'a finding to answer');
    await finding.getByRole('button', { name: 'Intentional' }).click();
    await finding.getByRole('button', { name: 'Save answer' }).click();
    await expect(finding.getByText('Explain why it stays as it is.')).toBeVisible();
    await finding.getByRole('button', { name: 'Fixed' }).click();
    await finding.getByRole('button', { name: 'Save answer' }).click();
    await expect(finding).toContainText('Pat Partner');
    await upload(page, { projectId, requestId, replace: true }, 'mix.wav', 'the mix, quieter now');
    await submit(page);
  });

  await test.step('the coordinator compares the rounds, checks the finding off and accepts', async () => {
    const { page } = lead;
    await expectStatus(page, 'Processed');
    await page.getByRole('button', { name: 'Compare with round 1' }).click();
    const comparison = page.getByRole('region', { name: 'From round 1 to round 2' });
    const changed = comparison.getByRole('list', { name: 'Changed' });
    await expect(changed.getByRole('listitem')).toHaveCount(1);
    await expect(changed).toContainText('mix.wav');
    await expect(comparison.getByRole('list')).toHaveCount(1);
    const box = page.getByRole('checkbox', { name: /^Resolved: Audio spec mismatch, mix\.wav/ });
    const accept = page.getByRole('button', { name: 'Accept' });
    await expect(accept).toHaveAttribute('aria-disabled', 'true');
    await expect(page.getByText('Holds Accept until it is resolved')).toBeVisible();
    await box.check();
    await expect(page.getByText('1 of 1 resolved')).toBeVisible();
    await expect(page.getByText('Resolved by Cora Lead')).toBeVisible();
    const theirs = pat.page.getByRole('checkbox', { name: /^Resolved/ });
    await expect(theirs).toBeChecked();
    await expect(theirs).toBeDisabled();
    await page
      .locator('[data-row]')
      .filter({ hasText: 'mix.wav' })
      .click({ position: { x: 300, y: 12 } });
    await expect(page.getByRole('complementary').getByText('LFE too loud')).toBeVisible();
    await expectAccessible(page, 'the checklist, the comparison and the panel');
    await accept.click();
    await expectStatus(page, 'Accepted');
    await expect(page.getByRole('checkbox', { name: /^Resolved/ }).first()).toBeDisabled();
  });
});

test('an owner rewords, reorders and archives reasons', { tag: '@B19' }, async () => {
  const page = ownerPage;
  await page.goto('/projects');
  await page.getByRole('link', { name: 'Server' }).click();
  await page.getByRole('link', { name: 'Redelivery reasons' }).click();
  const rows = page.getByRole('list', { name: 'Redelivery reasons' }).getByRole('listitem');
  await expect(rows).toHaveCount(15);
  await expectAccessible(page, 'reasons');

  await page.getByRole('button', { name: 'New reason' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Wrong slate');
  await expectAccessible(page, 'a new reason');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rows.last()).toContainText('Wrong slate');

  await page.getByRole('button', { name: 'Move “Wrong slate” up' }).click();
  await expect(rows.nth(14)).toContainText('Wrong slate');
  await expect(page.getByRole('button', { name: 'Move “Wrong slate” up' })).toBeFocused();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(rows.nth(13)).toContainText('Wrong slate');

  await page.getByRole('button', { name: 'Actions for “Missing file”' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await page.getByLabel('Name', { exact: true }).fill('A file is missing');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(rows.first()).toContainText('A file is missing');
  await page.getByRole('button', { name: 'Actions for “A file is missing”' }).click();
  await page.getByRole('menuitem', { name: 'Restore original wording' }).click();
  await expect(rows.first()).toContainText('Missing file');

  await page.getByRole('button', { name: 'Actions for “Other”' }).click();
  await page.getByRole('menuitem', { name: 'Stop offering' }).click();
  await expect(rows.last()).toContainText('No longer offered');
  await expectAccessible(page, 'reasons, one archived');

  // For other people the page does not exist.
  expect((await lead.page.request.get('/server/reasons')).status()).toBe(404);
});

const findings = (page: Page) => page.getByRole('region', { name: 'Findings in round 1' });

async function expectStatus(page: Page, status: string) {
  const chip = page.locator('header').getByText(status, { exact: true }).first();
  await expect(chip).toBeVisible({ timeout: 60_000 });
}

/** The page may still show the button's state from before the last upload, so this waits for the server's answer. */
async function submit(page: Page) {
  const refusal = async () => (await askOf(page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(refusal, { timeout: 30_000 }).toBeNull();
  const button = page.getByRole('button', { name: 'Submit', exact: true });
  await expect(button).not.toHaveAttribute('aria-disabled', 'true', { timeout: 30_000 });
  await button.click();
  await expect(page.getByRole('button', { name: 'Submit', exact: true, disabled: false })).toHaveCount(0);
}

test('a round has a page of its own, and its open findings carry over', { tag: '@B20' }, async () => {
  const { page } = lead;
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name: 'VFX shots, reel 2', assignees: [{ userId }] };
  const { id } = await callOf(page, 'requests.create', request);
  const processed = async (round: number) => {
    const state = async () => await askOf(pat.page, 'requests.get', { requestId: id });
    await expect.poll(async () => (await state()).possible.submit, { timeout: 30_000 }).toBeNull();
    await callOf(pat.page, 'requests.submit', { requestId: id });
    await expect.poll(state, { timeout: 60_000 }).toMatchObject({ status: 'processed', round });
  };
  for (const path of ['plates/shot.1001.exr', 'plates/shot.1002.exr', 'plates/shot.1004.exr', 'ref.mov'])
    await upload(pat.page, { projectId, requestId: id }, path, path);
  await processed(1);
  const { files } = await askOf(page, 'requestFiles.list', { requestId: id });
  const fileId = (name: string) => files.find((file: { name: string }) => file.name === name).id;
  const pins = [
    { reason: 'frame_gaps', fileId: fileId('shot.1002.exr'), note: '1003 is missing' },
    {
      reason: 'extraneous_content',
      fileId: fileId('ref.mov'),
      timecodeIn: '01:00:00:00',
      note: 'Old slate',
    },
  ];
  const comment = 'The rest is fine, leave it as it is.';
  await callOf(page, 'requests.askForRedelivery', { requestId: id, reasons: [], pins, comment });
  const [{ id: pinId }] = (await askOf(page, 'requests.get', { requestId: id })).redelivery.pins;
  await callOf(pat.page, 'pins.answer', { pinId, answer: 'fixed', comment: 'Rendered again' });
  await upload(pat.page, { projectId, requestId: id }, 'plates/shot.1003.exr', 'the missing one');
  await upload(pat.page, { projectId, requestId: id, replace: true }, 'ref.mov', 'a new slate');
  await processed(2);

  await test.step('an entry of the history leads to it, with one tab for each round', async () => {
    await page.goto(`/p/${projectId}/deliveries/${id}`);
    await page.getByRole('link', { name: 'submitted round 2' }).click();
    await expect(page).toHaveURL(/\/rounds\/2$/);
    const tabs = page.getByRole('navigation', { name: 'Rounds' }).getByRole('link');
    await expect(tabs).toHaveText([/Round 1\s+Asked again/, /Round 2, now\s+Processed/]);
    await expect(page.getByRole('region', { name: 'Findings it was checked against' })).toContainText(
      'Not resolved yet',
    );
    await expect(page.getByText('Carried on to round 2')).toHaveCount(0);
  });

  await test.step('a partner waits for the coordinator, and their notification leads to the reasons', async () => {
    await pat.page.goto(`/p/${projectId}/deliveries/${id}`);
    await expect(pat.page.locator('header').getByText('Waiting for the coordinator')).toBeVisible();
    await expect(pat.page.getByRole('button', { name: 'Submit', exact: true })).toHaveCount(0);
    await pat.page.getByRole('button', { name: /^Notifications/ }).click();
    await pat.page
      .getByRole('link', { name: /redelivery.*VFX shots/i })
      .first()
      .click();
    await expect(pat.page).toHaveURL(new RegExp(`${id}/rounds/1$`));
    await expect(pat.page.getByRole('region', { name: 'Why it was asked again' })).toContainText(comment);
  });

  await test.step('the dialog for another redelivery says what carries on', async () => {
    await page.goto(`/p/${projectId}/deliveries/${id}`);
    await page.getByRole('button', { name: 'More actions for this request' }).click();
    await page.getByRole('menuitem', { name: /Ask for redelivery/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Ask for redelivery' });
    await expect(dialog).toContainText('2 unresolved findings carry on into round 3.');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog).toHaveCount(0);
  });

  await test.step('the page of the request leads to it', async () => {
    await page.goto(`/p/${projectId}/deliveries/${id}`);
    await page.getByRole('link', { name: 'Open round 1' }).click();
    await expect(page).toHaveURL(/\/rounds\/1$/);
    await expect(page.getByText(/You see round 1 as it was/)).toBeVisible();
  });

  const files1 = page.getByRole('grid', { name: 'Files as they were' });
  await test.step('it holds reasons, text, findings with answers, and the files as they were', async () => {
    const why = page.getByRole('region', { name: 'Why it was asked again' });
    await expect(why).toContainText('Frame gaps in a sequence');
    await expect(why).toContainText(comment);
    const found = page.getByRole('region', { name: 'Findings in round 1' }).getByRole('listitem');
    const gaps = found.filter({ hasText: '1003 is missing' });
    await expect(gaps).toContainText('Rendered again');
    await expect(gaps).toContainText('Carried on to round 2');
    await expect(gaps).toContainText('Holds Accept until it is resolved');
    await expect(files1.locator('[data-row]')).toHaveCount(2);
    await expect(files1).toContainText('plates/shot.[1001-1004].exr');
    await expect(files1).toContainText('missing: 1003');
    await expectAccessible(page, 'a round');
  });

  await test.step('its files sort and filter, and a sequence opens', async () => {
    await files1.getByRole('columnheader', { name: 'Size' }).getByRole('button').click();
    await expect(files1.locator('[data-row]').first()).toContainText('ref.mov');
    await page.getByRole('searchbox').fill('1002');
    await expect(files1.locator('[data-row]')).toHaveCount(1);
    await files1.getByRole('button', { name: /shot/ }).click();
    await expect(files1.locator('[data-row]')).toHaveCount(3);
    await page.getByRole('button', { name: 'All files', exact: true }).click();
    await expect(files1.locator('[data-row]')).toHaveCount(2);
  });

  await test.step('the next round says what changed and what it was checked against', async () => {
    await page.getByRole('link', { name: 'Round 2, now' }).click();
    await page.getByRole('list').getByRole('link', { name: 'Round 2', exact: true }).click();
    await expect(files1.locator('[data-row]').filter({ hasText: 'shot' })).toContainText('Changed');
    await expect(files1).toContainText('plates/shot.[1001-1004].exr');
    const carried = page.getByRole('region', { name: 'Findings it was checked against' });
    await expect(carried.getByRole('listitem')).toHaveCount(2);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await expectAccessible(page, 'a round on a phone');
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await test.step('a resolved blocker no longer holds Accept, and an open issue is named before it', async () => {
    await callOf(page, 'pins.check', { pinId, checked: true });
    await page.goto(`/p/${projectId}/deliveries/${id}`);
    await page.getByRole('button', { name: 'Accept' }).click();
    const dialog = page.getByRole('dialog', { name: 'Accept “VFX shots, reel 2”?' });
    await expect(dialog).toContainText('1 issue not resolved');
    await dialog.getByRole('button', { name: 'Accept anyway' }).click();
    await expectStatus(page, 'Accepted');
  });
  expect((await page.request.get(`/p/${projectId}/deliveries/${id}/rounds/3`)).status()).toBe(404);
});
