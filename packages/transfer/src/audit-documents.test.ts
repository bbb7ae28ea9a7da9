// Exports of the audit log go only to owners of the hub, and leave an entry themselves.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordAct } from '@turnover/core/audit/record';
import { sealAuditLog } from '@turnover/core/audit/seals';
import { allEntries, verifyAuditLog, type StoredEntry } from '@turnover/core/audit/verify';
import type { Person } from '@turnover/core/context';
import { inTransaction } from '@turnover/db/transaction';
import { auditSealView } from '@turnover/domain/server/audit';
import { startTransfers, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let owner: Person;

beforeEach(async () => {
  transfers = await startTransfers();
  const { hub, signedIn } = transfers;
  owner = hub.createPerson({ isOwner: true });
  const project = hub.createProject();
  signedIn.set('owner', owner);
  signedIn.set('coordinator', hub.createPerson({ project, role: 'coordinator' }));
  for (const action of ['members.add', 'shares.revoke']) {
    inTransaction(hub.db, (tx) => recordAct(tx, hub.ctx, { action, actor: owner, subject: '=1+1' }));
  }
});
afterEach(() => transfers.close());

const ask = (document: string, token = 'owner', method = 'GET') =>
  transfers.ask(method, `/audit/${document}`, { headers: { Authorization: `Bearer ${token}` } });
const entries = () => [...allEntries(transfers.hub.db)];

test('sends the log as lines that can be verified, with the entry of this export', async () => {
  const { status, headers, body } = await ask('log.jsonl');
  expect(status).toBe(200);
  expect(headers['content-disposition']).toContain('turnover audit log.jsonl');
  expect(headers['cache-control']).toBe('private, no-store');
  const log = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEntry);
  expect(await verifyAuditLog(log, [])).toMatchObject({ entries: 3, broken: null });
  expect(log.at(-1)).toMatchObject({ action: 'audit.export', actorId: owner.id });
});

test('sends what a filter says, and writes the filter down', async () => {
  const { body } = await ask('log.csv?area=shares&from=&to=9999999999999');
  expect(body).toContain('"shares.revoke"');
  expect(body).toContain(`"'=1+1"`);
  expect(body).not.toContain('"members.add"');
  const { details } = entries().at(-1)!;
  expect(JSON.parse(details)).toEqual({ document: 'log.csv', area: 'shares', to: 9999999999999 });
});

test('sends the newest seal', async () => {
  expect((await ask('seal.json')).status).toBe(404);
  const seal = sealAuditLog(transfers.hub.ctx);
  const { body } = await ask('seal.json');
  expect(auditSealView.parse(JSON.parse(body))).toEqual(seal);
});

test.each([
  ['coordinator', 404],
  ['nobody', 401],
])('refuses %s', async (token, status) => {
  for (const document of ['log.csv', 'log.jsonl', 'seal.json']) {
    expect((await ask(document, token)).status).toBe(status);
  }
  expect(entries()).toHaveLength(2);
});

test.each(['log.txt', '', '../log.csv', '__proto__', 'log.csv/'])(
  'knows no document %j',
  async (document) => {
    expect((await ask(document)).status).toBe(404);
  },
);

test('refuses a wrong filter with the name of the field', async () => {
  const { status, body } = await ask('log.csv?area=nonsense');
  expect(status).toBe(400);
  expect(body).toContain('area');
  expect((await ask('log.csv?from=yesterday')).body).toContain('from');
});

test('answers HEAD without an export', async () => {
  expect(await ask('log.csv', 'owner', 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(entries()).toHaveLength(2);
  expect((await ask('log.csv', 'owner', 'DELETE')).status).toBe(405);
});
