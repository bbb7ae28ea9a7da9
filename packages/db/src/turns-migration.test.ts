/** Tests the migration to turns of jobs, on a database with waiting jobs: their turn comes when they are due. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-turns-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const add = (id: string, status: string, runAt: number) =>
  `INSERT INTO jobs (id, kind, payload, status, run_at, created_at) VALUES ('${id}', 'runStage', '{}', '${status}', ${runAt}, 1)`;

test.each(['_add_turns_of_jobs.sql', '_set_turns_of_waiting_jobs.sql'])(
  'jobs that waited before %s get the turn of their due time',
  (ending) => {
    const db = migratedFrom(root, ending, (old) =>
      old.exec([add('job_1', 'waiting', 20), add('job_2', 'waiting', 10), add('job_3', 'done', 5)].join(';')),
    );
    const waiting = `SELECT id, turn_at FROM jobs WHERE status = 'waiting' ORDER BY turn_at`;
    expect(db.$client.prepare(waiting).raw().all()).toEqual([
      ['job_2', 10],
      ['job_1', 20],
    ]);
    db.$client.close();
  },
);

test('keeps a turn that a job already has', () => {
  const db = migratedFrom(root, '_set_turns_of_waiting_jobs.sql', (old) =>
    old.exec(`${add('job_1', 'waiting', 20)}; UPDATE jobs SET turn_at = 700`),
  );
  expect(db.$client.prepare('SELECT turn_at FROM jobs').pluck().get()).toBe(700);
  db.$client.close();
});
