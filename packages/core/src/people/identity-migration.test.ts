/**
 * A hub from the version before addresses were proved starts; nobody loses anything, and nobody gains what waits for
 * an address.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrationsFolder } from '@turnover/db/migration-files';
import { openMigrated } from '@turnover/db/migrate';
import type { Context } from '../context.ts';
import { acceptInvitation } from '../projects/invitations.ts';
import { hashSecret } from '../secrets.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let root: string;
let hub: TestHub;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'turnover-identity-'));
  hub = await testHub();
});
afterEach(() => {
  hub.close();
  rmSync(root, { recursive: true, force: true });
});

function makeOldDatabase(rows: string[]): string {
  const migrations = join(root, 'migrations');
  mkdirSync(migrations);
  for (const name of readdirSync(migrationsFolder).filter((each) => each < '0008' && each.endsWith('.sql'))) {
    cpSync(join(migrationsFolder, name), join(migrations, name));
  }
  const folder = join(root, 'data');
  const db = openMigrated(folder, { clock: () => 0, migrationsFolder: migrations });
  db.$client.exec(rows.join(';'));
  db.$client.close();
  return folder;
}

test('bound shares stay, waiting shares wait for a proof, and opening an older link does not prove the address', async () => {
  const later = hub.clock.now + 1e9;
  const share = (id: string, entry: string, grantee: string, email: string) =>
    `INSERT INTO shares (id, project_id, entry_id, sharer_id, grantee_id, grantee_email, can_share, can_update, created_at, updated_at)
     VALUES ('${id}', 'prj_1', '${entry}', 'usr_pat', ${grantee}, '${email}', 0, 0, 1, 1)`;
  const entry = (id: string) =>
    `INSERT INTO entries (id, project_id, owner_id, kind, name, name_key, created_at, updated_at)
     VALUES ('${id}', 'prj_1', 'usr_pat', 'folder', '${id}', '${id}', 1, 1)`;
  const folder = makeOldDatabase([
    `INSERT INTO users (id, email, name, created_at) VALUES ('usr_pat', 'pat@x.test', 'Pat', 1), ('usr_ben', 'ben@x.test', 'Ben', 1)`,
    `INSERT INTO projects (id, name, created_at) VALUES ('prj_1', 'Northern Light', 1)`,
    `INSERT INTO memberships (id, project_id, user_id, role, created_at) VALUES ('mem_1', 'prj_1', 'usr_pat', 'partner', 1), ('mem_2', 'prj_1', 'usr_ben', 'partner', 1)`,
    entry('ent_a'),
    entry('ent_b'),
    share('shr_bound', 'ent_a', `'usr_ben'`, 'ben@x.test'),
    share('shr_waits', 'ent_b', 'null', 'ana@x.test'),
    `INSERT INTO invitations (id, token_hash, project_id, role, email, invited_by, created_at, expires_at)
     VALUES ('inv_1', '${hashSecret('old')}', 'prj_1', 'partner', 'ana@x.test', 'usr_pat', 1, ${later})`,
    `INSERT INTO throttles (key, failures, window_started_at) VALUES ('address:10.0.0.1', 3, 1)`,
    `INSERT INTO one_time_links (id, kind, token_hash, user_id, created_at, expires_at) VALUES ('lnk_1', 'reset', 'h', 'usr_ben', 1, ${later})`,
  ]);
  const db = openMigrated(folder, { clock: hub.ctx.clock });
  const all = (sql: string) => db.$client.prepare(sql).all();
  expect(all('SELECT id, email_proved_at AS at FROM users ORDER BY id')).toEqual([
    { id: 'usr_ben', at: null },
    { id: 'usr_pat', at: null },
  ]);
  expect(all('SELECT kind, is_mailed FROM one_time_links')).toEqual([{ kind: 'reset', is_mailed: 0 }]);
  const ctx: Context = { ...hub.ctx, db };
  const { person } = await acceptInvitation(ctx, 'old', { name: 'Ana', password: 'a long enough password' });
  expect(all('SELECT id, grantee_id AS grantee, claimant_id AS claimant FROM shares ORDER BY id')).toEqual([
    { id: 'shr_bound', grantee: 'usr_ben', claimant: null },
    { id: 'shr_waits', grantee: null, claimant: person.id },
  ]);
  db.$client.close();
});
