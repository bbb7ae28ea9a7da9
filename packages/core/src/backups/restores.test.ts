import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { inTransaction } from '@turnover/db/transaction';
import type { Person } from '../context.ts';
import { hashPassword } from '../people/passwords.ts';
import { newAuthenticatorKey, setUpSecondFactor } from '../people/second-factor.ts';
import { codeAt, readKey, stepOf } from '../people/totp.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { claim } from '../jobs.ts';
import { listBackups } from './list.ts';
import { backUpNow } from './queue.ts';
import { forgetFacts, readFacts, writeFacts } from './restore-facts.ts';
import { interruptOrders, openOrder, orderRestore, recordRestore, refuseOrder } from './restores.ts';

const password = 'correct horse battery';
const backup = '2026-11-30T02-00-00.000Z.db';
const ended = { sessions: 2, tokens: 1, links: 0, invitations: 0 };
let hub: TestHub;
let owner: Person;
let pauses: number;
beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  owner = hub.createPerson({ name: 'Olga', isOwner: true });
  const passwordHash = await hashPassword(password);
  hub.db.update(users).set({ passwordHash }).where(eq(users.id, owner.id)).run();
  mkdirSync(hub.ctx.backups.folder, { recursive: true });
  writeFileSync(join(hub.ctx.backups.folder, backup), 'a database');
  pauses = 0;
});
afterEach(() => hub.close());

const dataFolder = () => dirname(hub.db.$client.name);
const order = (
  input: { backup?: string; password?: string; code?: string } = {},
  pause: (() => void) | undefined = () => pauses++,
) => orderRestore({ ...hub.as(owner), pause }, { backup, password, code: '', ...input });
const latest = async () => (await listBackups(hub.ctx)).latestRestore;

test('an order waits in the database, and the hub is asked to stop', async () => {
  await order();
  expect(pauses).toBe(1);
  expect(openOrder(dataFolder())).toMatchObject({ backup, orderedBy: owner.email });
  expect(await latest()).toMatchObject({ backup, by: owner.email, state: 'ordered' });
});

test.each([
  ['another password', { password: 'wrong' }, 'sign_in_refused'],
  ['a backup that is not there', { backup: 'other.db' }, 'not_found'],
  ['a path', { backup: `../backups/${backup}` }, 'not_found'],
])('refuses %s, and the hub goes on', async (_name, input, code) => {
  await expect(order(input)).rejects.toMatchObject({ code });
  expect(pauses).toBe(0);
  expect(openOrder(dataFolder())).toBeUndefined();
});

test('refuses an order where nothing would start the hub again', async () => {
  await expect(orderRestore(hub.as(owner), { backup, password, code: '' })).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect((await listBackups(hub.ctx)).canRestore).toBe(false);
});

test('a token cannot order one, nor the password alone of an owner with a second factor', async () => {
  const caller = { via: 'token' as const, viaId: null, address: null };
  const input = { backup, password, code: '' };
  await expect(
    orderRestore({ ...hub.as(owner), pause: () => pauses++, caller }, input),
  ).rejects.toMatchObject({
    code: 'forbidden',
  });
  hub.db
    .insert(hubTable)
    .values({ id: hub.ctx.newId('hub'), createdAt: hub.clock.now, folderId: null })
    .run();
  const key = newAuthenticatorKey();
  const codeOf = (step: number) => codeAt(readKey(key), step);
  const step = stepOf(hub.clock.now);
  await setUpSecondFactor(hub.as(owner), { key, code: codeOf(step), password });
  await expect(order()).rejects.toMatchObject({ code: 'factor_refused' });
  expect(openOrder(dataFolder())).toBeUndefined();
  hub.clock.advance(60_000);
  await order({ code: codeOf(step + 2) });
  expect(openOrder(dataFolder())).toMatchObject({ backup });
});

test('a refused or interrupted order is over, and says so', async () => {
  await order();
  refuseOrder(dataFolder(), openOrder(dataFolder())!.id, 'The backup is damaged.');
  expect(openOrder(dataFolder())).toBeUndefined();
  expect(await latest()).toMatchObject({ state: 'refused', reason: 'The backup is damaged.' });
  hub.clock.advance(1000);
  await order();
  interruptOrders(hub.db);
  expect(openOrder(dataFolder())).toBeUndefined();
  expect(await latest()).toMatchObject({ state: 'interrupted' });
});

test('a restored database knows where it came from, and so does the audit log', async () => {
  const restorePoint = '/backups/2026-11-30T09-00-00.000Z-before-restore.db';
  writeFacts(dataFolder(), {
    backup: `/elsewhere/${backup}`,
    orderedBy: owner.email,
    restorePoint,
    replacedLog: { seq: 7, hash: 'abc' },
  });
  inTransaction(hub.db, (tx) => recordRestore(tx, hub.ctx, { dataFolder: dataFolder(), ended }));
  expect(await latest()).toMatchObject({
    backup,
    by: owner.email,
    state: 'done',
    restorePoint: '2026-11-30T09-00-00.000Z-before-restore.db',
  });
  expect(auditEntry()).toMatchObject({
    action: 'backups.restored',
    details: { backup, replacedEntries: 7, replacedHash: 'abc', sessions: 2 },
  });
  forgetFacts(dataFolder());
  expect(readFacts(dataFolder())).toBeUndefined();
});

test.each([
  [null, 'command'],
  ['olga@example.test', 'hub'],
])('the audit log says whether a command restored it (ordered by %s)', (orderedBy, via) => {
  writeFacts(dataFolder(), { backup, orderedBy, restorePoint: null, replacedLog: null });
  inTransaction(hub.db, (tx) => recordRestore(tx, hub.ctx, { dataFolder: dataFolder(), ended }));
  expect(hub.db.$client.prepare('select via from audit_entries order by seq desc').pluck().get()).toBe(via);
});

test('the backup that a restored database came from is not being made any more', async () => {
  expect(backUpNow(hub.as(owner))).toEqual({ isNew: true });
  expect(claim(hub.ctx, ['makeBackup'])).toBeDefined();
  inTransaction(hub.db, (tx) => recordRestore(tx, hub.ctx, { dataFolder: dataFolder(), ended }));
  expect((await listBackups(hub.ctx)).backups.map(({ state }) => state)).toEqual(['kept']);
  expect(backUpNow(hub.as(owner))).toEqual({ isNew: true });
});

test.each(['', 'not json'])('a database that was copied by hand has an entry too (facts: %j)', (text) => {
  if (text) writeFileSync(join(dataFolder(), 'restored.json'), text);
  inTransaction(hub.db, (tx) => recordRestore(tx, hub.ctx, { dataFolder: dataFolder(), ended }));
  expect(auditEntry()).toMatchObject({ action: 'backups.restored', details: ended });
});

function auditEntry() {
  const row = hub.db.$client
    .prepare('select action, details from audit_entries order by seq desc limit 1')
    .get() as { action: string; details: string };
  return { action: row.action, details: JSON.parse(row.details) as unknown };
}
