import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listWorkspaceInput } from '@turnover/domain/workspace/entries';
import { maxPathDepth } from '@turnover/domain/names/names';
import type { z } from 'zod';
import type { PersonContext } from '../context.ts';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { listTrash as listTrashPage } from './trash-list.ts';
import { moveEntries } from './move.ts';
import { removeEntries, removeEntry, restoreEntry } from './trash.ts';
import { createFolder, createFolders, renameEntry } from './workspace.ts';
import { listWorkspace as listPage } from '../entries/list.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const listWorkspace = (ctx: PersonContext, input: z.input<typeof listWorkspaceInput>) =>
  listPage(ctx, listWorkspaceInput.parse(input));
const listTrash = (ctx: PersonContext, input: { projectId: string; limit: number }) =>
  listTrashPage(ctx, input).entries;
const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const folder = (name: string, parentId: string | null = null) =>
  createFolder(scene.ctx, { projectId: scene.project.id, parentId, name });
const trash = () => listTrash(scene.ctx, { projectId: scene.project.id, limit: 10 }).map(({ name }) => name);
const file = async (filename = 'cut.mov', folderId: string | null = null) => {
  await scene.send({ filename, folderId });
  return scene.list(folderId).find(({ name }) => name === filename)!;
};

describe('the list', () => {
  test('contains folders first, then names in order, page by page, each entry once', async () => {
    for (const filename of ['b.mov', 'A.mov', 'ä.mov', '10.mov', '9.mov']) await file(filename);
    for (const name of ['zoo', 'Aardvark', 'B']) folder(name);
    const found: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = listWorkspace(scene.ctx, {
        projectId: scene.project.id,
        folderId: null,
        limit: 3,
        cursor,
      });
      expect(page.entries.length).toBeLessThanOrEqual(3);
      found.push(...page.entries.map(({ name }) => name));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(['Aardvark', 'B', 'zoo', '9.mov', '10.mov', 'A.mov', 'ä.mov', 'b.mov']);
  });

  test('shows the path to a folder and the counts of each folder', async () => {
    const reel = folder('Reel 1');
    const frames = folder('frames', reel.id);
    await file('a.dpx', frames.id);
    const removed = await file('b.dpx', frames.id);
    removeEntry(scene.ctx, scene.entry(removed.id));
    const { path, entries } = listWorkspace(scene.ctx, {
      projectId: scene.project.id,
      folderId: reel.id,
      limit: 10,
    });
    expect(path).toEqual([{ id: reel.id, name: 'Reel 1', kind: 'folder' }]);
    expect(entries).toMatchObject([{ name: 'frames', items: 1, files: 1, sizeBytes: 5, state: null }]);
    expect(scene.list(frames.id)).toMatchObject([
      { name: 'a.dpx', items: null, mediaKind: 'frame', sizeBytes: 5 },
    ]);
  });

  test.each(['', 'x', '[]', '[0]', '["0","a"]', 'null', '{"a":1}'])(
    'refuses the cursor %j',
    async (cursor) => {
      const input = { projectId: scene.project.id, folderId: null, limit: 1, cursor };
      if (cursor === '') expect(listWorkspace(scene.ctx, input).entries).toEqual([]);
      else expect(await codeOf(() => listWorkspace(scene.ctx, input))).toBe('invalid_input');
    },
  );

  test('is visible only to its owner, whatever role others have', async () => {
    const { hub, people, project } = scene;
    const mine = folder('Mine');
    const owner = hub.createPerson({ isOwner: true, project, role: 'coordinator' });
    for (const other of [owner, people.coordinator, people.uploader]) {
      const input = { projectId: project.id, folderId: null, limit: 10 };
      expect(listWorkspace(hub.as(other), input).entries).toEqual([]);
      expect(await codeOf(() => listWorkspace(hub.as(other), { ...input, folderId: mine.id }))).toBe(
        'not_found',
      );
      expect(listTrash(hub.as(other), { projectId: project.id, limit: 10 })).toEqual([]);
    }
    const input = { projectId: project.id, folderId: null, limit: 10 };
    expect(await codeOf(() => listWorkspace(hub.as(people.reviewer), input))).toBe('forbidden');
    expect(await codeOf(() => listWorkspace(hub.as(hub.createPerson()), input))).toBe('not_found');
    expect(await codeOf(() => listTrash(hub.as(hub.createPerson()), input))).toBe('not_found');
  });
});

