// A redelivery with a finding at a file and a moment: asked for, answered, delivered again, compared, checked off, accepted.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
let ownerPage: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  // axe needs a context that the test created itself.
  const context = await browser.newContext({ baseURL: hub.address });
  ownerPage = await context.newPage();
  await signIn(ownerPage, owner);
  projectId = (await callOf(ownerPage, 'projects.create', { name: 'Eastern Light' })).id as string;
  lead = await joinProject(browser, ownerPage, projectId, 'Cora Lead', 'cora@rounds.example', 'coordinator');
  pat = await joinProject(browser, ownerPage, projectId, 'Pat Partner', 'pat@rounds.example');
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name: 'Print master, reel 2', assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
});
test.afterAll(async () => {
  for (const page of [lead?.page, pat?.page, ownerPage]) await page?.context().close();
});

test('a finding goes from the dialog to the checklist', async () => {
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

test('an owner rewords, reorders and archives reasons', async () => {
  const page = ownerPage;
  await page.goto('/projects');
  await page.getByRole('link', { name: 'Server' }).click();
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
  const answer = await lead.page.goto('/server/reasons');
  expect(answer!.status()).toBe(404);
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
  await expect(button).toHaveAttribute('aria-disabled', 'true');
}
