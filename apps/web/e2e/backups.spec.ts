// Owners see the backups, make one, see why one was not made, and restore one.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf } from './people.ts';
import { startSupervised } from './supervised.ts';

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
  await page.goto('/server');
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

test('an owner restores a backup on the page, and goes back to the restore point', async ({
  browser,
  owner,
  signIn,
  expectFaults,
}) => {
  // The page asks until the hub is back.
  expectFaults(/^401 POST .*backups\.restore/, /^(503|net::ERR_\w+) GET/);
  const hub = await startSupervised(owner);
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  try {
    await signIn(page, owner);
    await callOf(page, 'projects.create', { name: 'Before' });
    await page.goto('/server/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    const rows = page.getByRole('region', { name: 'Backups' }).getByRole('listitem');
    await expect(rows.first()).toContainText('Made and read back', { timeout: 60_000 });
    await callOf(page, 'projects.create', { name: 'Since' });

    await rows.first().getByRole('button', { name: 'Restore…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill('not this one');
    await dialog.getByRole('button', { name: 'Stop the hub and restore' }).click();
    await expect(dialog).toContainText('This is not your password');
    await expectAccessible(page, 'the question before a restore');
    await restoreWith(owner.password);
    expect(await projects()).toEqual(['Before']);

    await page.goto('/server/backups');
    await expect(page.getByText(/restored from .*The database before is the restore point/)).toBeVisible();
    await page.goto('/server/audit');
    await expect(page.getByText('backups.restored').first()).toBeVisible();
    await page.goto('/server/backups');
    await rows.filter({ hasText: 'before-restore' }).getByRole('button', { name: 'Restore…' }).click();
    await restoreWith(owner.password);
    expect(await projects()).toEqual(['Before', 'Since']);
  } finally {
    await context.close();
    await hub.close();
  }

  /** Confirms the dialog, sees the end of the session, and signs in again. */
  async function restoreWith(password: string): Promise<void> {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(password);
    await dialog.getByRole('button', { name: 'Stop the hub and restore' }).click();
    await page.waitForURL(/sign-in/, { timeout: 120_000 });
    await signIn(page, owner);
  }

  async function projects(): Promise<string[]> {
    const answer = await page.request.get('/api/trpc/projects.list?input=%7B%7D');
    const { result } = (await answer.json()) as { result: { data: { name: string }[] } };
    return result.data.map(({ name }) => name).sort();
  }
});
