/** Tests that sessions from before the list of sign-ins appear in it, so that their people can end them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratedFrom } from './testing/earlier-version.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-sign-ins-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('each session gets a sign-in, and stays', () => {
  const db = migratedFrom(root, '_sign_ins.sql', (client) => {
    client.exec(`
      INSERT INTO users (id, email, name, created_at) VALUES ('usr_1', 'ana@example.test', 'Ana', 1);
      INSERT INTO sessions (id, user_id, expires_at, created_at, user_agent)
        VALUES ('a', 'usr_1', 90, 1000, 'Firefox'), ('b', 'usr_1', 91, 2000, '');`);
  });
  const rows = db.$client.prepare('SELECT * FROM sign_ins ORDER BY id').all();
  expect(rows).toMatchObject([
    { user_id: 'usr_1', session_id: 'a', user_agent: 'Firefox', created_at: 1000, last_used_at: 1000 },
    { user_id: 'usr_1', session_id: 'b', user_agent: '', created_at: 2000, ended_at: null },
  ]);
  for (const { id } of rows as { id: string }[]) expect(id).toMatch(/^sgn_[a-z2-7]{26}$/);
  expect(db.$client.prepare('SELECT * FROM sessions ORDER BY id').all()).toEqual([
    { id: 'a', user_id: 'usr_1', expires_at: 90, created_at: 1000 },
    { id: 'b', user_id: 'usr_1', expires_at: 91, created_at: 2000 },
  ]);
  db.$client.close();
});
