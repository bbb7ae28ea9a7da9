/** For tests: compares the hub's final state with the ledger of one delivery. */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { assets } from '@turnover/db/schema/assets';
import { events } from '@turnover/db/schema/events';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, rounds } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { eventKinds } from '@turnover/domain/events';
import { lastName, type Ledger } from '../http/testing-story.ts';
import type { RunningHub } from '../http/testing.ts';

const history = [
  'request.created',
  'file.added',
  'request.submitted',
  'request.processingStarted',
  'request.processed',
  'request.redeliveryAsked',
  'file.renamed',
  'request.submitted',
  'request.processingStarted',
  'request.processed',
  'request.accepted',
];
const statuses = [
  '1 open',
  '1 submitted',
  '1 processing',
  '1 processed',
  '2 redelivery',
  '2 submitted',
  '2 processing',
  '2 processed',
  '2 accepted',
];

export async function expectEverythingOnce(running: RunningHub, ledger: Ledger): Promise<void> {
  expectNothingTakenBack(ledger);
  await expectBytes(running, ledger);
  expectHistory(running, ledger);
  expectJobs(running, ledger);
}

function expectNothingTakenBack({ offsets, statuses: seen, bytes }: Ledger): void {
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  expect(offsets.at(-1)).toBe(bytes.length);
  const order = seen.map((status) => statuses.indexOf(status));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order).not.toContain(-1);
  expect(seen.at(-1)).toBe(statuses.at(-1));
}

async function expectBytes(
  { address, token, hub }: RunningHub,
  { fileId, uploadId, requestId, bytes }: Ledger,
) {
  const answer = await fetch(`${address}/files/${fileId}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(bytes));
  const sent = hub.db.select().from(uploads).all().filter(of(requestId));
  expect(sent).toMatchObject([{ id: uploadId, status: 'complete' }]);
  const files = hub.db.select().from(deliveredFiles).all().filter(of(requestId));
  const { assetId } = sent[0]!;
  expect(files.toSorted((one, other) => one.addedRound - other.addedRound)).toMatchObject([
    { removal: 'renamed', removedRound: 2, addedRound: 1, assetId },
    { id: fileId, path: lastName, removedAt: null, addedRound: 2, assetId },
  ]);
  const stored = hub.db
    .select()
    .from(assets)
    .all()
    .filter(({ id }) => id === assetId);
  expect(stored).toMatchObject([{ state: 'stored', sizeBytes: bytes.length }]);
}

function expectHistory({ hub }: RunningHub, { requestId }: Ledger): void {
  const kinds = hub.db
    .select()
    .from(events)
    .all()
    .filter(of(requestId))
    .sort((a, b) => a.id - b.id)
    .map(({ kind }) => kind);
  expect(kinds.filter((kind) => eventKinds[kind] === 'history')).toEqual(history);
}

/** Expects one job per round and stage, no matter which worker finished it. */
function expectJobs({ hub }: RunningHub, { requestId }: Ledger): void {
  const runs = hub.db.select().from(stageRuns).all().filter(of(requestId));
  // The runs of the file that was delivered under its first name and renamed to its second.
  expect(runs.map(({ stage, status }) => [stage, status]).sort()).toEqual([
    ['checksum', 'done'],
    ['checksum', 'done'],
    ['encode', 'done'],
    ['encode', 'done'],
    ['inspect', 'done'],
    ['inspect', 'done'],
    // The bytes are not valid sound.
    ['preview', 'skipped'],
    ['preview', 'skipped'],
    ['signal', 'skipped'],
    ['signal', 'skipped'],
  ]);
  const mine = new Set([requestId, ...runs.map(({ id }) => id)]);
  const made = hub.db
    .select()
    .from(jobs)
    .all()
    .filter(({ payload }) => Object.values(payload as object).some((value) => mine.has(value as string)));
  expect(made.map(({ kind, status }) => [kind, status]).sort()).toEqual([
    ['processRound', 'done'],
    ['processRound', 'done'],
    ...Array.from({ length: 5 }, () => ['runStage', 'done']),
  ]);
  expect(new Set(made.map(({ dedupeKey }) => dedupeKey)).size).toBe(made.length);
  const processed = hub.db.select().from(rounds).all().filter(of(requestId));
  expect(processed.map(({ filesFailed }) => filesFailed)).toEqual([0, 0]);
}

function of(requestId: string) {
  return (row: { requestId: string | null }) => row.requestId === requestId;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
