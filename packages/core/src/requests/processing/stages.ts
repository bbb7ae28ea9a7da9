/**
 * Begins, plans, reports and ends the stages of delivered files in the database; the work itself happens in the worker. Every
 * write needs the lease of the stage's job, and changes only stages that have not ended.
 */
import { and, desc, eq, inArray, ne } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { lanes, slotsPerLane, type EncodePlan, type Lane } from '@turnover/domain/media/encode-model';
import type { EventKind } from '@turnover/domain/events';
import { isFrame } from '@turnover/domain/media/pipelines';
import { stageFailures, stageReads, type StageInput, type StageStatus } from '@turnover/domain/media/stages';
import { lastSegment } from '@turnover/domain/names/names';
import { recordPreviews } from '../../previews.ts';
import type { Context } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { complete, reschedule, underLease, type Job } from '../../jobs.ts';
import { rulesOf } from '../types.ts';
import { isBeingInspected } from './frame-layouts.ts';
import { reportOf, storeResult, type StageResult } from './inspection.ts';
import { countEnded, enqueueStages, kindOf } from './rounds.ts';
import { siblingsOf, type Sibling } from './siblings.ts';

export type StageJob = Extract<Job, { kind: 'runStage' | 'runLongStage' }>;
export type StageFacts = Record<string, string | number | boolean>;
type StageRun = typeof stageRuns.$inferSelect;
export type StageOfFile = {
  run: StageRun;
  file: typeof deliveredFiles.$inferSelect;
  projectId: string;
  typeId: string | null;
  typeVersion: number | null;
};
/** A stage to run now. `input` lacks the files, because storage opens them for the thread. */
export type StageWork = StageOfFile & {
  input: Omit<StageInput, 'path' | 'siblings' | 'layouts' | 'previews' | 'lanes' | 'now' | 'simulationSpeed'>;
  siblings: readonly Sibling[];
};

/** Whether the stage compares all frames of a sequence. It runs on the last frame. */
export function closesSequence({ run, file }: Pick<StageOfFile, 'run' | 'file'>): boolean {
  return stageReads(run.stage, 'layouts') && isFrame(kindOf(file), lastSegment(file.path));
}

/** How long the last frame waits before it checks again whether the other frames are inspected. */
const lookAgainMs = 2000;

/** Whether the stage must wait for other files. If so, reschedules its job. */
export function awaitsOthers(ctx: Context, job: StageJob): boolean {
  const found = loadStage(ctx.db, job.payload.stageRunId);
  if (!found || hasEnded(found.run) || !closesSequence(found)) return false;
  if (!isBeingInspected(ctx.db, found.file, found.run.round)) return false;
  underLease(ctx.db, job, (tx) => reschedule(tx, job, ctx.clock() + lookAgainMs));
  return true;
}

/** Null when there is nothing to do now: the stage has ended, or it is a simulation that waits for its planned end. */
export function beginStage(ctx: Context, job: StageJob): StageWork | null {
  return underLease(ctx.db, job, (tx) => {
    const found = loadStage(tx, job.payload.stageRunId);
    if (!found || hasEnded(found.run)) {
      complete(tx, ctx, job);
      return null;
    }
    if (found.run.mode === 'simulated') {
      if (found.run.endAt === null) return workOf(tx, found);
      if (found.run.endAt > ctx.clock()) reschedule(tx, job, found.run.endAt);
      else
        endAndGoOn(tx, ctx, job, found, {
          status: 'done',
          facts: { simulated: true },
          endAt: found.run.endAt,
        });
      return null;
    }
    setRun(tx, found.run, { status: 'running', startAt: ctx.clock(), progress: 0 });
    appendStageEvent(tx, ctx, 'file.stageChanged', found, 'running');
    return workOf(tx, found);
  });
}

export type SlotTimes = Record<Lane, number[]>;

/** When each slot of each lane finishes its plans, in epoch milliseconds; 0 for a free slot. */
export function slotTimes(db: Reader): SlotTimes {
  const times = lanes.map((lane): [Lane, number[]] => [
    lane,
    Array.from({ length: slotsPerLane[lane] }, (_, slot) => slotFreeAt(db, lane, slot)),
  ]);
  return Object.fromEntries(times) as SlotTimes;
}

/**
 * Stores the plan and reschedules the job to its end. Returns false when another plan took the slot, so the caller must plan
 * again.
 */
export function planStage(
  ctx: Context,
  job: StageJob,
  work: StageOfFile,
  plan: EncodePlan,
  planned: SlotTimes,
): boolean {
  return underLease(ctx.db, job, (tx) => {
    if (slotFreeAt(tx, plan.lane, plan.slot) !== planned[plan.lane][plan.slot]) return false;
    setRun(tx, work.run, { ...plan, status: 'running' });
    appendStageEvent(tx, ctx, 'file.stageChanged', work, 'running');
    reschedule(tx, job, plan.endAt);
    return true;
  });
}