describe('names', () => {
  test('of folders are checked like those of files', async () => {
    await file('Reel');
    await scene.begin({ filename: 'Frames' });
    for (const name of ['REEL', 'frames']) expect(await codeOf(() => folder(name))).toBe('name_taken');
    for (const name of ['', '..', 'a/b', 'NUL'])
      expect(await codeOf(() => folder(name))).toBe('name_invalid');
  });

  test('can change in case, but not to a name that is taken or being uploaded', async () => {
    const cut = await file();
    await file('other.mov');
    await scene.begin({ filename: 'coming.mov' });
    const rename = (name: string) => renameEntry(scene.ctx, scene.entry(cut.id), name).name;
    expect(rename('CUT.mov')).toBe('CUT.mov');
    for (const name of ['OTHER.mov', 'coming.MOV'])
      expect(await codeOf(() => rename(name))).toBe('name_taken');
    expect(await codeOf(() => rename('..'))).toBe('name_invalid');
    expect(rename('final.mov')).toBe('final.mov');
  });

  test('can repeat in every folder, and folders have a maximum depth', async () => {
    const relativePath = `${'same/'.repeat(maxPathDepth - 1)}cut.mov`;
    const upload = await scene.begin({ relativePath });
    const deepest = folder('same', scene.rowOf(upload).folderId);
    expect(await refusalOf(() => folder('same', deepest.id))).toMatchObject({
      code: 'name_invalid',
      details: { problem: 'too_deep' },
    });
  });

  test('signals changes to the owner only', async () => {
    const cut = await file();
    const signals = await scene.eventsOf(() => {
      folder('Reel');
      renameEntry(scene.ctx, scene.entry(cut.id), 'final.mov');
      removeEntry(scene.ctx, scene.entry(cut.id));
      restoreEntry(scene.ctx, scene.entry(cut.id, 'trashed'));
    });
    expect(signals).toEqual(Array.from({ length: 4 }, () => 'workspace.changed to its owner'));
  });
});

describe('the trash', () => {
  test('hides a folder and everything in it until it is restored', async () => {
    const reel = folder('Reel');
    const inside = await file('a.dpx', reel.id);
    removeEntry(scene.ctx, scene.entry(reel.id));
    expect(await codeOf(() => scene.entry(inside.id))).toBe('not_found');
    expect(await codeOf(() => scene.list(reel.id))).toBe('not_found');
    expect(await codeOf(() => folder('new', reel.id))).toBe('changed_meanwhile');
    expect(trash()).toEqual(['Reel']);
    restoreEntry(scene.ctx, scene.entry(reel.id, 'trashed'));
    expect(scene.names(reel.id)).toEqual(['a.dpx']);
    expect(trash()).toEqual([]);
  });

  test('frees the name, and restores nothing when the name is taken', async () => {
    const first = await file();
    removeEntry(scene.ctx, scene.entry(first.id));
    await file();
    expect(await refusalOf(() => restoreEntry(scene.ctx, scene.entry(first.id, 'trashed')))).toEqual({
      code: 'name_taken',
      details: { name: 'cut.mov' },
    });
    expect(trash()).toEqual(['cut.mov']);
  });

  test('restores to the root when the folder is gone', async () => {
    const reel = folder('Reel');
    const inside = await file('a.dpx', reel.id);
    removeEntry(scene.ctx, scene.entry(inside.id));
    removeEntry(scene.ctx, scene.entry(reel.id));
    restoreEntry(scene.ctx, scene.entry(inside.id, 'trashed'));
    expect(scene.names()).toEqual(['a.dpx']);
  });

  test('deletes none of many entries when one of them belongs to another person', async () => {
    const { ctx, project, people } = scene;
    const mine = Array.from({ length: 51 }, (_, index) => scene.createEntry(ctx.person, `${index}`));
    const entryIds = [...mine, scene.createEntry(people.coordinator, 'Theirs')];
    expect(await codeOf(() => removeEntries(ctx, project.id, { entryIds }))).toBe('not_found');
    expect([trash(), scene.list().length]).toEqual([[], 51]);
  });

  test('neither restores entries nor creates folders deeper than allowed', async () => {
    const { ctx, hub, project } = scene;
    const [moved, removed] = [folder('Moved'), folder('Removed')];
    folder('Inside', removed.id);
    const input = { projectId: project.id, onCollision: 'refuse' } as const;
    const moving = (id: string, folderId: string) =>
      moveEntries(ctx, { ...input, selection: { entryIds: [id] }, folderId });
    await moving(removed.id, moved.id);
    removeEntry(ctx, scene.entry(removed.id));
    const path = [...Array.from({ length: maxPathDepth - 3 }, () => 'd'), 'Deepest'].join('/');
    await createFolders(ctx, { projectId: project.id, folderId: null, paths: [path] });
    const deepest = hub.db.$client.prepare("select id from entries where name = 'Deepest'").pluck().get();
    await moving(moved.id, String(deepest));
    const making = () => createFolders(ctx, { projectId: project.id, folderId: moved.id, paths: ['a/b'] });
    expect(await codeOf(making)).toBe('name_invalid');
    expect(await codeOf(() => restoreEntry(ctx, removed))).toBe('name_invalid');
    expect([scene.list(moved.id), trash()]).toEqual([[], ['Removed']]);
  });

  test('accepts each deletion and each restore only once', async () => {
    const cut = scene.entry((await file()).id);
    removeEntry(scene.ctx, cut);
    expect(await codeOf(() => removeEntry(scene.ctx, cut))).toBe('changed_meanwhile');
    restoreEntry(scene.ctx, cut);
    expect(await codeOf(() => restoreEntry(scene.ctx, cut))).toBe('not_found');
  });
});
