/** The migration that keeps the facts of previews, on a database with rows: errors of the server become plain reasons. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-preview-facts-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('an error that was stored as it came becomes a reason that has a sentence, and other reasons stay', () => {
  const report = '{"reader":"test","container":"QuickTime","tracks":[],"details":{}}';
  const runs: [string, number | null, string | null, string | null][] = [
    ['ast_1', 5, "Error: ENOENT: no such file or directory, open '/srv/vault/a'", null],
    ['ast_2', 5, 'needs_ffmpeg', null],
    ['ast_3', 5, null, null],
    ['ast_4', null, null, null],
    // The words of a program about the file: its media had been read.
    ['ast_5', 5, 'Invalid data found when processing input', report],
  ];
  const db = migratedFrom(root, '_keep_facts_of_previews.sql', (old) => {
    old.exec("INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)");
    for (const [id, ...run] of runs) {
      old
        .prepare("INSERT INTO assets (id, size_bytes, state, created_at) VALUES (?, 1, 'stored', 1)")
        .run(id);
      old
        .prepare(
          `INSERT INTO preview_runs (asset_id, name, asked_by, asked_at, ended_at, reason, report)
           VALUES (?, 'film.mov', 'usr_1', 1, ?, ?, ?)`,
        )
        .run(id, ...run);
    }
  });
  const rows = db.$client.prepare('SELECT asset_id, reason, facts FROM preview_runs ORDER BY asset_id').raw();
  expect(rows.all()).toEqual([
    ['ast_1', 'crashed', null],
    ['ast_2', 'needs_ffmpeg', null],
    ['ast_3', null, null],
    ['ast_4', null, null],
    ['ast_5', 'Invalid data found when processing input', null],
  ]);
  db.$client.close();
});
