/** Tests the migration to sequences of any padding, on a database with rows: no file is lost, and shares show the same files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-sequences-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Kept = { parent?: string; deleted?: number; key?: string; frame?: number };
let assets = 0;

function row(id: string, kind: string, name: string, { parent, deleted, key, frame }: Kept, more: string) {
  const nameKey = kind === 'sequence' ? `/${name.toLowerCase()}` : name.toLowerCase();
  return `INSERT INTO entries (id, project_id, owner_id, parent_id, kind, name, name_key, rank, sequence_key, frame, deleted_at, created_at, updated_at, ${more.split('=')[0]})
    VALUES ('${id}', 'prj_1', 'usr_1', ${text(parent)}, '${kind}', '${name}', '${nameKey}', ${kind === 'folder' ? 0 : 1}, ${text(key)},
      ${frame ?? 'null'}, ${deleted ?? 'null'}, 1, 2, ${more.split('=')[1]})`;
}
const text = (value?: string) => (value === undefined ? 'null' : `'${value}'`);

function file(id: string, name: string, kept: Kept = {}): string[] {
  const asset = `ast_${(assets += 1)}`;
  return [
    `INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('${asset}', 10, 'stored', 1)`,
    row(id, 'file', name, kept, `asset_id=${text(asset)}`),
    `UPDATE entries SET size_bytes = 10, file_count = 1 WHERE id = '${id}'`,
  ];
}

/** An old sequence with its frames; their numbers came from names with the same ending. */
function sequence(id: string, pattern: string, names: readonly string[], kept: Kept = {}): string[] {
  const key = `/${pattern.toLowerCase()}`;
  return [
    row(id, 'sequence', pattern, kept, `item_count=${names.length}`),
    ...names.flatMap((name) =>
      file(`${id}_${name}`, name, { parent: id, key, frame: Number(/(\d+)\.\w+$/.exec(name)?.[1]) }),
    ),
  ];
}

const share = (entryId: string) => [
  `INSERT INTO shares (id, project_id, entry_id, sharer_id, grantee_email, can_share, can_update, created_at, updated_at)
   VALUES ('shr_${entryId}', 'prj_1', '${entryId}', 'usr_1', 'cora@example.com', 0, 0, 1, 1)`,
  `UPDATE entries SET share_count = share_count + 1 WHERE id = '${entryId}'`,
];

