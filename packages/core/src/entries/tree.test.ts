import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HubError } from '@turnover/domain/errors';
import { listWorkspaceInput } from '@turnover/domain/workspace/entries';
import { createShareInput } from '@turnover/domain/workspace/shares';
import { frameNameOf } from '@turnover/domain/sequences/frame-names';
import { groupFrames } from '@turnover/domain/sequences/frame-sets';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { createShares } from '../shares/create.ts';
import { removeEntry, restoreEntry } from '../workspace/trash.ts';
import { createFolder, getEntry, renameEntry } from '../workspace/workspace.ts';
import { loadEntry } from './access.ts';
import { placeFor } from './places.ts';
import { listWorkspace } from './list.ts';
import { moveEntries } from '../workspace/move.ts';

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
    projectId: scene.project.id,
    selection: { entryIds: [id] },
    folderId,
    onCollision: 'refuse',
  });

describe('a sequence', () => {
  test('begins with the second frame of a pattern, in any order, and includes every further frame', () => {
    const second = file('shot.1002.exr', null, 'xx');
    file('SHOT.1001.exr');
    file('shot.1005.exr');
    file('shot_01.exr');
    file('other.1001.exr');
    expect(list()).toMatchObject([
      { name: 'other.1001.exr', kind: 'file', frames: null },
      {
        kind: 'sequence',
        name: 'SHOT.####.exr',
        items: 3,
        files: 3,
        sizeBytes: 4,
        frames: { first: 1001, last: 1005, missing: 2 },
      },
      { name: 'shot_01.exr', kind: 'file' },
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

  test('gets its shares back when its own frames are restored, but not when other frames are uploaded under its name', async () => {
    const { hub, project } = scene;
    const [one, two] = ['shot.1001.exr', 'shot.1002.exr'].map((name) => file(name));
    const { id } = list()[0]!;
    const person = hub.createPerson({ name: 'Cora', project, role: 'partner' });
    const input = { projectId: project.id, entryIds: [id], people: [person.email] };
    await createShares(ctx(), createShareInput.parse(input));
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

  test('keeps the names of its frames taken, and loses a frame that is renamed', () => {
    const first = file('a.0001.dpx');
    file('a.0002.dpx');
    expect(() => renameEntry(ctx(), { id: first }, 'A.0002.DPX')).toThrow(HubError);
    expect(() => folder('a.0001.dpx')).toThrow(HubError);
    renameEntry(ctx(), { id: first }, 'slate.dpx');
    // A single frame is not a sequence.
    expect(list()).toMatchObject([
      { name: 'a.0002.dpx', kind: 'file', frames: null },
      { name: 'slate.dpx', kind: 'file' },
    ]);
    renameEntry(ctx(), { id: first }, 'a.0001.dpx');
    expect(list()).toMatchObject([{ kind: 'sequence', items: 2 }]);
  });

  test('disappears with its last frame, and moves with all its frames', async () => {
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

  test('is renamed together with its frames', () => {
    for (const frame of [7, 8]) file(frameNameOf('c.####.tif', frame));
    const sequence = list()[0]!;
    for (const wrong of ['d.###.tif', 'd.tif', 'd.####.mov', 'd.0001.tif', 'v####.tif'])
      expect(() => renameEntry(ctx(), sequence, wrong)).toThrow(HubError);
    expect(renameEntry(ctx(), sequence, 'd_v2.####.tif').name).toBe('d_v2.####.tif');
    expect(list(sequence.id).map(({ name }) => name)).toEqual(['d_v2.0007.tif', 'd_v2.0008.tif']);
    file('d_v2.0009.tif');
    expect(list()).toMatchObject([{ items: 3 }]);
  });

  test('is not a folder: people cannot put anything into it', () => {
    for (const frame of [1, 2]) file(frameNameOf('e.####.exr', frame));
    const sequence = list()[0]!;
    expect(() => folder('inner', sequence.id)).toThrow(HubError);
  });
});

describe('files become a sequence when their numbers form one', () => {
  const rows = () =>
    list().map(({ kind, name, items, frames }) => [kind, name, items, frames && { ...frames, ranges: null }]);

  test('the rows are the same in any order of arrival', async () => {
    const shuffled = fc.shuffledSubarray(
      [
        'plate_1920.exr',
        'plate_2048.exr',
        'plate_1919.exr',
        's.998.exr',
        'S.0999.EXR',
        's.1000.exr',
        's.1003.exr',
        's.0998.exr',
        'f.-002.exr',
        'f.-001.exr',
        'f.0001.exr',
        'b_1001.png',
        'b_1002.png',
        'b_1003.png',
        'poster_2023.tif',
        'poster_2024.tif',
        'sh_0010.exr',
        'sh_0020.exr',
        'mix.wav',
      ],
      { minLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async (names) => {
        const anew = await requestScene();
        const filled = (order: readonly string[]) => {
          const mine = anew.createEntry(anew.people.partner, `f ${order.join()}`.slice(0, 200));
          for (const name of order) {
            anew.createEntry(anew.people.partner, name, { parentId: mine, assetId: anew.createAsset(name) });
          }
          const input = { projectId: anew.project.id, folderId: mine };
          const listed = listWorkspace(anew.hub.as(anew.people.partner), listWorkspaceInput.parse(input));
          // In natural order `s.998` and `s.0998` are equal, so they stay in their order of arrival.
          return listed.entries
            .map(({ kind, name, items, sizeBytes, frames }) => ({ kind, name, items, sizeBytes, frames }))
            .toSorted((one, other) => (one.name < other.name ? -1 : 1));
        };
        const here = filled(names);
        expect(filled(names.toReversed())).toEqual(here);
        expect(here.flatMap(({ kind, name }) => (kind === 'sequence' ? [name] : [])).toSorted()).toEqual(
          groupFrames(names)
            .sequences.map(({ pattern }) => pattern)
            .toSorted(),
        );
        anew.close();
      }),
      {
        numRuns: 6,
        examples: [[['s.998.exr', 'mix.wav', 's.0998.exr', 'plate_1920.exr', 'b_1001.png', 'sh_0010.exr']]],
      },
    );
  });

  test('years, widths and single files stay files until another file makes them a sequence', () => {
    for (const name of ['plate_1920.exr', 'plate_2048.exr', 'shot.1001.exr']) file(name);
    expect(rows().map(([kind]) => kind)).toEqual(['file', 'file', 'file']);
    file('plate_2047.exr');
    file('plate_2049.exr');
    expect(rows()).toMatchObject([
      ['sequence', 'plate_####.exr', 4, { first: 1920, last: 2049, count: 4, missing: 126, duplicates: 0 }],
      ['file', 'shot.1001.exr', null, null],
    ]);
  });

  test('frames that outgrow their padding join one sequence, and the same frame in two paddings is reported', () => {
    for (const name of ['s.9998.exr', 's.10001.exr', 's.010001.exr', 's.10003.exr']) file(name);
    expect(rows()).toMatchObject([
      ['sequence', 's.####.exr', 4, { first: 9998, last: 10_003, count: 3, missing: 3, duplicates: 1 }],
    ]);
    const [sequence] = list();
    expect(sequence!.frames).toMatchObject({
      ranges: [
        [9998, 9998],
        [10_001, 10_001],
        [10_003, 10_003],
      ],
      gaps: [
        [9999, 10_000],
        [10_002, 10_002],
      ],
    });
    const details = getEntry(ctx(), loadEntry(scene.hub.db, ctx(), sequence!.id));
    expect(details).toMatchObject({
      sameFrames: [['s.010001.exr', 's.10001.exr']],
      gaps: sequence!.frames!.gaps,
    });
    const one = list(sequence!.id).find(({ name }) => name === 's.10001.exr')!;
    expect(getEntry(ctx(), loadEntry(scene.hub.db, ctx(), one.id)).sameFrames).toEqual([
      ['s.10001.exr', 's.010001.exr'],
    ]);
    remove(one.id);
    expect(list()).toMatchObject([{ frames: { count: 3, duplicates: 0 } }]);
  });

  test('every second frame is a step of two and not a gap, even after other frames left', () => {
    const ids = Array.from({ length: 21 }, (_, index) => file(`t.${1001 + index}.exr`));
    for (const id of ids.filter((_, index) => index % 2 === 1)) remove(id);
    expect(list()).toMatchObject([
      { frames: { first: 1001, last: 1021, count: 11, step: 2, missing: 0, ranges: [[1001, 1021]] } },
    ]);
  });

  test('frames below zero are listed in order', () => {
    for (const name of ['n.0001.exr', 'n.-001.exr', 'n.-010.exr', 'n.0000.exr', 'n.-002.exr']) file(name);
    const [sequence] = list();
    expect(sequence).toMatchObject({ name: 'n.####.exr', frames: { first: -10, last: 1, missing: 7 } });
    expect(list(sequence!.id).map(({ name }) => name)).toEqual([
      'n.-010.exr',
      'n.-002.exr',
      'n.-001.exr',
      'n.0000.exr',
      'n.0001.exr',
    ]);
    expect(renameEntry(ctx(), sequence!, 'm_v2.####.exr').name).toBe('m_v2.####.exr');
    expect(list(sequence!.id).map(({ name }) => name)).toContain('m_v2.-010.exr');
    // The hyphens would be read as separators, and the frames would get other numbers.
    expect(() => renameEntry(ctx(), list()[0]!, 'm####.exr')).toThrow(HubError);
  });

  test('a sequence is found by its frames', () => {
    for (const frame of [1001, 1002, 1040]) file(`NL_010_comp.${frame}.exr`);
    for (const name of ['neg.-002.exr', 'neg.0001.exr', 'other.0900.dpx']) file(name);
    const found = (filter: string) =>
      listWorkspace(ctx(), listWorkspaceInput.parse({ projectId: scene.project.id, filter })).entries.map(
        ({ name }) => name.split('.')[0],
      );
    for (const text of [
      '1002',
      '1040',
      '104',
      'comp.1002',
      'nl_010_comp.1002.EXR',
      'NL_010_comp.[1001-1040].exr',
      'comp.####',
      'comp.%04d.exr',
    ]) {
      expect([text, found(text)]).toEqual([text, ['NL_010_comp']]);
    }
    for (const text of ['1003', 'comp.1003.exr', 'other.1002.exr', 'comp.1002.dpx'])
      expect(found(text)).toEqual([]);
    expect(found('neg.-002.exr')).toEqual(['neg']);
    expect(found('neg.-003.exr')).toEqual([]);
    expect(found('.exr')).toEqual(['neg', 'NL_010_comp']);
  });

  test('a remaining single frame becomes a file again, unless the sequence was shared', async () => {
    const [, two, three] = ['u.1.exr', 'u.2.exr', 'u.3.exr'].map((name) => file(name));
    remove(two!);
    remove(three!);
    expect(rows()).toMatchObject([['file', 'u.1.exr', null, null]]);
    restoreEntry(ctx(), { id: two! });
    expect(rows()).toMatchObject([['sequence', 'u.#.exr', 2, { count: 2 }]]);
    const input = { projectId: scene.project.id, entryIds: [list()[0]!.id] };
    const cora = scene.hub.createPerson({ name: 'Cora', project: scene.project, role: 'partner' });
    await createShares(ctx(), createShareInput.parse({ ...input, people: [cora.email] }));
    remove(two!);
    expect(rows()).toMatchObject([['sequence', 'u.#.exr', 1, { first: 1, last: 1 }]]);
    expect(loadEntry(scene.hub.db, scene.hub.as(cora), list()[0]!.id).name).toBe('u.#.exr');
  });

  test('does not read all files that form no sequence for each further one', () => {
    for (let number = 0; number < 330; number++) file(`r_${1000 + number * 7}.png`);
    expect(list().some(({ kind }) => kind === 'sequence')).toBe(false);
    file('r_1701.png');
    file('r_1702.png');
    expect(list()).toMatchObject([{ kind: 'sequence', items: 332, frames: { first: 1000, count: 332 } }]);
  });
});

test('counters are correct after random actions', { timeout: 60_000 }, async () => {
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
    () => ids.push(file(`p_${[1919, 1920, 2048, 24, 25, 26][random(6)]}.exr`, anyPlace(), 'z')),
    () => ids.push(file(`s.${random(30)}.exr`, anyPlace(), 'zzz')),
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
      // Expected errors: taken names, folders in the trash, files used as folders. They change nothing.
      const isKnown = error instanceof HubError || String(error).includes('UNIQUE');
      if (!isKnown) throw error;
    }
  }
  expect(wrongCounters()).toEqual([]);
});

/** The rows whose stored counters differ from a new count. */
function wrongCounters(): unknown[] {
  return scene.hub.db.$client
    .prepare(
      `select id, kind, name, item_count, file_count, size_bytes, first_frame, last_frame from entries where kind <> 'file' and (
         item_count <> (select count(*) from entries c where c.parent_id = entries.id and c.deleted_at is null)
         or (kind = 'sequence' and item_count > 0 and (
           first_frame <> (select min(frame) from entries c where c.parent_id = entries.id and c.deleted_at is null)
           or last_frame <> (select max(frame) from entries c where c.parent_id = entries.id and c.deleted_at is null)
           or frame_count <> (select count(distinct frame) from entries c where c.parent_id = entries.id and c.deleted_at is null)))
         or (file_count, size_bytes) <> (
           with recursive below(id, kind, size_bytes) as (
             select id, kind, size_bytes from entries c where c.parent_id = entries.id and c.deleted_at is null
             union all
             select c.id, c.kind, c.size_bytes from below join entries c on c.parent_id = below.id and c.deleted_at is null)
           select count(*), coalesce(sum(size_bytes), 0) from below where kind = 'file'))`,
    )
    .all();
}
