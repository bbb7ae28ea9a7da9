import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkNames } from './checked-names.ts';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { createFolder, createFolders } from '../workspace/workspace.ts';

let scene: UploadScene;
let projectId: string;
beforeAll(async () => {
  scene = await uploadScene();
  ({ projectId } = scene.wanted());
});
afterAll(() => scene.close());

const newFolder = (name: string, parentId: string | null = null) =>
  createFolder(scene.ctx, { projectId, parentId, name }).id;
const check = async (folderId: string | null, ...paths: string[]) =>
  Object.fromEntries(
    (await checkNames(scene.ctx, { projectId, folderId, paths })).map((each) => [each.path, each]),
  );

test('creates missing folders, also empty ones, and keeps those that exist in any case', async () => {
  const folderId = newFolder('Delivery');
  const docs = newFolder('03_docs', folderId);
  await scene.send({ filename: 'a.mov', relativePath: '01_Picture/a.mov', folderId });
  const paths = ['01_Picture', '02_Sound', '03_Docs/Old', '03_Docs'];
  expect(await createFolders(scene.ctx, { projectId, folderId, paths })).toEqual({ folders: 4 });
  expect(scene.names(folderId)).toEqual(['01_Picture', '02_Sound', '03_docs']);
  expect(scene.names(docs)).toEqual(['Old']);
  await createFolders(scene.ctx, { projectId, folderId, paths });
  expect(scene.names(folderId)).toHaveLength(3);
});

test('creates no folder when one name is not allowed', async () => {
  const folderId = newFolder('Refused');
  const make = (...paths: string[]) =>
    refusalOf(() => createFolders(scene.ctx, { projectId, folderId, paths }));
  expect(await make('good', 'Some Club e. V.')).toMatchObject({
    code: 'name_invalid',
    details: { suggestion: 'Some Club e. V' },
  });
  expect(scene.names(folderId)).toEqual([]);
  await scene.send({ filename: 'a', folderId });
  expect(await make('a/b')).toMatchObject({ code: 'name_taken' });
});

test('checks names before an upload', async () => {
  const folderId = newFolder('Checked');
  const inner = newFolder('Reel 1', folderId);
  await scene.send({ filename: 'cut 1.mov', folderId: inner });
  await scene.begin({ filename: 'coming.mov', folderId: inner });
  for (const frame of [1, 2]) await scene.send({ filename: `shot.000${frame}.exr`, folderId });
  const found = await check(
    folderId,
    'reel 1',
    'Reel 1/CUT 1.mov',
    'Reel 1/cut\u202f1.mov',
    'Reel 1/COMING.mov',
    'Reel\u00a01',
    'shot.0001.exr',
    'new/a.mov',
    'Club e. V./.DS_Store',
    'a.part',
  );
  expect(found).toMatchObject({
    'reel 1': { taken: 'folder', looksLike: null, problem: null, suggestion: null, visibleName: null },
    'Reel 1/CUT 1.mov': { taken: 'file', looksLike: null },
    'Reel 1/cut\u202f1.mov': {
      taken: null,
      looksLike: 'cut 1.mov',
      problem: null,
      suggestion: 'Reel 1/cut 1.mov',
      visibleName: 'Reel 1/cut⟨NNBSP⟩1.mov',
    },
    'Reel 1/COMING.mov': { taken: 'file' },
    'Reel\u00a01': { taken: null, looksLike: 'Reel 1' },
    'shot.0001.exr': { taken: 'file' },
    'new/a.mov': { taken: null, looksLike: null },
    'Club e. V./.DS_Store': { problem: 'ending', suggestion: 'Club e. V/.DS_Store', litter: 'system' },
    'a.part': { litter: 'unfinished' },
  });
});

test('checks names in a request, and reveals no names that the person may not see', async () => {
  const { id: requestId } = scene.createRequest();
  await scene.send({ filename: 'a.mov', relativePath: 'Reel 1/a.mov', requestId });
  const paths = ['reel 1', 'Reel 1/A.mov', 'Reel 1/\u0430.mov', 'b.mov'];
  const check = async (ctx = scene.ctx) =>
    (await checkNames(ctx, { projectId, requestId, paths })).map(({ taken, looksLike }) => [
      taken,
      looksLike,
    ]);
  expect(await check()).toEqual([
    ['folder', null],
    ['file', null],
    [null, 'Reel 1/a.mov'],
    [null, null],
  ]);
  expect((await check(scene.hub.as(scene.people.uploader)))[2]).toEqual([null, null]);
  const stranger = scene.hub.as(scene.hub.createPerson());
  expect(await refusalOf(() => checkNames(stranger, { projectId, requestId, paths }))).toMatchObject({
    code: 'not_found',
  });
  expect(await refusalOf(() => checkNames(stranger, { projectId, folderId: null, paths }))).toMatchObject({
    code: 'not_found',
  });
});

test('refuses to check names in a request of another project', async () => {
  const { hub, ctx } = scene;
  const { id: requestId } = scene.createRequest();
  const elsewhere = hub.createProject();
  hub.addMember(elsewhere, ctx.person, 'partner');
  const ofBoth = { projectId: elsewhere.id, requestId, paths: ['a.mov'] };
  expect((await refusalOf(() => checkNames(ctx, ofBoth))).code).toBe('not_found');
  expect(await checkNames(ctx, { ...ofBoth, projectId })).toMatchObject([{ path: 'a.mov' }]);
});

test('states what has a taken name, as far as the person may see it', async () => {
  const { ctx, people, hub } = scene;
  const folderId = newFolder('Present');
  await scene.send({ filename: 'a.mov', folderId, modifiedAt: 1234 });
  await scene.begin({ filename: 'b.mov', folderId, sizeBytes: 7 });
  const found = await check(folderId, 'A.mov', 'b.mov', 'c.mov', 'Present');
  const by = { id: ctx.person.id };
  const arrivedAt = hub.clock.now;
  expect(found['A.mov']!.present).toMatchObject({
    sizeBytes: 5,
    modifiedAt: 1234,
    arrivedAt,
    by,
    state: 'verifying',
  });
  expect(found['b.mov']!.present).toMatchObject({
    sizeBytes: 7,
    modifiedAt: null,
    arrivedAt: null,
    state: 'uploading',
  });
  expect(found['c.mov']!.present).toBeNull();
  const { id: requestId } = scene.createRequest();
  await scene.send({ requestId, filename: 'a.mov' });
  const inRequest = async (as = ctx) => (await checkNames(as, { projectId, requestId, paths: ['a.mov'] }))[0];
  expect(await inRequest()).toMatchObject({ taken: 'file', present: { sizeBytes: 5, by, canReplace: true } });
  expect(await inRequest(hub.as(people.uploader))).toMatchObject({ taken: 'file', present: null });
});