test('rebuilds sequences without losing anything', () => {
  const inserted = [
    ...sequence('old3', 'shot.###.exr', ['shot.998.exr', 'shot.999.exr'], { parent: 'a' }),
    ...sequence('old4', 'shot.####.exr', ['shot.1000.exr', 'SHOT.1001.exr', 'shot.1003.exr'], {
      parent: 'a',
    }),
    ...file('lone5', 'shot.10000.exr', { parent: 'a', key: '/shot.#####.exr', frame: 10_000 }),
    ...file('neg', 'shot.-001.exr', { parent: 'a' }),
    // One of them is shared: its grantees must not see more than before.
    ...sequence('mine3', 's.###.exr', ['s.998.exr', 's.999.exr'], { parent: 'b' }),
    ...sequence('mine4', 's.####.exr', ['s.1000.exr', 's.1001.exr'], { parent: 'b' }),
    ...file('mine5', 's.10000.exr', { parent: 'b' }),
    // These were never frames.
    ...sequence('wide', 'plate_####.exr', ['plate_1920.exr', 'plate_2048.exr'], { parent: 'c' }),
    ...sequence('years', 'poster_####.tif', ['poster_2023.tif', 'poster_2024.tif'], { parent: 'c' }),
    ...sequence('one', 'alone.####.exr', ['alone.0001.exr'], { parent: 'c' }),
    ...sequence('given', 'given_####.tif', ['given_2023.tif', 'given_2024.tif'], { parent: 'c' }),
    // These become frames.
    ...['1001.exr', '1002.exr', 'x1001.dpx', 'x1003.dpx', 'x1004.dpx', 'n-02.mov'].flatMap((name) =>
      file(`new_${name}`, name, { parent: 'd' }),
    ),
    // In the trash: a whole sequence, and the remaining frames of a sequence that ended.
    ...sequence('gone', 'g.###.exr', ['g.001.exr', 'g.002.exr'], { parent: 'd', deleted: 9 }),
    ...sequence('ended', 'e.####.exr', [], { parent: 'd', deleted: 9 }),
    ...file('trashed', 'g.003.exr', { parent: 'd', deleted: 9, key: '/g.###.exr', frame: 3 }),
  ];
  const rows = [
    `INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)`,
    `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
    ...['a', 'b', 'c', 'd'].map((id) => row(id, 'folder', id, {}, 'file_count=0')),
    ...inserted,
    ...['mine4', 'given', 'ended'].flatMap(share),
  ];
  const db = migratedFrom(root, '_sequences.sql', (old) => old.exec(rows.join(';'))).$client;
  const all = (sql: string) => db.prepare(sql).all();
  const held = (parent: string) =>
    db
      .prepare(`SELECT name FROM entries WHERE parent_id = ? AND deleted_at IS NULL ORDER BY frame, name`)
      .pluck()
      .all(parent);

  // Every file still exists with its bytes, and every share is unchanged.
  expect(db.prepare(`SELECT count(*) FROM entries WHERE kind = 'file'`).pluck().get()).toBe(assets);
  expect(all(`SELECT entry_id, revoked_at FROM shares ORDER BY id`)).toEqual(
    ['ended', 'given', 'mine4'].map((id) => ({ entry_id: id, revoked_at: null })),
  );
  expect(all('PRAGMA foreign_key_check')).toEqual([]);

  const [a] = all(`SELECT * FROM entries WHERE parent_id = 'a'`) as Record<string, unknown>[];
  expect(a).toMatchObject({
    id: 'old4',
    name: 'shot.####.exr',
    name_key: '/shot.#.exr',
    sequence_key: '/shot.#.exr',
    item_count: 7,
    first_frame: -1,
    last_frame: 10_000,
    frame_count: 7,
    frame_divisor: 1,
    state_rank: 1,
    size_bytes: 70,
  });
  expect(held('a')).toEqual(['shot.####.exr']);
  expect(held('old4')).toHaveLength(7);

  expect(held('b').toSorted()).toEqual(['s.####.exr', 's.###.exr', 's.10000.exr']);
  expect(held('mine4')).toEqual(['s.1000.exr', 's.1001.exr']);
  expect(held('mine3')).toEqual(['s.998.exr', 's.999.exr']);
  expect(
    all(
      `SELECT id, name_key, sequence_key FROM entries WHERE kind = 'sequence' AND parent_id = 'b' ORDER BY id`,
    ),
  ).toEqual([
    { id: 'mine3', name_key: '/s.###.exr', sequence_key: '/s.#.exr' },
    { id: 'mine4', name_key: '/s.#.exr', sequence_key: '/s.#.exr' },
  ]);

  expect(held('c').toSorted()).toEqual([
    'alone.0001.exr',
    'given_####.tif',
    'plate_1920.exr',
    'plate_2048.exr',
    'poster_2023.tif',
    'poster_2024.tif',
  ]);
  expect(held('given')).toEqual(['given_2023.tif', 'given_2024.tif']);

  expect(held('d').toSorted()).toEqual(['####.exr', 'n-02.mov', 'x####.dpx']);
  expect(
    all(`SELECT name, item_count, first_frame, last_frame, state_rank FROM entries WHERE name = 'x####.dpx'`),
  ).toEqual([{ name: 'x####.dpx', item_count: 3, first_frame: 1001, last_frame: 1004, state_rank: 1 }]);
  expect(all(`SELECT id, name_key FROM entries WHERE id IN ('gone', 'ended') ORDER BY id`)).toEqual([
    { id: 'ended', name_key: '/e.#.exr' },
    { id: 'gone', name_key: '/g.#.exr' },
  ]);
  expect(all(`SELECT id, sequence_key, frame FROM entries WHERE id = 'trashed'`)).toEqual([
    { id: 'trashed', sequence_key: '/g.#.exr', frame: 3 },
  ]);
  expect(all(`SELECT id, item_count FROM entries WHERE kind = 'folder' ORDER BY id`)).toEqual([
    { id: 'a', item_count: 1 },
    { id: 'b', item_count: 3 },
    { id: 'c', item_count: 6 },
    { id: 'd', item_count: 3 },
  ]);
  db.close();
});
