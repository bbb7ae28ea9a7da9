// The life of a request by keyboard alone: created, found, sent back with a finding, answered and commented on.
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { press, tabTo } from './keys.ts';
import { callOf, joinProject, upload, type Colleague } from './people.ts';
import { byKeys } from './phone.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let lead: Colleague;
let pat: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  projectId = (await callOf(page, 'projects.create', { name: 'Polar Light' })).id as string;
  lead = await joinProject(browser, page, projectId, 'Kim Lead', 'kim@keys.example', 'coordinator');
  pat = await joinProject(browser, page, projectId, 'Pat Partner', 'pat@keys.example');
  await page.close();
});
test.afterAll(async () => {
  await lead?.page.context().close();
  await pat?.page.context().close();
});

test('a request goes from creation to acceptance by keyboard alone', async () => {
  const page = await byKeys(lead);
  const pats = await byKeys(pat);
  const dialog = page.getByRole('dialog');

  await test.step('Kim creates a request with a type', async () => {
    await page.goto(`/p/${projectId}/deliveries`);
    await expect(page.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();
    await press(page, page.getByRole('button', { name: 'New request' }).first());
    await tabTo(page, dialog.getByLabel('Name', { exact: true }));
    await page.keyboard.type('Credits list');
    await tabTo(page, dialog.getByLabel('Type', { exact: true }));
    await page.keyboard.type('Documents');
    await press(page, dialog.getByLabel('Pat Partner'), 'Space');
    await press(page, dialog.getByRole('button', { name: 'Create' }));
    await expect(dialog).toBeHidden();
  });

  await test.step('Kim finds it in the list and opens it', async () => {
    await page.goto(`/p/${projectId}/deliveries`);
    await tabTo(page, page.getByLabel('Search'));
    await page.keyboard.type('credits');
    await expect(page).toHaveURL(/search=credits/);
    const row = page.getByRole('row', { name: /Credits list/ });
    await press(page, row);
    await expect(page.getByRole('heading', { name: 'Credits list', level: 1 })).toBeVisible();
  });

  const requestId = page.url().split('/').at(-1)!.split('?')[0]!;
  await test.step('Pat delivers', async () => {
    await upload(pat.page, { projectId, requestId }, 'credits.pdf', 'names');
    await pats.goto(`/p/${projectId}/deliveries/${requestId}`);
    await submit(pats);
    await expect(chip(page, 'Processed')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('Kim requests a redelivery with a finding', async () => {
    await openMenu(page, /Ask for redelivery/);
    await press(page, dialog.getByRole('checkbox', { name: 'Wrong version' }), 'Space');
    await press(page, dialog.getByRole('button', { name: 'New finding' }));
    await expect(dialog.getByLabel('Reason', { exact: true })).toBeFocused();
    await page.keyboard.type('Creative');
    await tabTo(page, dialog.getByRole('combobox', { name: 'File' }));
    await page.keyboard.type('cred');
    await expect(page.getByRole('option', { name: /credits\.pdf/ })).toBeVisible();
    await page.keyboard.press('Enter');
    await tabTo(page, dialog.getByLabel(/^Note/));
    await page.keyboard.type('Two names are missing');
    await press(page, dialog.getByRole('button', { name: 'Add finding' }));
    await expect(dialog.getByRole('listitem').filter({ hasText: 'Two names' })).toBeVisible();
    await press(page, dialog.getByRole('button', { name: 'Ask for redelivery' }));
    await expect(chip(page, 'Redelivery')).toBeVisible();
  });

  await test.step('Pat answers, mentions Kim, and submits again', async () => {
    const finding = pats.getByRole('listitem').filter({ hasText: 'Two names are missing' });
    await press(pats, finding.getByRole('button', { name: 'Fixed' }));
    await press(pats, finding.getByRole('button', { name: 'Save answer' }));
    await expect(finding).toContainText('Pat Partner');
    await tabTo(pats, pats.getByLabel('Write a comment'));
    await pats.keyboard.type('All there now, @Ki');
    await expect(pats.getByRole('option', { name: 'Kim Lead' })).toBeVisible();
    await pats.keyboard.press('Enter');
    await expect(pats.getByLabel('Write a comment')).toBeFocused();
    await press(pats, pats.getByRole('button', { name: 'Comment', exact: true }));
    await expect(pats.getByText('All there now, @Kim Lead')).toBeVisible();
    await upload(pat.page, { projectId, requestId, replace: true }, 'credits.pdf', 'more names');
    await submit(pats);
    await expect(chip(page, 'Processed')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('Kim checks the finding off, views the file, and accepts', async () => {
    await press(page, page.getByRole('checkbox', { name: /^Resolved/ }), 'Space');
    await expect(page.getByText('1 of 1 resolved')).toBeVisible();
    await press(page, page.getByRole('row', { name: /credits\.pdf/ }));
    await expect(page.getByRole('complementary').getByText('Two names are missing')).toBeVisible();
    await expect(page.getByRole('complementary').locator(':focus')).toHaveCount(1);
    await press(page, page.getByRole('button', { name: 'Accept' }), 'Enter', 'Shift+Tab');
    await expect(chip(page, 'Accepted')).toBeVisible();
  });
  for (const each of [page, pats]) await each.close();
});

const chip = (page: Page, status: string) =>
  page.locator('header').getByText(status, { exact: true }).first();

async function submit(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Submit', exact: true });
  await expect(button).not.toHaveAttribute('aria-disabled', 'true', { timeout: 30_000 });
  await press(page, button, 'Enter', 'Shift+Tab');
}

async function openMenu(page: Page, item: RegExp): Promise<void> {
  await press(
    page,
    page.getByRole('button', { name: 'More actions for this request' }),
    'Enter',
    'Shift+Tab',
  );
  await press(page, page.getByRole('menuitem', { name: item }), 'Enter', 'ArrowDown');
}
