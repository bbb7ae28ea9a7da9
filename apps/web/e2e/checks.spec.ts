// An external check runs on a delivered file. Its findings appear on the pages as plain text.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

test(
  'the findings of an external check reach the request',
  { tag: '@B6' },
  async ({ browser, owner, signIn, startOwnHub }) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnover-checks-'));
    const program = join(folder, 'check.sh');
    const finding = { severity: 'error', text: 'Flashes <script>alert(1)</script>', fromMs: 61_000 };
    writeFileSync(program, `#!/bin/sh\necho '${JSON.stringify({ findings: [finding] })}'\n`);
    chmodSync(program, 0o755);
    const check = { name: 'x-house.flashes', label: { en: 'Flash test' }, command: [program] };
    writeFileSync(join(folder, 'checks.json'), JSON.stringify([check]));
    const hub = await startOwnHub({ TURNOVER_CHECKS: join(folder, 'checks.json') });
    const context = await browser.newContext({ baseURL: hub.address });
    const desk = await context.newPage();
    await signIn(desk, owner);
    const projectId = (await callOf(desk, 'projects.create', { name: 'Checked' })).id as string;
    const { page } = await joinProject(
      browser,
      desk,
      projectId,
      'Cleo Lead',
      'cleo@check.example',
      'coordinator',
    );
    const { id: requestId } = await callOf(page, 'requests.create', { projectId, name: 'Programme' });
    await upload(page, { projectId, requestId }, 'notes.txt', 'some words');
    const mayNotSubmit = async () => (await askOf(page, 'requests.get', { requestId })).possible.submit;
    await expect.poll(mayNotSubmit).toBeNull();
    await callOf(page, 'requests.submit', { requestId });
    await page.goto(`/p/${projectId}/deliveries/${requestId}`);
    await page.getByRole('grid').getByText('notes.txt').click();
    const panel = page.getByRole('complementary').filter({ hasText: 'notes.txt' });
    await expect(panel).toContainText('Flash test: 1 problem');
    await expect(panel).toContainText('Flashes <script>alert(1)</script>');
    await expect(page.getByRole('region', { name: 'What processing found' })).toContainText(
      'Flash test: Flashes <script>',
    );

    for (const each of [page, desk]) await each.context().close();
    rmSync(folder, { recursive: true });
  },
);
