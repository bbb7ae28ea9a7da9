/**
 * Previews made on demand, keyed by asset: of files in a Workspace, and of frames. They do not mark a file as inspected.
 * Every write of the worker needs the lease of the job, and changes only runs that have not ended.
 */
import { and, count, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets, previewRuns } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { mediaReports, stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { mediaKind, type MediaKind } from '@turnover/domain/media/media-kinds';
import type { MediaReport } from '@turnover/domain/media/media-report';
import {
  maxPreviewsWaiting,
  maxSoonPreviewedBytes,
  maxThumbnailsWaiting,
  type PreviewRunView,
} from '@turnover/domain/media/preview-runs';
import { frameStepsAsideMs, runsLong, stageFailures } from '@turnover/domain/media/stages';
import { parseFrameName } from '@turnover/domain/sequences/frame-names';
import type { Context } from '../context.ts';
import { signalEntries } from '../entries/places.ts';
import { inList } from '../in-list.ts';
import { complete, enqueueAll, reschedule, underLease, type Job } from '../jobs.ts';
import { previewKindsOf, recordPreviews } from '../previews.ts';
import type { StoredPreview } from '../storage.ts';

export type PreviewJob = Extract<Job, { kind: 'makePreviews' | 'makeLongPreviews' }>;
export type PreviewWork = { assetId: string; name: string; sizeBytes: number };
type PreviewRun = typeof previewRuns.$inferSelect;
type PreviewFacts = NonNullable<PreviewRun['facts']>;
export type PreviewResult = {
  reason: string | null;
  report: MediaReport | null;
  /** Null when something is missing. */
  facts: PreviewFacts | null;
  previews: readonly StoredPreview[];
};

/** Final results: they depend only on the file, so another attempt would end the same way. Other failures are tried again. */
const finalReasons: readonly (string | null)[] = [null, 'no_preview', 'empty_file'];
const againAfterMs = 3600_000;

type Asking = {
  askedBy: string;
  /** Made in advance: nobody waits for them, so previews that people wait for go first. */
  isSoon?: boolean;
};

/** Queues the missing previews, within the limit of waiting previews per person. Repeated calls change nothing. */
export function askForPreviews(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  wanted: readonly Pick<PreviewWork, 'assetId' | 'name'>[],
  { askedBy, isSoon = false }: Asking,
): void {
  const names = new Map(wanted.map(({ assetId, name }) => [assetId, name]));
  const asked = unmade(tx, ctx.clock(), [...names.keys()]).slice(
    0,
    placesLeft(tx, askedBy, isSoon ? maxThumbnailsWaiting : maxPreviewsWaiting),
  );
  const now = ctx.clock();
  for (const { assetId } of asked) {
    const run = {
      name: names.get(assetId)!,
      askedBy,
      askedAt: now,
      endedAt: null,
      reason: null,
      facts: null,
    };
    tx.insert(previewRuns)
      .values({ assetId, ...run })
      .onConflictDoUpdate({ target: previewRuns.assetId, set: run })
      .run();
  }
  const isLong = ({ assetId, sizeBytes }: (typeof asked)[number]) =>
    runsLong('preview', { kind: mediaKind(names.get(assetId)!), sizeBytes });
  const long = asked.filter(isLong);
  const short = asked.filter((each) => !isLong(each)).map(({ assetId }) => assetId);
  const aside = { stepAsideMs: isSoon ? frameStepsAsideMs : 0 };
  if (short.length > 0) enqueueAll(tx, ctx, 'makePreviews', [{ payload: { assetIds: short }, ...aside }]);
  const films = long.map(({ assetId }) => ({ payload: { assetIds: [assetId] } }));
  enqueueAll(tx, ctx, 'makeLongPreviews', films);
}

const stillKinds: readonly MediaKind[] = ['image', 'frame'];

/** Queues thumbnails of files that have just arrived in a Workspace. Only small still pictures get one, and no frames. */
export function askForThumbnails(
  tx: Transaction,
  ctx: Pick<Context, 'clock' | 'newId'>,
  assetId: string,
  kept: readonly Pick<typeof entries.$inferSelect, 'name' | 'ownerId' | 'sizeBytes'>[],
): void {
  for (const { name, ownerId, sizeBytes } of kept) {
    const isStill = stillKinds.includes(mediaKind(name)) && parseFrameName(name) === null;
    if (!isStill || sizeBytes > maxSoonPreviewedBytes) continue;
    askForPreviews(tx, ctx, [{ assetId, name }], { askedBy: ownerId, isSoon: true });
  }
}

function placesLeft(db: Reader, askedBy: string, max: number): number {
  const waiting = and(eq(previewRuns.askedBy, askedBy), isNull(previewRuns.endedAt));
  const { number } = db.select({ number: count() }).from(previewRuns).where(waiting).get()!;
  return Math.max(0, max - number);
}

/** The stored assets that have no previews, no waiting run, and no final result that says there can be none. */
function unmade(db: Reader, now: number, assetIds: readonly string[]) {
  const made = previewKindsOf(db, assetIds);
  const runs = runsOf(db, assetIds);
  return db
    .select({ assetId: assets.id, sizeBytes: assets.sizeBytes })
    .from(assets)
    .where(and(inList(assets.id, assetIds), eq(assets.state, 'stored')))
    .all()
    .filter(({ assetId }) => {
      if (made.has(assetId)) return false;
      const run = runs.get(assetId);
      return !run || mayBeAskedAgain(run, now);
    })
    .toSorted((one, other) => assetIds.indexOf(one.assetId) - assetIds.indexOf(other.assetId));
}

function hasFailed({ endedAt, reason }: PreviewRun): boolean {
  return endedAt !== null && !finalReasons.includes(reason);
}

function mayBeAskedAgain(run: PreviewRun, now: number): boolean {
  return hasFailed(run) && run.askedAt <= now - againAfterMs;
}

/** The files of the job whose runs have not ended. Their bytes may be gone; then reading them fails. */
export function waitingPreviews(db: Reader, { payload: { assetIds } }: PreviewJob): PreviewWork[] {
  const runs = runsOf(db, assetIds);
  const sizes = db
    .select({ assetId: assets.id, sizeBytes: assets.sizeBytes })
    .from(assets)
    .where(inList(assets.id, assetIds))
    .all();
  return sizes.flatMap(({ assetId, sizeBytes }) => {
    const run = runs.get(assetId);
    return run?.endedAt === null ? [{ assetId, sizeBytes, name: run.name }] : [];
  });
}

export function endPreviews(ctx: Context, job: PreviewJob, assetId: string, result: PreviewResult): void {
  underLease(ctx.db, job, (tx) => {
    if (!endRuns(tx, ctx, [assetId], result)) return;
    recordPreviews(tx, ctx, assetId, result.previews);
    signalHolders(tx, ctx, job);
  });
}

/** Ends the turn of the job. If some files are left, it waits behind the other due jobs. */
export function endPreviewTurn(ctx: Context, job: PreviewJob): void {
  underLease(ctx.db, job, (tx) => {
    if (waitingPreviews(tx, job).length > 0) reschedule(tx, job, ctx.clock());
    else complete(tx, ctx, job);
  });
}

/**
 * Ends the runs with a stage failure or `crashed`. The error text may contain paths of the server, so only owners of the hub
 * see it.
 */
export function giveUpPreviews(tx: Transaction, ctx: Context, job: PreviewJob, error: string): void {
  const reason = stageFailures.find((each) => each === error) ?? 'crashed';
  if (endRuns(tx, ctx, job.payload.assetIds, { reason, report: null, facts: null }))
    signalHolders(tx, ctx, job);
}

/** Reopens failed runs, so that a job can make those previews again. */
export function reopenPreviews(tx: Transaction, assetIds: readonly string[]): void {
  const made = previewKindsOf(tx, assetIds);
  const failed = [...runsOf(tx, assetIds).values()].filter((run) => hasFailed(run) && !made.has(run.assetId));
  const which = inList(
    previewRuns.assetId,
    failed.map(({ assetId }) => assetId),
  );
  tx.update(previewRuns).set({ endedAt: null, reason: null }).where(which).run();
}

/** Compare-and-set. Returns false when all runs have ended before. */
function endRuns(
  tx: Transaction,
  { clock }: Pick<Context, 'clock'>,
  assetIds: readonly string[],
  { reason, report, facts }: Omit<PreviewResult, 'previews'>,
): boolean {
  const live = and(inList(previewRuns.assetId, assetIds), isNull(previewRuns.endedAt));
  return (
    tx.update(previewRuns).set({ endedAt: clock(), reason, report, facts }).where(live).run().changes > 0
  );
}

/** Reloads the pages that show a file. The player asks for previews of frames by itself. */
function signalHolders(tx: Transaction, ctx: Context, { payload: { assetIds } }: PreviewJob): void {
  const [assetId, ...more] = assetIds;
  if (more.length > 0) return;
  const held = and(eq(entries.assetId, assetId!), isNull(entries.deletedAt));
  signalEntries(tx, ctx, tx.select().from(entries).where(held).limit(100).all());
}

function runsOf(db: Reader, assetIds: readonly string[]) {
  const rows = db.select().from(previewRuns).where(inList(previewRuns.assetId, assetIds)).all();
  return new Map(rows.map((row) => [row.assetId, row]));
}

/** Returns views in the order of the files. `assetId` is null for a file without bytes. */
export function viewPreviewRuns(
  { db, clock }: { db: Reader } & Pick<Context, 'clock'>,
  files: readonly { id: string; assetId: string | null }[],
): PreviewRunView[] {
  const assetIds = files.flatMap(({ assetId }) => assetId ?? []);
  const made = previewKindsOf(db, assetIds);
  const runs = runsOf(db, assetIds);
  const reports = inspected(db, assetIds);
  const now = clock();
  return files.map(({ id, assetId }): PreviewRunView => {
    const run = runs.get(assetId ?? '');
    const previews = made.get(assetId ?? '') ?? [];
    if (run && previews.length === 0 && mayBeAskedAgain(run, now))
      return { id, previews, status: 'none', reason: null, report: reports.get(assetId ?? '') ?? run.report };
    return {
      id,
      previews,
      status: run ? (run.endedAt === null ? 'waiting' : 'ended') : 'none',
      reason: run?.reason ?? null,
      report: reports.get(assetId ?? '') ?? run?.report ?? null,
    };
  });
}

/** The inspection report of an asset, made where the same bytes were delivered. Keyed by asset id. */
function inspected(db: Reader, assetIds: readonly string[]): Map<string, MediaReport> {
  const rows = db
    .select({ assetId: deliveredFiles.assetId, report: mediaReports.report })
    .from(deliveredFiles)
    .innerJoin(stageRuns, and(eq(stageRuns.fileId, deliveredFiles.id), eq(stageRuns.stage, 'inspect')))
    .innerJoin(mediaReports, eq(mediaReports.stageRunId, stageRuns.id))
    .where(inList(deliveredFiles.assetId, assetIds))
    .groupBy(deliveredFiles.assetId)
    .all();
  return new Map(rows.map(({ assetId, report }) => [assetId, report]));
}