/** Stores the progress, from 0 to 1. The caller limits calls to one per second. */
export function recordProgress(ctx: Context, job: StageJob, work: StageOfFile, progress: number): void {
  underLease(ctx.db, job, (tx) => {
    setRun(tx, work.run, { progress });
    appendStageEvent(tx, ctx, 'file.progress', work, 'running', { progress });
  });
}

/** Ends the stage with its results, and queues the file's next stage or counts the file as ended. */
export function finishStage(ctx: Context, job: StageJob, work: StageOfFile, result: StageResult): void {
  underLease(ctx.db, job, (tx) => {
    const { facts, problemCount, previews = [] } = result;
    storeResult(tx, work.run.id, result);
    recordPreviews(tx, ctx, work.file.assetId, previews);
    endAndGoOn(tx, ctx, job, work, { status: 'done', facts, problemCount, endAt: ctx.clock() });
  });
}

/** Skips a stage that has nothing to do for the file, and continues with the next one. */
export function skipStage(ctx: Context, job: StageJob, work: StageOfFile, reason: string): void {
  underLease(ctx.db, job, (tx) =>
    endAndGoOn(tx, ctx, job, work, { status: 'skipped', facts: { reason }, endAt: ctx.clock() }),
  );
}

/** Ends the stage with a failure of the file. It is not tried again automatically. */
export function failStage(
  ctx: Context,
  job: StageJob,
  work: StageOfFile,
  failure: string,
  facts: StageFacts,
): void {
  underLease(ctx.db, job, (tx) => {
    endFailed(tx, ctx, work, { failure, facts });
    complete(tx, ctx, job);
  });
}

/** Fails the stage because its job was given up, so that the round does not wait forever. */
export function giveUpStage(tx: Transaction, ctx: Context, job: StageJob, reason: string): void {
  const found = loadStage(tx, job.payload.stageRunId);
  if (!found || hasEnded(found.run)) return;
  const failure = stageFailures.find((each) => each === reason) ?? 'crashed';
  endFailed(tx, ctx, found, { failure });
}

/** Reloads the pages that show a stage whose attempt failed and which waits for the next attempt. */
export function signalRetry(tx: Transaction, ctx: Context, job: StageJob): void {
  const found = loadStage(tx, job.payload.stageRunId);
  if (found) appendStageEvent(tx, ctx, 'file.stageChanged', found, 'waiting');
}

function hasEnded({ status }: StageRun): boolean {
  return status !== 'waiting' && status !== 'running';
}

type GoodEnd = { status: 'done' | 'skipped'; facts: StageFacts; problemCount?: number; endAt: number };

function endAndGoOn(
  tx: Transaction,
  ctx: Context,
  job: StageJob,
  { run, ...rest }: StageOfFile,
  end: GoodEnd,
): void {
  complete(tx, ctx, job);
  if (!setRun(tx, run, { ...end, progress: end.status === 'done' ? 1 : 0 })) return;
  appendStageEvent(tx, ctx, 'file.stageChanged', { run, ...rest }, end.status);
  continueFiles(tx, ctx, [run]);
}

/** For files of one round whose stages ended: queues the next stage, or counts the file as ended without a failure. */
export function continueFiles(tx: Transaction, ctx: Context, runs: readonly StageRun[]): void {
  const [first] = runs;
  if (!first) return;
  const fileIds = runs.map(({ fileId }) => fileId);
  const waiting = tx
    .select({ id: stageRuns.id, fileId: stageRuns.fileId })
    .from(stageRuns)
    .where(and(inList(stageRuns.fileId, fileIds), eq(stageRuns.status, 'waiting')))
    .orderBy(stageRuns.fileId, stageRuns.position)
    .all();
  const next = waiting.filter(({ fileId }, index) => waiting[index - 1]?.fileId !== fileId);
  enqueueStages(
    tx,
    ctx,
    next.map(({ id }) => id),
  );
  if (next.length < runs.length) countEnded(tx, ctx, first, { passed: runs.length - next.length });
}

type BadEnd = {
  failure: string;
  facts?: StageFacts;
  /** The id of the person who stopped the stage. */
  cancelledBy?: string;
};

/**
 * Fails the stage, and deletes the file's later stages, which cannot run after it. Where the round lets the stage only inform, they
 * run. What a person stopped holds the file in any case, because they stopped the file and not a report about it.
 */
