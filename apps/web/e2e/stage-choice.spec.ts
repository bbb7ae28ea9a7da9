// A coordinator chooses which stages run for the files of a type, and which hold them; the receipt and the QC report say which.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload } from './people.ts';

test(
  'a type leaves out stages or lets them only inform, and its rounds say so',
  { tag: ['@D1', '@B22'] },
  async ({ browser, owner, signIn, startOwnHub }) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnover-choice-'));
    const program = join(folder, 'check.sh');
    writeFileSync(program, '#!/bin/sh\nexit 3\n');
    chmodSync(program, 0o755);
    const check = { name: 'x-house.flashes', label: { en: 'Flash test' }, command: [program] };
    writeFileSync(join(folder, 'checks.json'), JSON.stringify([check]));
    const hub = await startOwnHub({ TURNOVER_CHECKS: join(folder, 'checks.json') });
    const context = await browser.newContext({ baseURL: hub.address });
    const desk = await context.newPage();
    await signIn(desk, owner);
    const projectId = (await callOf(desk, 'projects.create', { name: 'Chosen' })).id as string;
    const email = 'cho@choice.example';
    const { page } = await joinProject(browser, desk, projectId, 'Cho Lead', email, 'coordinator');
    const { id: typeId } = await callOf(page, 'requestTypes.create', { projectId, name: 'Notes', rules: {} });

    await test.step('the editor says which stages always run, and which need another', async () => {
      await page.goto(`/p/${projectId}/types`);
      await page.getByRole('button', { name: 'Actions for Notes' }).click();
      await page.getByRole('menuitem', { name: 'Edit', exact: true }).click();
      const stages = page.getByRole('group', { name: 'Processing of the files' });
      const stage = (name: RegExp) => stages.getByRole('combobox', { name });
      await expect(stage(/^Checksum/)).toBeDisabled();
      await expect(stage(/^Checksum/)).toHaveValue('holds');
      await expect(stages).toContainText('Always runs: the receipt stands on it.');
      await stage(/^Inspection/).selectOption('Left out');
      await expect(stage(/^Rules of the type/)).toHaveValue('leftOut');
      await expect(stages).toContainText('Needs the stage “Inspection”.');
      await stage(/^Inspection/).selectOption('Only informs');
      await expect(stage(/^Rules of the type/)).toHaveValue('holds');
      await stage(/^Preview/).selectOption('Left out');
      await stage(/^Encode/).selectOption('Left out');
      await stage(/^Flash test/).selectOption('Only informs');
      await page.getByText('Limits of picture and sound').click();
      await page.getByLabel('Longest black (s)').fill('none');
      await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
      await page.getByLabel('Longest black (s)').fill('1.5');
      await expectAccessible(page, 'the stages of a type');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByRole('row', { name: /Notes/ })).toContainText(
        'Longest black: 1.5 s · Without: Encode (simulated), Preview · Only inform: Inspection, x-house.flashes',
      );
    });

    await test.step('the versions differ by what is left out', async () => {
      await page.goto(`/p/${projectId}/types/${typeId}/versions`);
      await expect(page.getByText('Removed: 0 · Added: 5')).toBeVisible();
      await expect(page.getByRole('listitem').filter({ hasText: 'Preview' })).toBeVisible();
    });

    await test.step('only the other stages run, and the papers say so', async () => {
      const { id: requestId } = await callOf(page, 'requests.create', { projectId, name: 'Notes', typeId });
      await upload(page, { projectId, requestId }, 'notes.txt', 'some words');
      const request = () => askOf(page, 'requests.get', { requestId });
      await expect.poll(async () => (await request()).possible.submit).toBeNull();
      await callOf(page, 'requests.submit', { requestId });
      await expect.poll(async () => (await request()).status).toBe('processed');
      const { files } = await askOf(page, 'requestFiles.list', { requestId });
      expect(files[0].stages.map(({ stage }: { stage: string }) => stage)).toEqual([
        'checksum',
        'inspect',
        'x-house.flashes',
      ]);
      expect(files[0].stages[2]).toMatchObject({ status: 'failed', informs: true });
      expect((await request()).processing).toMatchObject({ done: 1, failed: 0 });
      await page.goto(`/p/${projectId}/deliveries/${requestId}`);
      await expect(page.getByText('Flash test failed. It only informs: the file goes on')).toBeVisible();
      await expect(page.getByText('Needs attention')).toBeHidden();
      for (const paper of ['receipt', 'qc']) {
        await page.goto(`/p/${projectId}/deliveries/${requestId}/rounds/1/${paper}`);
        await expect(page.getByText('Stages asked for: Checksum, Inspection,')).toBeVisible();
        await expect(
          page.getByText('Left out by the type of the request: Preview, Encode (simulated)'),
        ).toBeVisible();
        await expect(page.getByText('Only inform when they fail: Inspection, Flash test')).toBeVisible();
      }
      await expect(page.getByRole('cell', { name: '(Only informs)' })).toBeVisible();
    });

    for (const each of [page, desk]) await each.context().close();
    rmSync(folder, { recursive: true });
  },
);
