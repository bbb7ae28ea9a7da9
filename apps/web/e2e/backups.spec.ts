// Owners see the backups, make one, and see why one was not made.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';

test('an owner makes a backup and sees that it was read back; a failure states its reason', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  const hub = await startOwnHub({ TURNOVER_BACKUP_AT: '02:00' });
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  await page.getByRole('link', { name: 'Server' }).first().click();
  await page.getByRole('link', { name: 'Backups' }).click();
  const folder = join(hub.dataFolder, 'backups');
  await expect(page.getByText('every day at 02:00 and keeps the latest 14')).toBeVisible();
  await expect(page.getByText(folder)).toBeVisible();
  await expect(page.getByText('No backups yet')).toBeVisible();

  const rows = page.getByRole('region', { name: 'Backups' }).getByRole('listitem');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Made and read back', { timeout: 60_000 });
  expect(readdirSync(folder).filter((name) => name.endsWith('.db'))).toHaveLength(1);
  const before = `${new Date().toISOString().replaceAll(':', '-')}-before-0043_backup_runs.db`;
  writeFileSync(join(folder, before), 'copy');
  await page.reload();
  await expect(rows.filter({ hasText: before })).toContainText('Restore point');

  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  await page.getByRole('button', { name: 'Back up now' }).click();
  const failed = rows.filter({ hasText: 'Not made' });
  await expect(failed).toContainText('its disk was not mounted', { timeout: 60_000 });
  await expect(rows.filter({ hasText: 'Removed' })).toHaveCount(1);
  await expectAccessible(page, 'the backups');
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(page.getByText(/The backup of .* was not made: the folder for backups/)).toBeVisible();
  await context.close();
});
