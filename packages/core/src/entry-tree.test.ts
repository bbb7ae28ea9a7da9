import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HubError } from '@turnover/domain/errors';
import { listWorkspaceInput } from '@turnover/domain/entries';
import { createShareInput } from '@turnover/domain/shares';
import { frameNameOf } from '@turnover/domain/sequences';
import { requestScene, type RequestScene } from './testing-requests.ts';
import { createShares } from './shares.ts';
import { createFolder, getEntry, removeEntry, renameEntry, restoreEntry } from './workspace.ts';
import { loadEntry } from './entry-access.ts';
import { placeFor } from './workspace-folders.ts';
import { listWorkspace } from './workspace-list.ts';
import { moveEntries } from './workspace-move.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const ctx = () => scene.hub.as(scene.people.partner);
const file = (name: string, parentId: string | null = null, content = 'x') =>
  scene.createEntry(scene.people.partner, name, { parentId, assetId: scene.createAsset(content) });
const folder = (name: string, parentId: string | null = null) =>
  createFolder(ctx(), { projectId: scene.project.id, parentId, name }).id;
const list = (folderId: string | null = null) =>
  listWorkspace(ctx(), listWorkspaceInput.parse({ projectId: scene.project.id, folderId })).entries;
const remove = (id: string) => removeEntry(ctx(), { id, projectId: scene.project.id });
const move = (id: string, folderId: string | null) =>
  moveEntries(ctx(), {
    ...{ projectId: scene.project.id, selection: { entryIds: [id] }, folderId, onCollision: 'refuse' },
  });

describe('a sequence', () => {
  test('begins with the second frame of a pattern, whatever comes first, and holds every further one', () => {
    const second = file('shot.1002.exr', null, 'xx');
    file('SHOT.1001.exr');
    file('shot.1005.exr');
    file('shot.01.exr');
    file('other.1001.exr');
    expect(list()).toMatchObject([
      { name: 'other.1001.exr', kind: 'file', frames: null },
      {
        ...{ kind: 'sequence', name: 'shot.####.exr', items: 3, files: 3, sizeBytes: 4 },
        frames: { first: 1001, last: 1005, missing: 2 },
      },
      { name: 'shot.01.exr', kind: 'file' },
    ]);
    const sequence = list().find(({ kind }) => kind === 'sequence')!;
    expect(list(sequence.id).map(({ name }) => name)).toEqual([
      'SHOT.1001.exr',
      'shot.1002.exr',
      'shot.1005.exr',
    ]);
    expect(getEntry(ctx(), loadEntry(scene.hub.db, ctx(), sequence.id)).gaps).toEqual([[1003, 1004]]);
    remove(second);
    expect(list()[1]).toMatchObject({ items: 2, frames: { missing: 3 } });
    restoreEntry(ctx(), { id: second });
    expect(list()[1]).toMatchObject({ items: 3, frames: { missing: 2 } });
  });

  test('has its shares again when its frames come back, and not when others are sent under its name', () => {
    const { hub, project } = scene;
    const [one, two] = ['shot.1001.exr', 'shot.1002.exr'].map((name) => file(name));
    const { id } = list()[0]!;
    const person = hub.createPerson({ name: 'Cora', project, role: 'partner' });
    const input = { projectId: project.id, entryIds: [id], people: [person.email] };
    createShares(ctx(), createShareInput.parse(input));
    remove(one!);
    remove(two!);
    file('shot.1001.exr');
    file('shot.1002.exr');
    expect(list()).toMatchObject([{ kind: 'sequence', sharedWith: { people: 0 } }]);
    expect(list()[0]!.id).not.toBe(id);
    remove(list()[0]!.id);
    restoreEntry(ctx(), { id: one! });
    restoreEntry(ctx(), { id: two! });
    expect(list()).toMatchObject([{ id, kind: 'sequence', items: 2, sharedWith: { people: 1 } }]);
    expect(loadEntry(hub.db, hub.as(person), one!).name).toBe('shot.1001.exr');
  });

  test('keeps the names of its frames taken, and is left by one that is renamed', () => {
    const first = file('a.0001.dpx');
    file('a.0002.dpx');
    expect(() => renameEntry(ctx(), { id: first }, 'A.0002.DPX')).toThrow(HubError);
    expect(() => folder('a.0001.dpx')).toThrow(HubError);
    renameEntry(ctx(), { id: first }, 'slate.dpx');
    expect(list()).toMatchObject([
      { kind: 'sequence', name: 'a.####.dpx', frames: { first: 2, last: 2, missing: 0 } },
      { name: 'slate.dpx', kind: 'file' },
    ]);
    renameEntry(ctx(), { id: first }, 'a.0001.dpx');
    expect(list()).toMatchObject([{ kind: 'sequence', items: 2 }]);
  });

  test('goes away with its last frame, and takes all frames along when it moves', async () => {
    const reel = folder('Reel');
    const frames = [1, 2, 3].map((frame) => file(frameNameOf('b.####.exr', frame)));
    const [sequence] = list().filter(({ kind }) => kind === 'sequence');
    await move(sequence!.id, reel);
    expect(list()).toMatchObject([{ name: 'Reel', items: 1, files: 3, sizeBytes: 3 }]);
    for (const frame of frames) await move(frame, null);
    expect(list(reel)).toEqual([]);
    expect(list()).toMatchObject([
      { name: 'Reel', items: 0, files: 0 },
      { kind: 'sequence', items: 3 },
    ]);
  });

  test('has a new name together with its frames', () => {
    for (const frame of [7, 8]) file(frameNameOf('c.####.tif', frame));
    const sequence = list()[0]!;
    for (const wrong of ['d.###.tif', 'd.tif', 'd.####.mov', 'd.0001.tif', '####.tif'])
      expect(() => renameEntry(ctx(), sequence, wrong)).toThrow(HubError);
    expect(renameEntry(ctx(), sequence, 'd_v2.####.tif').name).toBe('d_v2.####.tif');
    expect(list(sequence.id).map(({ name }) => name)).toEqual(['d_v2.0007.tif', 'd_v2.0008.tif']);
    file('d_v2.0009.tif');
    expect(list()).toMatchObject([{ items: 3 }]);
  });

  test('is no folder: nothing is put into it by hand', () => {
    for (const frame of [1, 2]) file(frameNameOf('e.####.exr', frame));
    const sequence = list()[0]!;
    expect(() => folder('inner', sequence.id)).toThrow(HubError);
  });
});

