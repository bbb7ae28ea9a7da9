// Owners read the audit log, narrow it down and export it; others do not find it.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

test('an owner finds who did what, and exports it', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  expectFaults(/^404 GET \/server\/audit/);
  const hub = await startOwnHub();
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const lead = await joinProject(browser, page, projectId, 'Lou Lead', 'lou@log.example', 'coordinator');
  await callOf(lead.page, 'requests.create', { projectId, name: 'The secret ending' });

  await page.goto('/');
  await page.getByRole('link', { name: 'Server' }).first().click();
  await page.getByRole('link', { name: 'Audit log' }).click();
  const rows = page.getByRole('grid', { name: 'Audit log' }).locator('[data-row]');
  const created = rows.filter({ hasText: 'requests.create' });
  await expect(created).toContainText('lou@log.example');
  await expect(created).toContainText('browser, 127.0.0.1');
  await expect(created).toContainText('Northern Light');
  await expect(rows.filter({ hasText: 'sessions.start' }).first()).toBeVisible();
  await expect(page.locator('main')).not.toContainText('secret ending');
  await expectAccessible(page, 'the audit log');

  await created.getByRole('link', { name: 'lou@log.example' }).click();
  await expect(page.getByRole('link', { name: 'Only lou@log.example' })).toBeVisible();
  await expect(rows.filter({ hasText: owner.email })).toHaveCount(0);
  await page.getByLabel('Area').selectOption('Deliveries');
  await page.getByLabel('Search').fill('create');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel('Search')).toHaveValue('create');

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  expect((await download).suggestedFilename()).toBe('turnover audit log.csv');
  const onlyLou = page.getByRole('link', { name: 'Only lou@log.example' });
  await onlyLou.click();
  await expect(onlyLou).toHaveCount(0);
  await page.getByLabel('Area').selectOption('Exports');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(rows.filter({ hasText: 'audit.export' })).toContainText('log.csv');

  const answer = await lead.page.goto('/server/audit');
  expect(answer?.status()).toBe(404);
  for (const each of [lead.page, page]) await each.context().close();
});
