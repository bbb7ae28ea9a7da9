/** Tests the migration to frames of deliveries, on a database with rows: each file gets the keys that its name implies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-frames-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('gives delivered files the key of their sequence and their frame', () => {
  const db = migratedFrom(root, '_frames_of_deliveries.sql', (old) => {
    old.exec(`INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1);
      INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1);
      INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('ast_1', 1, 'stored', 1);
      INSERT INTO requests (id, project_id, name, status, created_by, created_at, updated_at)
        VALUES ('req_1', 'prj_1', 'M&E', 'open', 'usr_1', 1, 1)`);
    const deliver = old.prepare(
      `INSERT INTO delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
       VALUES (?, 'req_1', ?, lower(?), 'ast_1', 'usr_1', 1, 1)`,
    );
    for (const [id, path] of [
      ['dlf_1', 'Reel 1/Shot.1001.exr'],
      ['dlf_2', 'mix.wav'],
      ['dlf_3', '0042.dpx'],
    ])
      deliver.run(id, path, path);
  });
  const rows = db.$client.prepare('SELECT id, sequence_key, frame FROM delivered_files ORDER BY id').raw();
  expect(rows.all()).toEqual([
    ['dlf_1', 'reel 1/shot.#.exr', 1001],
    ['dlf_2', null, null],
    ['dlf_3', '/#.dpx', 42],
  ]);
  db.$client.close();
});