export function endFailed(
  tx: Transaction,
  ctx: Context,
  work: StageOfFile,
  { failure, facts = {}, cancelledBy }: BadEnd,
): void {
  const { run } = work;
  const informs = cancelledBy === undefined && onlyInforms(tx, run);
  const later = and(
    eq(stageRuns.fileId, run.fileId),
    eq(stageRuns.status, 'waiting'),
    ne(stageRuns.id, run.id),
  );
  const { stage, mode, position } = stageRuns;
  const leftOut = informs
    ? null
    : tx.select({ stage, mode, position }).from(stageRuns).where(later).orderBy(position).all();
  if (!setRun(tx, run, { status: 'failed', endAt: ctx.clock(), failure, informs, facts, leftOut })) return;
  if (!informs) tx.delete(stageRuns).where(later).run();
  const kind = cancelledBy === undefined ? 'file.stageFailed' : 'file.stageCancelled';
  appendStageEvent(tx, ctx, kind, work, 'failed', { failure, actorId: cancelledBy ?? null });
  if (informs) continueFiles(tx, ctx, [run]);
  else countEnded(tx, ctx, run, { failed: 1 });
}

function onlyInforms(tx: Transaction, { requestId, round, stage }: StageRun): boolean {
  const ofRound = and(eq(rounds.requestId, requestId), eq(rounds.number, round));
  const row = tx.select({ stages: rounds.stages }).from(rounds).where(ofRound).get();
  return row?.stages?.informing?.includes(stage) ?? false;
}

/** Compare-and-set: changes only a live stage. Returns false when it has ended. */
function setRun(tx: Transaction, run: StageRun, change: Partial<typeof stageRuns.$inferInsert>): boolean {
  const isLive = and(eq(stageRuns.id, run.id), inArray(stageRuns.status, ['waiting', 'running']));
  return tx.update(stageRuns).set(change).where(isLive).run().changes === 1;
}

function loadStage(tx: Reader, stageRunId: string): StageOfFile | undefined {
  return loadStages(tx, [stageRunId])[0];
}

/** Sorted by path. */
export function loadStages(tx: Reader, stageRunIds: readonly string[]): StageOfFile[] {
  return tx
    .select({
      run: stageRuns,
      file: deliveredFiles,
      projectId: requests.projectId,
      typeId: requests.typeId,
      typeVersion: requests.typeVersion,
    })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .innerJoin(requests, eq(requests.id, stageRuns.requestId))
    .where(inList(stageRuns.id, stageRunIds))
    .orderBy(deliveredFiles.pathKey)
    .all();
}

function workOf(tx: Transaction, found: StageOfFile): StageWork {
  return worksOf(tx, [found])[0]!;
}

export function worksOf(tx: Transaction, found: readonly StageOfFile[]): StageWork[] {
  const assetIds = found.map(({ file }) => file.assetId);
  const sizes = new Map(
    tx
      .select({ id: assets.id, sizeBytes: assets.sizeBytes })
      .from(assets)
      .where(inList(assets.id, assetIds))
      .all()
      .map(({ id, sizeBytes }) => [id, sizeBytes]),
  );
  const { assetId, algorithm, value, source } = assetChecksums;
  const checksums = Map.groupBy(
    tx
      .select({ assetId, algorithm, value, source })
      .from(assetChecksums)
      .where(inList(assetId, assetIds))
      .all(),
    (row) => row.assetId,
  );
  return found.map((each) => {
    const { run, file } = each;
    return {
      ...each,
      siblings: stageReads(run.stage, 'siblings') && !closesSequence(each) ? siblingsOf(tx, file) : [],
      input: {
        sizeBytes: sizes.get(file.assetId)!,
        name: file.path,
        mediaKind: kindOf(file),
        checksums: (checksums.get(file.assetId) ?? []).map(({ assetId: _, ...checksum }) => checksum),
        report: stageReads(run.stage, 'report') ? reportOf(tx, file.id) : null,
        wanted: stageReads(run.stage, 'wanted') ? (rulesOf(tx, each)?.media ?? null) : null,
        limits: stageReads(run.stage, 'limits') ? (rulesOf(tx, each)?.signalLimits ?? null) : null,
        seed: file.assetId,
      },
    };
  });
}

/** When the slot becomes free: plans run one after another, so the plan that starts last also ends last. */
function slotFreeAt(db: Reader, lane: Lane, slot: number): number {
  const last = db
    .select({ endAt: stageRuns.endAt })
    .from(stageRuns)
    .where(and(eq(stageRuns.lane, lane), eq(stageRuns.status, 'running'), eq(stageRuns.slot, slot)))
    .orderBy(desc(stageRuns.startAt))
    .limit(1)
    .get();
  return last?.endAt ?? 0;
}

type StageEventFacts = { actorId?: string | null; progress?: number; failure?: string; reason?: string };

export function appendStageEvent(
  tx: Transaction,
  ctx: Context,
  kind: EventKind,
  { run, file, projectId }: Pick<StageOfFile, 'run' | 'file' | 'projectId'>,
  status: StageStatus,
  { actorId = null, ...more }: StageEventFacts = {},
): void {
  appendEvent(tx, ctx.clock, {
    kind,
    projectId,
    requestId: run.requestId,
    deliveredBy: file.deliveredBy,
    actorId,
    data: { fileId: file.id, name: file.path, stage: run.stage, mode: run.mode, status, ...more },
  });
}