test('counters tell what is there after anything that was done', { timeout: 60_000 }, async () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}`);
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const ids = [folder('f')];
  const any = () => ids[random(ids.length)]!;
  const anyPlace = () => placeFor(scene.hub.db, ctx(), scene.project.id, random(4) ? any() : null).folderId;
  const plays = [
    () => ids.push(folder(`f${ids.length}`, anyPlace())),
    () => ids.push(file(frameNameOf('s.####.exr', random(30)), anyPlace(), 'x'.repeat(random(9)))),
    () => ids.push(file(`m${random(20)}.wav`, anyPlace(), 'yy')),
    () => move(any(), random(4) ? any() : null),
    () => remove(any()),
    () => restoreEntry(ctx(), { id: any() }),
    () =>
      renameEntry(
        ctx(),
        { id: any() },
        random(2) ? frameNameOf('s.####.exr', random(30)) : `n${random(50)}.wav`,
      ),
    () => rememberSequences(),
  ];
  const rememberSequences = () =>
    ids.push(
      ...(scene.hub.db.$client
        .prepare(`select id from entries where kind = 'sequence'`)
        .pluck()
        .all() as string[]),
    );
  for (let step = 0; step < 600; step++) {
    try {
      await plays[random(plays.length)]!();
    } catch (error) {
      // Names that are taken, folders in the trash, files taken for folders: refused, and nothing is changed.
      const isKnown = error instanceof HubError || String(error).includes('UNIQUE');
      if (!isKnown) throw error;
    }
  }
  expect(wrongCounters()).toEqual([]);
});

/** Rows whose stored counters differ from what is counted anew. */
function wrongCounters(): unknown[] {
  return scene.hub.db.$client
    .prepare(
      `select id, kind, name, item_count, file_count, size_bytes, first_frame, last_frame from entries where kind <> 'file' and (
         item_count <> (select count(*) from entries c where c.parent_id = entries.id and c.deleted_at is null)
         or (kind = 'sequence' and item_count > 0 and (
           first_frame <> (select min(frame) from entries c where c.parent_id = entries.id and c.deleted_at is null)
           or last_frame <> (select max(frame) from entries c where c.parent_id = entries.id and c.deleted_at is null)))
         or (file_count, size_bytes) <> (
           with recursive below(id, kind, size_bytes) as (
             select id, kind, size_bytes from entries c where c.parent_id = entries.id and c.deleted_at is null
             union all
             select c.id, c.kind, c.size_bytes from below join entries c on c.parent_id = below.id and c.deleted_at is null)
           select count(*), coalesce(sum(size_bytes), 0) from below where kind = 'file'))`,
    )
    .all();
}
