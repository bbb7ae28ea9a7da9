/**
 * A read never fails because a write is impossible: every query runs while another process holds the database, on a read-only
 * connection, and on a read-only file.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { beginSession } from '@turnover/core/people/sign-in';
import { openDatabase, setWaitMs, type Database } from '@turnover/db/open';
import { openReadOnly } from '@turnover/db/testing';
import { allProcedures } from './documentation.ts';
import { call, testApi, type ApiHub } from './testing.ts';

const queries = allProcedures().filter(({ type }) => type === 'query');
/** Longer than any query takes, so that the test detects waiting for the lock. */
const waitMs = 3000;

let hub: ApiHub;
let path: string;
let inputs: Record<string, Record<string, unknown>>;
const callers: Record<string, Person> = {};

beforeAll(async () => {
  hub = await testApi({ onDisk: true });
  path = join(hub.folder, 'turnover.db');
  await seed();
  setWaitMs(hub.db, waitMs);
});
afterAll(() => hub.close());

/** Creates rows in every table that a query reads, and an unopened share. */
async function seed(): Promise<void> {
  const project = hub.createProject('Northern Light');
  const projectId = project.id;
  const lead = hub.createPerson({ project, role: 'coordinator', isOwner: true });
  const partner = hub.createPerson({ project, role: 'partner' });
  const friend = hub.createPerson({ project, role: 'partner' });
  Object.assign(callers, { lead, partner, friend });
  const [leads, partners] = [hub.callerOf(lead), hub.callerOf(partner)];
  await beginSession(hub.ctx, partner, { address: null, userAgent: '' });
  await leads.projects.update({ projectId, launchAt: hub.clock.now });
  const type = await leads.requestTypes.create({ projectId, name: 'Mixes', rules: {} });
  const assignees = [{ userId: partner.id }];
  const { id: requestId } = await leads.requests.create({ projectId, name: 'Print master', assignees });
  await leads.savedViews.create({ projectId, name: 'Mixes', query: { type: type.id } });
  await leads.comments.create({ requestId, text: 'By Friday, please' });
  await leads.invitations.create({ projectId, email: 'new@example.com', role: 'partner', companyId: null });
  hub.db.$client.prepare('update requests set round = 2').run();
  const submitted = `insert into rounds (request_id, number, submitted_at, submitted_by) values (?, 1, 0, ?)`;
  hub.db.$client.prepare(submitted).run(requestId, partner.id);
  await partners.uploads.begin({ projectId, requestId, filename: 'mix.wav', sizeBytes: 0 });
  const { uploadId } = await partners.uploads.begin({ projectId, filename: 'cut.mov', sizeBytes: 10 });
  const gone = await partners.workspace.createFolder({ projectId, name: 'Gone' });
  await partners.workspace.remove({ entryId: gone.id });
  const { id: entryId } = await partners.workspace.createFolder({ projectId, name: 'Stems' });
  await partners.shares.create({ projectId, entryIds: [entryId], people: [friend.email] });
  await partners.retention.ask({ projectId, reason: 'Reels are missing' });
  const { shares } = await partners.shares.list({ entryId });
  const { files } = await partners.requestFiles.list({ requestId });
  inputs = {
    project: { projectId },
    request: { requestId },
    'delivered file': { fileId: files[0]!.id },
    'request type': { typeId: type.id },
    entry: { entryId },
    share: { shareId: shares[0]!.id },
    upload: { uploadId },
    'requestTypes.version': { version: 1 },
    'rounds.compare': { from: 1, to: 2 },
    'rounds.get': { number: 1 },
    'rounds.receipt': { number: 1 },
    'rounds.qcReport': { number: 1 },
    'shares.checkRecipients': { entryIds: [entryId], people: [friend.email, 'else@example.com'] },
    'requestFiles.frameFiles': { from: 1 },
    'requestFiles.previews': { fileIds: [files[0]!.id] },
    'workspace.frameFiles': { from: 1 },
    'workspace.find': { text: 'stems' },
    'workspace.previews': { entryIds: [entryId] },
    'workspace.search': { text: 'a' },
    'uploads.list': { projectId },
  };
}

type Outcomes = Record<string, string>;

async function readAll(db: Database): Promise<{ outcomes: Outcomes; slowestMs: number; skipped: unknown[] }> {
  const outcomes: Outcomes = {};
  let slowestMs = 0;
  hub.logged.length = 0;
  for (const [name, person] of Object.entries(callers)) {
    const caller = hub.callerOf(person, { hub: { ...hub.ctx, db } });
    for (const { path, rule } of queries) {
      const input = { ...inputs[rule.noun], ...inputs[path] };
      const begun = performance.now();
      outcomes[`${path} as ${name}`] = await call(caller, path, input).catch((error: Error) => error.message);
      slowestMs = Math.max(slowestMs, performance.now() - begun);
    }
  }
  const skipped = hub.logged.filter(({ event }) => event === 'write.skipped').map(({ facts }) => facts);
  return { outcomes, slowestMs, skipped };
}

const contents = () => {
  const tables = hub.db.$client
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
    .pluck()
    .all() as string[];
  return tables.map((name) => [name, hub.db.$client.prepare(`select * from "${name}"`).all()]);
};

const hindrances: [string, () => { db: Database; end(): void }][] = [
  [
    'while another process holds the database',
    () => {
      const other = openDatabase(path).$client;
      other.exec('BEGIN IMMEDIATE');
      return { db: hub.db, end: () => other.close() };
    },
  ],
  [
    'on a connection that may not write',
    () => {
      const { $client } = hub.db;
      $client.pragma('query_only = ON');
      return { db: hub.db, end: () => void $client.pragma('query_only = OFF') };
    },
  ],
  [
    'on a file that is open for reading only',
    () => {
      const db = openReadOnly(path);
      return { db, end: () => db.$client.close() };
    },
  ],
];

describe.each(hindrances)('%s', (_, hinder) => {
  test('every query returns as usual, without waiting and without changes', async () => {
    const before = contents();
    const { db, end } = hinder();
    const { outcomes, slowestMs, skipped } = await readAll(db);
    end();
    const failed = Object.entries(outcomes).filter(([, each]) => !/^(done|not_found|forbidden)$/.test(each));
    expect(failed).toEqual([]);
    const answered = queries.filter(({ path }) =>
      Object.keys(callers).some((name) => outcomes[`${path} as ${name}`] === 'done'),
    );
    expect(answered).toEqual(queries);
    expect(slowestMs).toBeLessThan(waitMs);
    expect(contents()).toEqual(before);
    expect(skipped).toEqual([]);
  });
});

test('without an obstacle, every query returns the same result and writes nothing', async () => {
  const { db, end } = hindrances[2]![1]();
  const hindered = await readAll(db);
  end();
  const before = contents();
  const { changes } = changesOf();
  const free = await readAll(hub.db);
  expect(free.outcomes).toEqual(hindered.outcomes);
  expect(changesOf()).toEqual({ changes });
  expect(contents()).toEqual(before);
});

/** Returns the number of rows that this connection has written so far. */
const changesOf = () =>
  hub.db.$client.prepare('select total_changes() as changes').get() as { changes: number };
