// The files of a request on its own page: sequences are one row, which opens, filters, and is removed as a whole.
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, ownProject, upload, type Colleague } from './people.ts';

let projectId: string;
let requestId: string;
let lead: Colleague;
let pat: Colleague;
let ownerPage: Page;

const delivered = (page: Page) => page.getByRole('grid', { name: 'Delivered files' });
const rows = (page: Page) => delivered(page).locator('[data-row]');
const frames = ['plates/shot.1001.exr', 'plates/shot.1002.exr', 'plates/shot.1004.exr'];

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  ({ ownerPage, projectId } = await ownProject({ browser, hub, owner, signIn }, 'Folded'));
  pat = await joinProject(browser, ownerPage, projectId, 'Pat Folder', 'pat@folded.example');
  lead = await joinProject(
    browser,
    ownerPage,
    projectId,
    'Cora Folder',
    'cora@folded.example',
    'coordinator',
  );
  const { id: userId } = await askOf(pat.page, 'account.get');
  const request = { projectId, name: 'Plates', assignees: [{ userId }] };
  requestId = (await callOf(lead.page, 'requests.create', request)).id as string;
  for (const path of [...frames, 'mix.wav', 'notes/list.txt'])
    await upload(pat.page, { projectId, requestId }, path, `bytes of ${path}`);
});
test.afterAll(async () => {
  for (const page of [lead?.page, pat?.page, ownerPage]) await page?.context().close();
});

test('a sequence is one row, which can be opened, sorted, filtered, removed and restored as a whole', async () => {
  const { page } = pat;
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await expect(rows(page)).toHaveCount(3);
  const sequence = rows(page).filter({ hasText: 'plates/shot.[' });
  await expect(sequence).toContainText('plates/shot.[1001-1004].exr');
  await expect(sequence).toContainText('missing: 1003');
  await expect(rows(page).filter({ hasText: 'notes/list.txt' })).toBeVisible();
  await expectAccessible(page, 'a request with a sequence');

  await test.step('sorts in both directions', async () => {
    const name = delivered(page).getByRole('columnheader', { name: 'Name' }).getByRole('button');
    await expect(rows(page).first()).toContainText('mix.wav');
    await name.click();
    await expect(rows(page).first()).toContainText('plates/shot');
  });

  await test.step('filters by any of its frames, and opens and closes by keys', async () => {
    await page.getByRole('searchbox').fill('1002');
    await expect(rows(page)).toHaveCount(1);
    await rows(page).first().focus();
    await page.keyboard.press('Enter');
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).first()).toBeFocused();
    await expect(rows(page).first()).toContainText('shot.1001.exr');
    await expect(page.getByRole('searchbox')).toHaveValue('');
    await page.keyboard.press('Backspace');
    await expect(sequence).toBeFocused();
  });

  await test.step('a frame is shown in the panel', async () => {
    await sequence.getByRole('button', { name: /shot/ }).first().click();
    await rows(page)
      .filter({ hasText: 'shot.1002.exr' })
      .click({ position: { x: 300, y: 12 } });
    await expect(page.getByRole('complementary', { name: 'Details panel' })).toContainText('shot.1002.exr');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'All files' }).click();
    await expect(rows(page)).toHaveCount(3);
  });

  await test.step('F2 edits the name of one file, and the next file is only shown', async () => {
    const panel = page.getByRole('complementary', { name: 'Details panel' });
    await rows(page).filter({ hasText: 'mix.wav' }).focus();
    await page.keyboard.press('F2');
    await expect(panel.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await panel.getByRole('button', { name: 'Cancel' }).click();
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
    await rows(page).filter({ hasText: 'list.txt' }).focus();
    await page.keyboard.press('Enter');
    await expect(panel).toContainText('list.txt');
    await expect(panel.locator(':focus')).toHaveCount(1);
    await expect(panel.getByRole('textbox', { name: 'Name' })).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
  });

  await test.step('removing it names it and its files, and undo brings all of them back', async () => {
    await sequence.getByRole('button', { name: /^Actions for shot/ }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove “shot.[1001-1004].exr” with its 3 files?' });
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(rows(page)).toHaveCount(3);
  });

  await test.step('a selection counts the frames', async () => {
    await page.getByRole('checkbox', { name: /^Select plates\/shot/ }).check();
    await page.getByRole('checkbox', { name: 'Select mix.wav' }).check();
    await page.getByRole('button', { name: 'Remove selected files' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove 4 files?' });
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await expect(rows(page)).toHaveCount(1);
    const { files } = await askOf(page, 'requestFiles.list', { requestId });
    expect(files.map(({ name }: { name: string }) => name)).toEqual(['list.txt']);
  });
});
