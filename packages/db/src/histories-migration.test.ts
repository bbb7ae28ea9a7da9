/** Tests the migrations that make the hub read histories again, on a database with lists: other requests keep their lists. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-histories-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const request = (id: string) => [
  `INSERT INTO requests (id, project_id, name, status, created_by, created_at, updated_at)
   VALUES ('${id}', 'prj_1', 'M&E', 'open', 'usr_1', 1, 1)`,
  `INSERT INTO manifest_comparisons (request_id, wanted, done, lists, algorithms, next_at)
   VALUES ('${id}', 1, 1, 1, '[]', 1)`,
];
const list = (id: string, requestId: string, what: string) => [
  `INSERT INTO assets (id, size_bytes, state, created_at) VALUES ('ast_${id}', 1, 'stored', 1)`,
  `INSERT INTO delivered_files (id, request_id, asset_id, path, path_key, is_manifest, delivered_by, added_at, added_round)
   VALUES ('${id}', '${requestId}', 'ast_${id}', '${id}', '${id}', 1, 'usr_1', 1, 1)`,
  `INSERT INTO manifests (file_id, request_id, kind, what, notes, entries, unread, read_at)
   VALUES ('${id}', '${requestId}', 'list', '${what}', '[]', 1, 0, 1)`,
  `INSERT INTO manifest_entries (list_id, number, path, algorithms, value, line, notes)
   VALUES ('${id}', 0, 'a', 'md5', 'v', 1, '')`,
];

test.each(['_read_histories_again.sql', '_folder_hashes.sql'])(
  '%s marks the lists of requests with a history as unread, and keeps all others',
  (migration) => {
    const db = migratedFrom(root, migration, (old) =>
      old.exec(
        [
          `INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)`,
          `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
          ...request('req_1'),
          ...list('fil_1', 'req_1', 'asc_mhl'),
          ...list('fil_2', 'req_1', 'md5'),
          ...request('req_2'),
          ...list('fil_3', 'req_2', 'md5'),
        ].join(';'),
      ),
    );
    const all = (column: string, table: string) =>
      db.$client.prepare(`SELECT ${column} FROM ${table}`).pluck().all();
    expect(all('file_id', 'manifests')).toEqual(['fil_3']);
    expect(all('list_id', 'manifest_entries')).toEqual(['fil_3']);
    expect(all('request_id', 'manifest_comparisons')).toEqual(['req_2']);
    db.$client.close();
  },
);
