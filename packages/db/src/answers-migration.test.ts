/**
 * Tests the migration to answers per round, on a database with rows: each answer belongs to the round that was submitted with
 * it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-answers-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const finding = (id: string, round: number, answeredAt: number | null) =>
  `INSERT INTO reason_pins (id, redelivery_id, request_id, round, reason, answer, answered_by, answered_at)
   VALUES ('${id}', 'rdl_1', 'req_1', ${round}, 'audio_spec', ${answeredAt && "'fixed'"}, ${answeredAt && "'usr_1'"}, ${answeredAt})`;
const submitted = (number: number, at: number) =>
  `INSERT INTO rounds (request_id, number, submitted_at, submitted_by) VALUES ('req_1', ${number}, ${at}, 'usr_1')`;

test('assigns each answer to the first round submitted after it, or to the open round', () => {
  const db = migratedFrom(root, '_earlier_answers.sql', (old) =>
    old.exec(
      [
        `INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'a@b.c', 'A', 1)`,
        `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
        `INSERT INTO requests (id, project_id, name, status, round, created_by, created_at, updated_at)
         VALUES ('req_1', 'prj_1', 'M&E', 'redelivery', 4, 'usr_1', 1, 1)`,
        `INSERT INTO redeliveries (id, request_id, round, asked_by, asked_at, reasons, comment, cleared)
         VALUES ('rdl_1', 'req_1', 1, 'usr_1', 1, '[]', '', 0)`,
        ...[10, 20, 30].map((at, index) => submitted(index + 1, at)),
        finding('pin_1', 1, 15),
        finding('pin_2', 1, 25),
        finding('pin_3', 1, 30),
        finding('pin_4', 1, 35),
        finding('pin_5', 1, null),
        // A clock that was set back must not assign the answer to the round that the finding is about.
        finding('pin_6', 2, 5),
      ].join(';'),
    ),
  );
  const rows = db.$client.prepare('SELECT id, answered_round FROM reason_pins ORDER BY id').raw().all();
  expect(rows).toEqual([
    ['pin_1', 2],
    ['pin_2', 3],
    ['pin_3', 3],
    ['pin_4', 4],
    ['pin_5', null],
    ['pin_6', 3],
  ]);
  db.$client.close();
});
