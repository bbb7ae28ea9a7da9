/** Tests the migration to complete Workspaces, on a database with rows: nothing is lost, and keys and counters are correct. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-workspace-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const entry = (
  id: string,
  kind: string,
  name: string,
  more: { parent?: string; asset?: string; deleted?: number } = {},
) =>
  `INSERT INTO entries (id, project_id, owner_id, parent_id, kind, name, name_key, asset_id, created_at, updated_at, deleted_at)
   VALUES ('${id}', 'prj_1', 'usr_1', ${quote(more.parent)}, '${kind}', '${name}', '${name.toLowerCase()}', ${quote(more.asset)}, 1, 2, ${more.deleted ?? 'null'})`;
const quote = (text?: string) => (text === undefined ? 'null' : `'${text}'`);

test('gives entries their keys, frames their sequences and folders their counters', () => {
  const inserted = [
    `INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)`,
    `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
    ...[1, 2, 3, 4, 5].map(
      (n) =>
        `INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('ast_${n}', ${n * 10}, '${n === 5 ? 'verifying' : 'stored'}', 1)`,
    ),
    entry('ent_reel', 'folder', 'Reel 2'),
    entry('ent_inner', 'folder', 'Inner', { parent: 'ent_reel' }),
    entry('ent_f1', 'file', 'shot.1001.exr', { parent: 'ent_inner', asset: 'ast_1' }),
    entry('ent_f3', 'file', 'SHOT.1003.exr', { parent: 'ent_inner', asset: 'ast_2' }),
    entry('ent_gone', 'file', 'shot.1002.exr', { parent: 'ent_inner', asset: 'ast_3', deleted: 9 }),
    entry('ent_lone', 'file', 'other.0001.exr', { parent: 'ent_inner', asset: 'ast_4' }),
    entry('ent_mix', 'file', 'mix.wav', { asset: 'ast_5' }),
  ];
  const db = migratedFrom(root, '_workspace_whole.sql', (old) => old.exec(inserted.join(';')));
  const rows = (sql: string) => db.$client.prepare(sql).all();
  const sequence = db.$client.prepare(`SELECT * FROM entries WHERE kind = 'sequence'`).get() as Record<
    string,
    unknown
  >;
  expect(sequence).toMatchObject({
    parent_id: 'ent_inner',
    name: 'shot.####.exr',
    name_key: '/shot.#.exr',
    rank: 1,
    item_count: 2,
    file_count: 2,
    size_bytes: 30,
    first_frame: 1001,
    last_frame: 1003,
    state_rank: 1,
  });
  expect(String(sequence.id)).toMatch(/^ent_[a-z2-7]{26}$/);
  expect(rows(`SELECT id, parent_id, frame FROM entries WHERE kind = 'file' ORDER BY id`)).toEqual([
    { id: 'ent_f1', parent_id: sequence.id, frame: 1001 },
    { id: 'ent_f3', parent_id: sequence.id, frame: 1003 },
    { id: 'ent_gone', parent_id: 'ent_inner', frame: 1002 },
    { id: 'ent_lone', parent_id: 'ent_inner', frame: 1 },
    { id: 'ent_mix', parent_id: null, frame: null },
  ]);
  expect(
    rows(
      `SELECT id, rank, item_count, file_count, size_bytes FROM entries WHERE kind = 'folder' ORDER BY id`,
    ),
  ).toEqual([
    { id: 'ent_inner', rank: 0, item_count: 2, file_count: 3, size_bytes: 70 },
    { id: 'ent_reel', rank: 0, item_count: 1, file_count: 3, size_bytes: 70 },
  ]);
  expect(rows(`SELECT state_rank, place_key, sort_key FROM entries WHERE id = 'ent_mix'`)).toEqual([
    { state_rank: 0, place_key: 'prj_1usr_1', sort_key: 'mix.wav' },
  ]);
  expect(rows('PRAGMA foreign_key_check')).toEqual([]);
  db.$client.close();
});
