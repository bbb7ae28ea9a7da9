/** Tests the migration that adds look-alike keys, on a database with rows: each row gets its key, and nothing else changes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from './open.ts';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-looks-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const narrow = 'Shot 3.45\u202fPM.png';

test('gives entries and delivered files a look-alike key where it differs from their own', () => {
  const db = migratedFrom(root, 'look_alikes.sql', fill);
  const rows = (sql: string) => db.$client.prepare(sql).raw().all();
  expect(rows('SELECT id, name, look_key FROM entries ORDER BY id')).toEqual([
    ['ent_1', narrow, 'shot 3.45 pm.png'],
    ['ent_2', 'Shot 3.45 PM.png', null],
    ['ent_3', 'Reel 1', null],
  ]);
  expect(rows('SELECT id, look_key FROM delivered_files ORDER BY id')).toEqual([
    ['fil_1', 'reel 1/shot 3.45 pm.png'],
    ['fil_2', null],
  ]);
  db.$client.close();
});

function fill(old: Database['$client']): void {
  const entry = (id: string, kind: string, name: string, key: string) =>
    old
      .prepare(
        `INSERT INTO entries (id, project_id, owner_id, kind, name, name_key, created_at, updated_at)
         VALUES (?, 'prj_1', 'usr_1', ?, ?, ?, 1, 2)`,
      )
      .run(id, kind, name, key);
  old.exec(`INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1);
    INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1);
    INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('ast_1', 1, 'stored', 1);
    INSERT INTO requests (id, project_id, name, status, created_by, created_at, updated_at)
      VALUES ('req_1', 'prj_1', 'M&E', 'open', 'usr_1', 1, 1)`);
  entry('ent_1', 'file', narrow, narrow.toLowerCase());
  entry('ent_2', 'file', 'Shot 3.45 PM.png', 'shot 3.45 pm.png');
  entry('ent_3', 'folder', 'Reel 1', 'reel 1');
  const deliver = old.prepare(
    `INSERT INTO delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
     VALUES (?, 'req_1', ?, ?, 'ast_1', 'usr_1', 1, 1)`,
  );
  deliver.run('fil_1', `Reel 1/${narrow}`, `reel 1/${narrow.toLowerCase()}`);
  deliver.run('fil_2', 'plain.mov', 'plain.mov');
}
