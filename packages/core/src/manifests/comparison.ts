/**
 * Compares the checksum lists of a request with its files, in the worker. Matches and checks every list again after a
 * relevant change. After a comparison the next one waits nine times as long as it took, so that 75,000 files that arrive one
 * by one do not cause 75,000 comparisons.
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
import { lastSegment } from '@turnover/domain/names/names';
import { queueSubmitCheck } from '../requests/submit-trigger.ts';
import { inTurns, turns, turnsOf } from '../batches.ts';
import type { Context } from '../context.ts';
import { appendEvent } from '../events.ts';
import { comparisonOf } from './state.ts';
import { complete, enqueue, reschedule, underLease } from '../jobs.ts';
import { assetPathsIn, folderOf, type AssetPaths } from './asset-paths.ts';
import {
  entriesOf,
  filesOf,
  writeChanges,
  type ComparedFile,
  type ComparedList,
  type EntryRow,
} from './comparison-rows.ts';
import { checkFolders } from './folder-check.ts';
import { nextToHash } from './hashing.ts';
import { Histories, writeHistories } from './histories.ts';
import { findIgnored, writeIgnored } from './ignored.ts';
import { compareList, type CheckedLink, type Meant } from './list-check.ts';
import { nextUnreadLists, forgetRemoved } from './lists.ts';
import type { ComparisonJob } from './queue.ts';

/** The pause after a comparison, relative to its duration: comparing takes at most a tenth of the time. */
const restRatio = 9;
const longestRestMs = 60_000;
/** The most algorithms that are computed while a file arrives. */
const maxWhileLanding = 3;

/** Compares all lists of the request with all its files. Changes during the comparison cause another one. */
export async function compareLists(ctx: Context, job: ComparisonJob): Promise<void> {
  const { requestId } = job.payload;
  const began = performance.now();
  const wanted = comparisonOf(ctx.db, requestId)?.wanted ?? 0;
  await forgetRemoved(ctx, job);
  const files = await filesOf(ctx.db, requestId);
  const byId = new Map(files.map((file) => [file.id, file]));
  const index = await turnsOf(FileIndex.of(files));
  const lists = listsOf(ctx, requestId, byId);
  const histories = await Histories.of(ctx, lists);
  const packingLists = lists.filter(({ what }) => what === 'imf_pkl');
  const pathOf = packingLists.length > 0 ? await assetPathsIn(ctx, files) : null;
  const counts: ManifestCounts = { ...noCounts };
  const firstAlgorithms = new Map<ChecksumAlgorithm, number>();
  const pause = turns();
  let changed = 0;
  for (const list of histories.inOrder(lists)) {
    await pause();
    const entries = await entriesOf(ctx.db, list.id);
    const meanings: Meant[] = [];
    await inTurns(entries, (entry) => {
      meanings.push(
        list.what === 'imf_pkl'
          ? meaningOfAsset(entry, folderOf(list.path), pathOf!)
          : { ...histories.meaningOf(list, entry), notes: [], isFound: false },
      );
    });
    const paths = meanings.map(({ path }) => path);
    const matched = await turnsOf(matchEntries(list, paths, index));
    const links: CheckedLink[] = [];
    const onChecked = (link: CheckedLink) => links.push(link);
    const compared = await compareList({
      entries,
      meanings,
      matched,
      files: byId,
      firstAlgorithms,
      ...(histories.isChain(list) && { onChecked }),
    });
    counts.missing += compared.missing;
    changed += compared.changes.length;
    await writeChanges(ctx, job, list.id, compared.changes);
    if (histories.isChain(list)) histories.noteLinks(list, links);
  }
  const ignored = await findIgnored(files, [
    ...histories.newest(),
    ...packingLists.map(({ id, path, ignores }) => ({
      folder: folderOf(path),
      listId: id,
      patterns: ignores,
    })),
  ]);
  changed += await writeIgnored(ctx, job, ignored);
  for (const newest of histories.newest()) {
    histories.noteFolders(newest.listId, await checkFolders(ctx.db, newest, files));
  }
  changed += writeHistories(ctx, job, histories);
  await inTurns(files, ({ id, verdicts, isManifest, path }) => {
    const verdict = verdicts.length > 0 ? verdictOfFile(verdicts) : ignored.has(id) ? 'ignored' : 'extra';
    if (verdict === 'ignored' || (verdict === 'extra' && (isManifest || isSystemLitter(path)))) return;
    counts[verdict] += 1;
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

function listsOf(ctx: Context, requestId: string, files: ReadonlyMap<string, ComparedFile>): ComparedList[] {
  return ctx.db
    .select({
      id: manifests.fileId,
      what: manifests.what,
      ignores: manifests.ignores,
      history: manifests.history,
    })
    .from(manifests)
    .where(and(eq(manifests.requestId, requestId), eq(manifests.kind, 'list')))
    .all()
    .flatMap(({ id, ...list }) => {
      const file = files.get(id);
      return file ? [Object.assign(file, list, { name: lastSegment(file.path) })] : [];
    });
}

/**
 * The file of a packing list entry, which states an asset id. Without an asset map that has the id, uses the file name that
 * some lists add.
 */
function meaningOfAsset({ path, stated }: EntryRow, folder: string, pathOf: AssetPaths): Meant {
  const [id = '', ...name] = (stated ?? '').split(' ');
  const mapped = pathOf(folder, id);
  const plain = { isSuperseded: false, isChanged: false, isFound: true };
  if (mapped !== null) return { ...plain, path: mapped, notes: [] };
  return { ...plain, path: name.join(' ') || path || `urn:uuid:${id}`, notes: ['not_mapped'] };
}

type Finished = {
  wanted: number;
  lists: number;
  /** The id of the person who delivered the first list; null without a list. */
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
      // Roles that see only their own files get the event only if the list is theirs.
      deliveredBy: listedBy,
      data: { lists, ...counts },
    });
  }
  if (isNews || changed > 0 || JSON.stringify(before.counts) !== countsJson || before.done !== wanted) {
    appendEvent(tx, ctx.clock, { kind: 'manifest.changed', projectId, requestId });
  }
  if (counts !== null && counts.pending > 0 && nextToHash(tx, requestId, 1).length > 0) {
    enqueue(tx, ctx, 'hashForManifests', { requestId, failed: [] }, { dedupeKey: `hash:${requestId}` });
  }
  if (before.wanted !== wanted) return reschedule(tx, job, nextAt);
  complete(tx, ctx, job);
  queueSubmitCheck(tx, ctx, request);
}

/** Gives up comparing after repeated failures. Submits then no longer wait for the lists, and unread lists do not count. */
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
