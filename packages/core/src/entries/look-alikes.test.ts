import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRequestFiles } from '../requests/files/list.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { createFolder, renameEntry } from '../workspace/workspace.ts';
import { findInWorkspace, listWorkspace } from './list.ts';
import { listWorkspaceInput } from '@turnover/domain/workspace/entries';

let scene: UploadScene;
beforeAll(async () => {
  scene = await uploadScene();
});
afterAll(() => scene.close());

const plain = 'Screenshot 3.45 PM.png';
const narrow = 'Screenshot 3.45\u202fPM.png';
const noBreak = 'Screenshot 3.45\u00a0PM.png';

const newFolder = (name: string) =>
  createFolder(scene.ctx, { projectId: scene.wanted().projectId, parentId: null, name }).id;
const list = (folderId: string, filter = '') =>
  listWorkspace(
    scene.ctx,
    listWorkspaceInput.parse({ projectId: scene.wanted().projectId, folderId, filter, limit: 100 }),
  ).entries;
const looks = (folderId: string) =>
  Object.fromEntries(list(folderId).map(({ name, looksLike }) => [name, looksLike]));

test('entries of one folder that look alike refer to each other as long as both exist', async () => {
  const folderId = newFolder('alike');
  const elsewhere = newFolder('elsewhere');
  await scene.send({ filename: narrow, folderId });
  await scene.send({ filename: plain, folderId: elsewhere });
  expect(looks(folderId)).toEqual({ [narrow]: null });
  await scene.send({ filename: noBreak, folderId });
  expect(looks(folderId)).toEqual({ [narrow]: noBreak, [noBreak]: narrow });
  await scene.send({ filename: plain, folderId });
  expect(looks(folderId)).toMatchObject({ [narrow]: plain, [noBreak]: plain });
  expect(looks(folderId)[plain]).toMatch(/^Screenshot/);
  expect(looks(elsewhere)).toEqual({ [plain]: null });
  for (const entry of list(folderId).filter(({ name }) => name !== plain)) {
    expect(entry.visibleName).toMatch(/⟨N?NBSP⟩/);
    renameEntry(scene.ctx, entry, `${entry.id}.png`);
  }
  expect(looks(folderId)[plain]).toBeNull();
});

test('sequences that look alike refer to each other by their pattern', async () => {
  const folderId = newFolder('sequences');
  for (const stem of ['shot 1', 'shot\u20091'])
    for (const frame of [1001, 1002]) await scene.send({ filename: `${stem}.${frame}.exr`, folderId });
  expect(looks(folderId)).toEqual({
    'shot 1.####.exr': 'shot\u20091.####.exr',
    'shot\u20091.####.exr': 'shot 1.####.exr',
  });
});

test.each([
  ['3.45 PM', [plain, narrow, noBreak]],
  ['3.45\u00a0pm', [plain, narrow, noBreak]],
  ['screenshot', [plain, narrow, noBreak, 'Screen\u200bshot.png', 'S\u0441reenshot.png']],
  ['sc', [plain, narrow, noBreak, 'Screen\u200bshot.png', 'S\u0441reenshot.png']],
  ['\u200b', ['Screen\u200bshot.png']],
  ['take-2', ['take\u20112.wav']],
  ['nothing', []],
])('a list filtered by %j contains names that look alike', async (filter, expected) => {
  const folderId = newFolder(`found by ${encodeURIComponent(filter).replaceAll('%', '_')}`);
  for (const filename of [
    plain,
    narrow,
    noBreak,
    'Screen\u200bshot.png',
    'S\u0441reenshot.png',
    'take\u20112.wav',
  ])
    await scene.send({ filename, folderId });
  const names = list(folderId, filter).map(({ name }) => name);
  expect(new Set(names)).toEqual(new Set(expected));
  const input = {
    projectId: scene.wanted().projectId,
    folderId,
    order: { column: 'name', descending: false },
  } as const;
  const found = await findInWorkspace(scene.ctx, {
    ...input,
    filter: '',
    text: filter,
    from: 0,
    backwards: false,
  });
  expect(found.matches).toBe(expected.length);
});

test('look-alike files of a request refer to each other, and a plain space finds them, but only for people who may see both', async () => {
  const request = scene.createRequest();
  for (const filename of [plain, narrow])
    await scene.send({ filename, relativePath: `Reel\u00a01/${filename}`, requestId: request.id });
  const files = (search?: string, ctx = scene.ctx) =>
    listRequestFiles(ctx, request, { limit: 10, search }).files;
  expect(files('reel 1/screenshot 3.45 pm').map(({ name, looksLike }) => [name, looksLike])).toEqual([
    [plain, `Reel\u00a01/${narrow}`],
    [narrow, `Reel\u00a01/${plain}`],
  ]);
  expect(files()[1]!.visibleName).toBe('Screenshot 3.45⟨NNBSP⟩PM.png');
  const uploader = scene.hub.as(scene.people.uploader);
  await scene.send(
    { filename: noBreak, relativePath: `Reel\u00a01/${noBreak}`, requestId: request.id },
    'x',
    uploader,
  );
  expect(files(undefined, uploader).map(({ name, looksLike }) => [name, looksLike])).toEqual([
    [noBreak, null],
  ]);
});
