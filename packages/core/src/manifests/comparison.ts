/**
 * Compares the checksum lists of a request with its files, in the worker. Matches and checks each list again after each
 * change that may matter. After a comparison the next one waits nine times as long as it took, so that 75,000 files
 * that arrive one by one do not cause 75,000 comparisons.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { manifestComparisons, manifests } from '@turnover/db/schema/manifests';
import { requests } from '@turnover/db/schema/requests';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { isSystemLitter } from '@turnover/domain/workspace/litter';
import { FileIndex, matchEntries } from '@turnover/domain/manifests/matching';
import { noCounts, type ManifestCounts } from '@turnover/domain/manifests/summary';
import { verdictOfFile } from '@turnover/domain/manifests/verdicts';
import { queueSubmitCheck } from '../requests/submit-trigger.ts';
import { inTurns, turns, turnsOf } from '../batches.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';
import { comparisonOf } from './state.ts';
import { complete, enqueue, reschedule, underLease } from '../jobs.ts';
import { entriesOf, filesOf, writeChanges } from './comparison-rows.ts';
import { nextToHash } from './hashing.ts';
import { compareList } from './list-check.ts';
import { nextUnreadLists, forgetRemoved } from './lists.ts';
import type { ComparisonJob } from './queue.ts';

/** A comparison takes at most a tenth of the time. */
const restRatio = 9;
const longestRestMs = 60_000;
/** At most this many algorithms are computed while a file arrives. */
const maxWhileLanding = 3;

/** Compares all lists of the request with all its files. Changes that come meanwhile cause another comparison. */
export async function compareLists(ctx: Context, job: ComparisonJob): Promise<void> {
  const { requestId } = job.payload;
  const began = performance.now();
  const wanted = comparisonOf(ctx.db, requestId)?.wanted ?? 0;
  await forgetRemoved(ctx, job);
  const files = await filesOf(ctx.db, requestId);
  const byId = new Map(files.map((file) => [file.id, file]));
  const index = await turnsOf(FileIndex.of(files));
  const lists = ctx.db
    .select({ id: manifests.fileId })
    .from(manifests)
    .where(and(eq(manifests.requestId, requestId), eq(manifests.kind, 'list')))
    .all()
    .flatMap(({ id }) => byId.get(id) ?? []);
  const counts: ManifestCounts = { ...noCounts };
  const firstAlgorithms = new Map<ChecksumAlgorithm, number>();
  const pause = turns();
  let changed = 0;
  for (const list of lists) {
    await pause();
    const entries = await entriesOf(ctx.db, list.id);
    const matched = await turnsOf(
      matchEntries(
        list,
        entries.map(({ path }) => path),
        index,
      ),
    );
    const compared = await compareList(entries, matched, byId, firstAlgorithms);
    counts.missing += compared.missing;
    changed += compared.changes.length;
    await writeChanges(ctx, job, list.id, compared.changes);
  }
  await inTurns(files, ({ verdicts, isManifest, path }) => {
    if (verdicts.length > 0) counts[verdictOfFile(verdicts)] += 1;
    else if (!isManifest && !isSystemLitter(path)) counts.extra += 1;
  });
  const algorithms = [...firstAlgorithms].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
  const tookMs = performance.now() - began;
  underLease(ctx.db, job, (tx) =>
    finish(tx, ctx, job, {
      wanted,
      lists: lists.length,
      listedBy: lists[0]?.deliveredBy ?? null,
      counts: lists.length > 0 ? counts : null,
      tookMs,
      algorithms: algorithms.slice(0, maxWhileLanding),
      changed,
    }),
  );
}

type Finished = {
  wanted: number;
  lists: number;
  /** Who delivered the first list; null without a list. */
  listedBy: string | null;
  counts: ManifestCounts | null;
  algorithms: ChecksumAlgorithm[];
  changed: number;
  tookMs: number;
};

function finish(
  tx: Transaction,
  ctx: Context,
  job: ComparisonJob,
  { wanted, lists, listedBy, counts, algorithms, changed, tookMs }: Finished,
): void {
  const { requestId } = job.payload;
  const before = comparisonOf(tx, requestId);
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  if (!before || !request) return complete(tx, ctx, job);
  const now = ctx.clock();
  const nextAt = now + Math.min(longestRestMs, Math.round(tookMs * restRatio));
  const countsJson = JSON.stringify(counts);
  const isSettled = counts !== null && counts.pending === 0 && before.wanted === wanted;
  const isNews = isSettled && countsJson !== before.told;
  tx.update(manifestComparisons)
    .set({
      done: wanted,
      lists,
      counts,
      algorithms,
      comparedAt: now,
      nextAt,
      ...((isNews || counts === null) && { told: counts === null ? null : countsJson }),
    })
    .where(eq(manifestComparisons.requestId, requestId))
    .run();
  const { projectId } = request;
  if (isNews) {
    appendEvent(tx, ctx.clock, {
      kind: 'manifest.compared',
      projectId,
      requestId,
      // Roles that see only their own files learn only of the comparison with their own list.
      deliveredBy: listedBy,
      data: { lists, ...counts },
    });
  }
  if (isNews || changed > 0 || JSON.stringify(before.counts) !== countsJson || before.done !== wanted) {
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId, requestId });
  }
  if (counts !== null && counts.pending > 0 && nextToHash(tx, requestId)) {
    enqueue(tx, ctx, 'hashForManifests', { requestId }, { dedupeKey: `hash:${requestId}` });
  }
  if (before.wanted !== wanted) return reschedule(tx, job, nextAt);
  complete(tx, ctx, job);
  queueSubmitCheck(tx, ctx, request);
}

/** Gives up comparing after repeated failures. Submits no longer wait for the lists, and no unread list counts. */
export function giveUpComparing(
  tx: Transaction,
  ctx: Context,
  { payload: { requestId } }: ComparisonJob,
): void {
  const request = tx.select().from(requests).where(eq(requests.id, requestId)).get();
  for (const list of nextUnreadLists(tx, requestId)) {
    const nothing = { kind: 'unreadable', what: '', notes: [], entries: 0, unread: 0 } as const;
    tx.insert(manifests)
      .values({ fileId: list.id, requestId, ...nothing, notes: [], readAt: ctx.clock() })
      .run();
  }
  tx.update(manifestComparisons)
    .set({ done: sql`${manifestComparisons.wanted}` })
    .where(eq(manifestComparisons.requestId, requestId))
    .run();
  if (request) {
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId: request.projectId, requestId });
  }
}
