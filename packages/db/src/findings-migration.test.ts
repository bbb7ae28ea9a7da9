/**
 * Tests the migration to findings that carry over, on a database with rows: resolved findings get the round that resolved
 * them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-findings-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const finding = (id: string, round: number, columns = '', values = '') =>
  `INSERT INTO reason_pins (id, redelivery_id, request_id, round, reason ${columns})
   VALUES ('${id}', 'rdl_1', 'req_1', ${round}, 'audio_spec' ${values})`;

test('a resolved finding was resolved in the round after the one in which it was found', () => {
  const db = migratedFrom(root, '_findings_carry_on.sql', (old) =>
    old.exec(
      [
        `INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)`,
        `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
        `INSERT INTO requests (id, project_id, name, status, created_by, created_at, updated_at)
         VALUES ('req_1', 'prj_1', 'M&E', 'open', 'usr_1', 1, 1)`,
        `INSERT INTO redeliveries (id, request_id, round, asked_by, asked_at, reasons, comment, cleared)
         VALUES ('rdl_1', 'req_1', 1, 'usr_1', 1, '[]', '', 0)`,
        finding('pin_1', 1, ', checked_by, checked_at', `, 'usr_1', 9`),
        finding('pin_2', 2),
        finding('pin_3', 3, ', checked_by, checked_at', `, 'usr_1', 9`),
      ].join(';'),
    ),
  );
  const rows = db.$client.prepare('SELECT id, checked_round FROM reason_pins ORDER BY id').raw().all();
  expect(rows).toEqual([
    ['pin_1', 2],
    ['pin_2', null],
    ['pin_3', 4],
  ]);
  db.$client.close();
});
