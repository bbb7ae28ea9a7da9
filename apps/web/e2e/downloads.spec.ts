// Any selection is one download, for its owner and for everybody it is shared with.
import { spawnSync } from 'node:child_process';
import type { Download, Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';
import { act, barOf, rowOf, select } from './workspace-page.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let pat: Colleague;
let june: Colleague;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const desk = await browser.newPage({ baseURL: hub.address });
  await signIn(desk, owner);
  projectId = (await callOf(desk, 'projects.create', { name: 'Downloads' })).id as string;
  pat = await joinProject(browser, desk, projectId, 'Pat Down', 'pat@downloads.example');
  june = await joinProject(browser, desk, projectId, 'June Load', 'june@downloads.example');
  await desk.close();
  const { id: folderId } = await callOf(pat.page, 'workspace.createFolder', { projectId, name: 'Reel 東京' });
  for (const name of ['mix.wav', 'shot.0001.exr', 'shot.0002.exr'])
    await upload(pat.page, { projectId, folderId: folderId as string }, name, `the ${name}`);
  for (const name of ['notes.txt', 'cut.mov']) await upload(pat.page, { projectId }, name, `the ${name}`);
});
test.afterAll(async () => {
  for (const person of [pat, june]) await person?.page.context().close();
});

async function membersOf(download: Download): Promise<string[]> {
  const path = await download.path();
  expect(spawnSync('unzip', ['-tqq', path], { encoding: 'utf8' })).toMatchObject({ stdout: '', status: 0 });
  const script = 'import sys, zipfile; print("\\n".join(sorted(zipfile.ZipFile(sys.argv[1]).namelist())))';
  const { stdout } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' });
  return stdout.trim().split('\n');
}

async function downloadOf(page: Page, press: () => Promise<unknown>): Promise<Download> {
  const download = page.waitForEvent('download');
  await press();
  return download;
}

const reel = ['Reel 東京/mix.wav', 'Reel 東京/shot.0001.exr', 'Reel 東京/shot.0002.exr'];

test('downloads a selection as one ZIP, and a folder as another', { tag: ['@A29', '@C7'] }, async () => {
  const { page } = pat;
  await page.goto(`/p/${projectId}/workspace`);
  await expect(rowOf(page, 'notes.txt')).toContainText('Received');
  await select(page, 'Reel 東京', 'notes.txt', 'cut.mov');
  const all = await downloadOf(page, () => barOf(page).getByRole('button', { name: 'Download' }).click());
  expect(await membersOf(all)).toEqual([...reel, 'cut.mov', 'notes.txt']);
  const folder = await downloadOf(page, () => act(page, 'Reel 東京', /^Download$/));
  expect(folder.suggestedFilename()).toBe('Reel 東京.zip');
  expect(await membersOf(folder)).toEqual(reel);
});

test(
  'a recipient downloads folders and sequences until the share ends',
  { tag: ['@A29', '@A11'] },
  async () => {
    const { entries } = await askOf(pat.page, 'workspace.list', { projectId });
    const folder = (entries as { id: string; name: string }[]).find(({ name }) => name.startsWith('Reel'))!;
    const share = { projectId, entryIds: [folder.id], people: [june.email] };
    await callOf(pat.page, 'shares.create', share);
    const { page } = june;
    await page.goto(`/p/${projectId}/workspace?shared`);
    const whole = await downloadOf(page, () => act(page, 'Reel 東京', /^Download$/));
    expect(await membersOf(whole)).toEqual(reel);
    await page.goto(`/p/${projectId}/workspace/${folder.id}`);
    const frames = await downloadOf(page, () => act(page, 'shot.[0001-0002].exr', /^Download$/));
    expect(await membersOf(frames)).toEqual(['shot.0001.exr', 'shot.0002.exr']);
  },
);

test(
  'a folder comes straight into a folder of the computer, and continues there',
  { tag: '@C7' },
  async () => {
    const { page } = pat;
    // No test can answer the browser's own question for a folder. The private files of the page have the same interface.
    await page.addInitScript(() => {
      Object.assign(window, { showDirectoryPicker: () => navigator.storage.getDirectory() });
    });
    await page.goto(`/p/${projectId}/workspace`);
    const panel = page.getByRole('region', { name: 'Downloads to a folder' });
    await act(page, 'Reel 東京', 'Download to a folder…');
    await expect(panel).toContainText('3 files saved. Their checksums match.');
    await expectAccessible(page, 'the downloads to a folder');
    const contents = () =>
      page.evaluate(async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('Reel 東京');
        const read = async (name: string) => (await (await folder.getFileHandle(name)).getFile()).text();
        return Promise.all(['mix.wav', 'shot.0001.exr', 'shot.0002.exr'].map(read));
      });
    expect(await contents()).toEqual(['the mix.wav', 'the shot.0001.exr', 'the shot.0002.exr']);

    // One file was changed since, and is fetched again. The others are there.
    await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('Reel 東京');
      const writer = await (await folder.getFileHandle('mix.wav')).createWritable();
      await writer.write('the mix.mov');
      await writer.close();
    });
    await panel.getByRole('button', { name: 'Close' }).click();
    await expect(panel).toBeHidden();
    await act(page, 'Reel 東京', 'Download to a folder…');
    await expect(panel).toContainText('3 files match their checksums; 2 of them were already there.');
    expect((await contents())[0]).toBe('the mix.wav');
  },
);
