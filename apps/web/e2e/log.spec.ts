// Owners read the log of the processes, narrow it down, and see new lines; others do not find it.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { joinProject, callOf } from './people.ts';

test('an owner reads the log of all processes, as text, and sees new lines come', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  expectFaults(/^404 GET \/server\/log/);
  const hub = await startOwnHub();
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  const file = (name: string) => join(hub.dataFolder, 'logs', name);
  const write = (name: string, facts: object) =>
    appendFileSync(file(name), `${JSON.stringify({ at: new Date().toISOString(), ...facts })}\n`);
  await expect.poll(() => readFileSync(file('worker.log'), 'utf8')).toContain('worker.started');
  write('web.log', {
    level: 'error',
    event: 'request.failed',
    stack: 'Error: <img src=x onerror=alert(1)>\n  at y',
  });
  write('supervisor.log', { level: 'warn', event: 'supervisor.said', words: 'worker ended unexpectedly' });
  appendFileSync(file('web.log'), '<b>half a line</b>\n');

  await page.goto('/server');
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  const lines = page.getByRole('list', { name: 'Log' }).getByRole('listitem');
  await expect(lines.filter({ hasText: 'worker.started' })).toContainText('stageThreads=');
  await expect(lines.filter({ hasText: 'ended unexpectedly' })).toContainText('Warning');
  await expect(lines.filter({ hasText: '<b>half a line</b>' })).toContainText('no time');
  const failed = lines.filter({ hasText: 'request.failed' });
  await failed.getByText('Where it happened').click();
  await expect(failed).toContainText('<img src=x onerror=alert(1)>');
  await expectAccessible(page, 'the log');

  await page.getByLabel('Process').selectOption('Worker');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(failed).toHaveCount(0);
  await expect(lines.filter({ hasText: 'worker.started' })).toBeVisible();
  await page.getByLabel('Process').selectOption('All processes');
  await page.getByLabel('Level').selectOption('Warnings and errors');
  await page.getByLabel('Time').selectOption('Last hour');
  await page.getByLabel('Search').fill('FAILED');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(lines).toHaveCount(1);
  await expect(page.getByLabel('Search')).toHaveValue('FAILED');

  // The page reloads itself. `expect` waits longer than the ten seconds between two reloads.
  write('worker.log', { level: 'error', event: 'scrubber.failed' });
  await expect(lines.filter({ hasText: 'scrubber.failed' })).toBeVisible({ timeout: 30_000 });

  for (let number = 0; number < 120; number += 1)
    write('web.log', { level: 'error', event: `x.failed ${number}` });
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(lines).toHaveCount(100);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(lines).toHaveCount(22);
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(lines).toHaveCount(100);

  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const lead = await joinProject(browser, page, projectId, 'Lou Lead', 'lou@log.example', 'coordinator');
  const answer = await lead.page.goto('/server/log');
  expect(answer?.status()).toBe(404);
  for (const each of [lead.page, page]) await each.context().close();
});
