// Owners see what needs them: a damaged file is found by the doctor and named with its request.
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, upload } from './people.ts';

test('an owner runs the doctor, which finds a file that became shorter', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  const hub = await startOwnHub();
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  // The owner is no member of the project, so the names of its files are not shown.
  const lead = await joinProject(browser, page, projectId, 'Lou Lead', 'lou@health.example', 'coordinator');
  const { id: requestId } = await callOf(lead.page, 'requests.create', { projectId, name: 'Mix' });
  await upload(lead.page, { projectId, requestId }, 'mix_v1.wav', 'the bytes of a mix');
  const filesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter(({ name }) =>
      name.startsWith('ast_'),
    );
  await expect.poll(() => filesOf(join(hub.dataFolder, 'vault')).length).toBe(1);

  await page.goto('/server');
  await expect(page.getByText('All well')).toBeVisible();
  const checks = page.getByRole('region', { name: 'Checks' });
  await expect(page.getByRole('region', { name: 'Storage' })).toContainText('Deliveries');
  const [file] = filesOf(join(hub.dataFolder, 'vault'));
  truncateSync(join(file!.parentPath, file!.name), 3);
  await page.getByRole('button', { name: 'Run the doctor' }).click();
  await expect(page.getByText('1 thing needs you')).toBeVisible({ timeout: 30_000 });
  const attention = page.getByRole('region', { name: 'Needs attention' });
  await expect(attention).toContainText('A stored file is shorter than it was received');
  await expect(attention).toContainText('A delivered file of Northern Light: ast_');
  await expect(checks).toContainText('1 problem');
  await expectAccessible(page, 'the health of the hub');
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page, 'the health of the hub on a phone');
  await expect(page.locator('main')).not.toContainText('mix_v1');

  for (const each of [lead.page, page]) await each.context().close();
});
