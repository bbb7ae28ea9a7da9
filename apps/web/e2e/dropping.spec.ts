// Files and folders dropped by the browser: unreadable files, empty folders, system files, and names that have to change.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { drop } from './dropping.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

let folder: string;
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-drop-'));
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, 'x');
  return whole;
}

test(
  'uploads readable files, reports the others, and asks about names once per folder',
  { tag: '@A5' },
  async ({ browser, page: desk, owner, signIn }) => {
    await signIn(desk, owner);
    const id = (await callOf(desk, 'projects.create', { name: 'Dropped Light' })).id as string;
    const { page } = await joinProject(browser, desk, id, 'Dana Ruiz', 'dana@example.com');
    await page.goto(`/p/${id}/workspace`);
    await expect(page.getByRole('button', { name: 'Upload' }).first()).toBeVisible();
    const tray = page.getByRole('region', { name: 'Uploads' });
    const link = (name: string) => page.getByRole('link', { name, exact: true });

    await test.step('uploads five of six files and lists the dead link', async () => {
      symlinkSync(join(folder, 'nowhere'), join(folder, 'dead.mov'));
      const good = [1, 2, 3, 4, 5].map((number) => put(`good${number}.mov`));
      await drop(page, [...good, join(folder, 'dead.mov')]);
      await expect(tray.getByText('5 of 6 could be read')).toBeVisible();
      await expect(page.getByText('good5.mov').first()).toBeVisible();
      await tray.getByRole('button', { name: 'Show list' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByText('dead.mov')).toBeVisible();
      await expect(dialog.getByText(/Not found/)).toBeVisible();
      await dialog.getByRole('button', { name: 'Close' }).last().click();
      await tray.getByRole('button', { name: 'Dismiss' }).click();
    });

    await test.step('keeps empty folders and drops system litter', async () => {
      put('Delivery/01_Picture/a.mov');
      put('Delivery/Icon\r');
      mkdirSync(join(folder, 'Delivery/02_Sound'));
      await drop(page, [join(folder, 'Delivery')]);
      await link('Delivery').click();
      await expect(link('01_Picture')).toBeVisible();
      await expect(link('02_Sound')).toBeVisible();
      await expect(page.getByText('Icon', { exact: true })).toHaveCount(0);
      await page.goBack();
    });

    await test.step('asks once about a folder name', async () => {
      put('Some Club e. V./a.mov');
      put('Some Club e. V/b.mov');
      await expect(link('Delivery')).toBeVisible();
      await drop(page, [join(folder, 'Some Club e. V.'), join(folder, 'Some Club e. V')]);
      const dialog = page.getByRole('dialog');
      const name = dialog.getByLabel('New name of the folder');
      await expect(name).toHaveValue('Some Club e. V (2)');
      await name.fill('Some Club e. V');
      await expect(dialog.getByText(/Something else already has this name/)).toBeVisible();
      await name.fill('Some Club');
      await dialog.getByRole('button', { name: 'Use this name and upload' }).click();
      await expect(link('Some Club')).toBeVisible();
      // A long name is displayed in two parts, so the accessible name of its link contains a space between them.
      await expect(page.getByRole('row').filter({ hasText: 'Some Club e. V' })).toBeVisible();
    });
    await page.context().close();
  },
);
