import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeBackup } from '@turnover/db/backup';
import { mails } from '@turnover/db/schema/notifications';
import { openMigrated } from '@turnover/db/migrate';
import { createOwner } from '../people/accounts.ts';
import { authenticate, signIn } from '../people/sign-in.ts';
import { claimDataFolder } from './claim-folder.ts';
import type { Context } from '../context.ts';
import { endOldAccess } from './end-old-access.ts';
import { createInvitation, describeInvitation } from '../projects/invitations.ts';
import { checkSetupLink, createResetLink, createSetupLink, describeResetLink } from '../people/links.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { createToken, revokeToken } from '../people/tokens.ts';

const password = 'a long enough password';
const from = { address: '10.0.0.1', userAgent: '' };

let hub: TestHub;
let elsewhere: string;
beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  elsewhere = mkdtempSync(join(tmpdir(), 'turnover-restored-'));
  claim(hub.ctx, hub.folder);
});
afterEach(() => {
  hub.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

function claim(ctx: Pick<Context, 'db' | 'clock' | 'newId'>, folder: string) {
  let ended;
  const { state } = claimDataFolder(ctx.db, folder, {
    ...ctx,
    onRestored: (tx) => (ended = endOldAccess(tx, ctx.clock())),
  });
  return { state, ended };
}

/** Starts the hub with this database in the given folder. */
function start(database: string, folder: string) {
  cpSync(database, join(folder, 'turnover.db'));
  const db = openMigrated(folder, { clock: hub.ctx.clock });
  return { ctx: { ...hub.ctx, db }, ...claim({ ...hub.ctx, db }, folder), close: () => db.$client.close() };
}

test('a restored backup accepts no session or token, but still accepts passwords', async () => {
  const owner = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  const project = hub.createProject();
  const { token: session } = await signIn(hub.ctx, { email: owner.email, password }, from);
  const token = createToken(hub.as(owner), { name: 'script' });
  const reset = createResetLink(hub.ctx, owner.email).split('/').at(-1)!;
  const setup = createSetupLink(hub.ctx).split('/').at(-1)!;
  const input = {
    projectId: project.id,
    role: 'partner',
    email: 'ana@example.test',
    companyId: null,
  } as const;
  const { path } = createInvitation(hub.as(owner), input);
  const backup = join(hub.folder, 'backups', 'copy.db');
  writeBackup(join(hub.folder, 'turnover.db'), backup);
  // Revoked after the backup, so the copy still contains it as live.
  revokeToken(hub.as(owner), token.id);

  const restored = start(backup, elsewhere);
  const { ctx } = restored;
  expect(restored).toMatchObject({
    state: 'restored',
    ended: { sessions: 1, tokens: 1, links: 2, invitations: 1 },
  });
  expect(await authenticate(ctx, { sessionToken: session })).toBeNull();
  expect(await authenticate(ctx, { authorization: `Bearer ${token.token}` })).toBeNull();
  const expired = expect.objectContaining({ code: 'link_expired' });
  expect(() => describeResetLink(ctx, reset)).toThrow(expired);
  expect(() => checkSetupLink(ctx, setup)).toThrow(expired);
  expect(() => describeInvitation(ctx, path.split('/').at(-1)!)).toThrow(expired);
  expect(await signIn(ctx, { email: owner.email, password }, from)).toHaveProperty('token');
  restored.close();

  // The original hub was restarted meanwhile, and nobody was signed out there.
  expect(claim(hub.ctx, hub.folder)).toEqual({ state: 'same', ended: undefined });
  expect(await authenticate(hub.ctx, { sessionToken: session })).not.toBeNull();
});

test('ends old access also in the folder that the backup came from', async () => {
  const owner = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  const { token } = await signIn(hub.ctx, { email: owner.email, password }, from);
  const backup = join(hub.folder, 'backups', 'copy.db');
  writeBackup(join(hub.folder, 'turnover.db'), backup);
  hub.db.$client.close();
  for (const suffix of ['-wal', '-shm']) rmSync(join(hub.folder, `turnover.db${suffix}`), { force: true });
  const restored = start(backup, hub.folder);
  expect(restored.state).toBe('restored');
  expect(await authenticate(restored.ctx, { sessionToken: token })).toBeNull();
  const again = await signIn(restored.ctx, { email: owner.email, password }, from);
  expect(claim(restored.ctx, hub.folder).state).toBe('same');
  expect(await authenticate(restored.ctx, { sessionToken: again.token })).not.toBeNull();
  restored.close();
});

test('does not mail a new secret for a link or code that was waiting to be mailed', async () => {
  const secrets = { placeholder: { kind: 'account.reset' as const, userId: 'usr_a' } };
  const row = { id: hub.ctx.newId('mail'), to: 'a@b.test', subject: '', text: 'x', html: 'x' };
  hub.db
    .insert(mails)
    .values({ ...row, secrets, status: 'waiting', nextAttemptAt: 0, createdAt: 0 })
    .run();
  hub.db.transaction((tx) => endOldAccess(tx, hub.clock.now));
  expect(hub.db.select().from(mails).all()).toMatchObject([{ status: 'failed', text: '' }]);
});
