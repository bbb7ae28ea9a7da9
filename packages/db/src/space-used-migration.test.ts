/** Tests the migration that counts the bytes of projects and Workspaces, on a database with rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-space-used-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const asset = (id: string, bytes: number, state = 'stored') =>
  `INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('${id}', ${bytes}, '${state}', 1)`;
const entry = (id: string, assetId: string, owner: string) =>
  `INSERT INTO entries (id, project_id, owner_id, kind, name, name_key, asset_id, created_at, updated_at)
   VALUES ('${id}', 'prj_1', '${owner}', 'file', '${id}', '${id}', '${assetId}', 1, 1)`;
const version = (id: string, assetId: string, entryId: string) =>
  `INSERT INTO entry_versions (id, entry_id, asset_id, number, size_bytes, replaced_at, replaced_by)
   VALUES ('${id}', '${entryId}', '${assetId}', 1, 1, 1, 'usr_1')`;
const delivered = (id: string, assetId: string, requestId: string) =>
  `INSERT INTO delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
   VALUES ('${id}', '${requestId}', '${id}', '${id}', '${assetId}', 'usr_1', 1, 1)`;
const upload = (id: string, assetId: string) =>
  `INSERT INTO uploads (id, project_id, user_id, path, path_key, relative_path, size_bytes, status, asset_id, created_at, updated_at)
   VALUES ('${id}', 'prj_2', 'usr_1', 'a', 'a', 'a', 1, 'complete', '${assetId}', 1, 1)`;

test('counts each asset once for each holder that refers to it', () => {
  const people = ['usr_1', 'usr_2'].map(
    (id) => `INSERT INTO users (id, email, name, created_at) VALUES ('${id}', '${id}@b.c', 'A', 1)`,
  );
  const projects = ['1', '2', '3'].flatMap((n) => [
    `INSERT INTO projects (id, name, created_at) VALUES ('prj_${n}', 'Northern Light', 1)`,
    `INSERT INTO requests (id, project_id, name, status, created_by, created_at, updated_at)
     VALUES ('req_${n}', 'prj_${n}', 'M&E', 'open', 'usr_1', 1, 1)`,
  ]);
  const db = migratedFrom(root, '_space_used.sql', (old) =>
    old.exec(
      [
        ...people,
        ...projects,
        asset('ast_1', 10),
        entry('ent_1', 'ast_1', 'usr_1'),
        delivered('dfl_1', 'ast_1', 'req_1'),
        asset('ast_2', 200, 'verifying'),
        entry('ent_2', 'ast_2', 'usr_2'),
        asset('ast_3', 3000),
        version('ver_3', 'ast_3', 'ent_2'),
        asset('ast_4', 40_000),
        delivered('dfl_4', 'ast_4', 'req_1'),
        delivered('dfl_5', 'ast_4', 'req_1'),
        asset('ast_5', 5, 'quarantined'),
        upload('upl_5', 'ast_5'),
        ...['freed', 'rejected'].flatMap((state) => [asset(state, 7, state), upload(`upl_${state}`, state)]),
        asset('ast_lost', 1),
      ].join(';'),
    ),
  );
  const used = () => db.$client.prepare('SELECT * FROM space_used ORDER BY 1, 2').raw().all();
  expect(used()).toEqual([
    ['prj_1', '', 43_210],
    ['prj_1', 'usr_1', 10],
    ['prj_1', 'usr_2', 3200],
    ['prj_2', '', 5],
  ]);

  db.$client.exec(`UPDATE assets SET state = 'freed' WHERE id IN ('ast_1', 'ast_4', 'ast_lost')`);
  db.$client.exec(`UPDATE assets SET owner_id = NULL, state = 'stored' WHERE id = 'ast_2'`);
  expect(used()).toEqual([
    ['prj_1', '', 3200],
    ['prj_1', 'usr_1', 0],
    ['prj_1', 'usr_2', 3000],
    ['prj_2', '', 5],
  ]);
  db.$client.close();
});
