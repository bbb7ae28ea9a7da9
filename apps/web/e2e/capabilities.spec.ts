// Owners see which stages are real, simulated or missing, and retry a job that was given up.
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

test('an owner sees the state of processing and retries a dead job', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  const broken = join(tmpdir(), `turnover-broken-${process.pid}.mjs`);
  writeFileSync(
    broken,
    `import { defineStage } from '@turnover/processing';
     export default defineStage({
       name: 'x-house.broken',
       appliesTo: () => true,
       words: { name: { en: 'House check' } },
       run() { throw new Error('no licence <i>today</i>'); },
     });`,
  );
  const hub = await startOwnHub({ TURNOVER_STAGES: broken });
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const lead = await joinProject(browser, page, projectId, 'Lou Lead', 'lou@cap.example', 'coordinator');
  const { id: requestId } = await callOf(lead.page, 'requests.create', { projectId, name: 'Notes' });
  await upload(lead.page, { projectId, requestId }, 'secret notes.txt', 'words');
  const mayNotSubmit = async () => (await askOf(lead.page, 'requests.get', { requestId })).possible.submit;
  await expect.poll(mayNotSubmit).toBeNull();
  await callOf(lead.page, 'requests.submit', { requestId });
  const deadJobs = async () => (await askOf(page, 'server.capabilities')).dead.total;
  await expect.poll(deadJobs, { timeout: 60_000 }).toBe(1);

  await page.goto('/server');
  await page.getByRole('link', { name: 'Processing' }).click();
  const box = (name: string) => page.getByRole('region', { name });
  await expect(box('Stages').getByRole('listitem').filter({ hasText: 'Checksum' })).toContainText('Real');
  await expect(box('Stages').getByRole('listitem').filter({ hasText: 'Encode' })).toContainText('Simulated');
  await expect(box('Stages').getByRole('listitem').filter({ hasText: 'House check' })).toContainText('Real');
  await expect(box('Tools').getByRole('listitem').filter({ hasText: 'node' })).toContainText('24.');
  await expect(box('Queue')).toContainText('Short lane');
  await expect(box('Given up')).toContainText('no licence <i>today</i>');
  await expect(box('Given up')).toContainText('House check');
  await expect(box('Given up')).toContainText('Northern Light');
  await expect(page.locator('main')).not.toContainText('secret notes');
  await expectAccessible(page, 'the state of processing');
  await box('Given up').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText('The job is in the queue again.')).toBeVisible();
  await expect(box('Given up')).toContainText('No job was given up.');

  for (const each of [lead.page, page]) await each.context().close();
  rmSync(broken);
});
