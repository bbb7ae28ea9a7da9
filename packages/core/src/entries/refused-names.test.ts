import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFromWorkspace } from '../workspace/deliver.ts';
import { checkArriving } from '../requests/rule-checks.ts';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { createFolder, renameEntry } from '../workspace/workspace.ts';

let scene: UploadScene;
beforeAll(async () => {
  scene = await uploadScene();
});
afterAll(() => scene.close());

test.each([
  ['Some Club e. V.', 'Some Club e. V'],
  ['10:30', '10-30'],
  ['a\u202eb', 'ab'],
  ['a\u061cb', 'ab'],
  ['a\u206ab', 'ab'],
  ['NUL', 'NUL_'],
  ['\u3164', '_'],
])('refuses the folder name %j and suggests another', async (name, suggestion) => {
  const { projectId } = scene.wanted();
  const refusal = await refusalOf(() => createFolder(scene.ctx, { projectId, parentId: null, name }));
  expect(refusal).toMatchObject({ code: 'name_invalid', details: { suggestion } });
});

test('states by how much a name is too long, and suggests a shorter one with the same ending', async () => {
  const filename = `${'x'.repeat(290)}_v02.1001.exr`;
  const { details } = await refusalOf(() => scene.begin({ filename }));
  expect(details).toMatchObject({ problem: 'too_long', bytes: 303, most: 255, over: 48 });
  expect(details.suggestion).toMatch(/^x+_v02\.1001\.exr$/);
  await scene.begin({ filename: String(details.suggestion) });
});

test('names the invalid part of a path, and suggests a whole path', async () => {
  const relativePath = 'Some Club e. V./10:30/a.mov';
  expect(await refusalOf(() => scene.begin({ filename: 'a.mov', relativePath }))).toMatchObject({
    code: 'name_invalid',
    details: {
      name: 'Some Club e. V.',
      suggestion: 'Some Club e. V',
      suggestedPath: 'Some Club e. V/10-30/a.mov',
    },
  });
});

test.each(['.DS_Store', 'Icon\r', 'Thumbs.db', '~$notes.docx', '.nfs00000000019e1f0f'])(
  'refuses %j in a request as a system file, with rules or without; in a Workspace it is an ordinary name',
  async (filename) => {
    for (const { id } of [scene.createRequest(), scene.createRequest({ name: 'Second' })]) {
      const refusal = await refusalOf(() => scene.begin({ filename, requestId: id }));
      expect(refusal).toMatchObject({
        code: 'rules_unmet',
        details: { rule: 'system_file', path: filename },
      });
      const nested = { filename, relativePath: `Card/${filename}`, requestId: id };
      expect((await refusalOf(() => scene.begin(nested))).details.rule).toBe('system_file');
    }
    if (filename !== 'Icon\r') await scene.begin({ filename });
  },
);

test('warns API clients of the same problems before the first byte, and of names that only need attention', async () => {
  const files = ['Card/@eaDir/a.jpg', 'a.mov.part', 'shot\u202f1.mov', 'shot 1.mov', 'b.mov'].map((path) => ({
    path,
    sizeBytes: 1,
  }));
  const { findings, counts } = await checkArriving(scene.ctx, scene.createRequest(), files);
  expect(findings.map(({ rule, verdict }) => `${rule} ${verdict}`)).toEqual([
    'system_file blocking',
    'unfinished_file note',
    'hidden_characters note',
    'look_alike note',
  ]);
  expect(counts).toMatchObject({ blocking: 1, note: 3 });
});

test('leaves out and counts system files in a delivery from a Workspace, and refuses a selection that contains only such files', async () => {
  const { people, createEntry, createAsset } = scene;
  const folder = createEntry(people.partner, 'Card');
  const put = (name: string) =>
    createEntry(people.partner, name, { parentId: folder, assetId: createAsset(name) });
  const store = put('.DS_Store');
  put('a.mov');
  const request = scene.createRequest();
  const deliver = (entryIds: string[]) =>
    addFromWorkspace(scene.ctx, request, { entryIds, replace: false, clearExisting: false });
  expect(await deliver([folder])).toMatchObject({ added: 1, replaced: 0, leftOut: 1 });
  expect(scene.pathsIn(request)).toEqual(['Card/a.mov']);
  expect(await refusalOf(() => deliver([store]))).toMatchObject({
    code: 'rules_unmet',
    details: { rule: 'system_file' },
  });
});

test('keeps a name with hidden characters exactly as it is', async () => {
  const folder = createFolder(scene.ctx, {
    projectId: scene.wanted().projectId,
    parentId: null,
    name: 'Reel',
  });
  expect(renameEntry(scene.ctx, folder, 'Reel\u00a01').name).toBe('Reel\u00a01');
});
