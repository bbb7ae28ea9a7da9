/**
 * Processes a submitted round: creates the stages of its files, counts files whose stages have ended, and ends with the last
 * file.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, countDistinct, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import type { Database, Reader, Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assets } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { mediaKind, type MediaKind } from '@turnover/domain/media/media-kinds';
import type { OutsideFile } from '@turnover/domain/media/outside-stages';
import { isFrame, stepsFor } from '@turnover/domain/media/pipelines';
import { roundStagesOf, type RoundStages, type StoredRoundStages } from '@turnover/domain/media/stage-choice';
import { frameStepsAsideMs, isOneOfMany, runsLong, runsTogether } from '@turnover/domain/media/stages';
import { asksOfMedia } from '@turnover/domain/media/wanted-media';
import { lastSegment } from '@turnover/domain/names/names';
import { framesPerJob } from '@turnover/domain/server/jobs';
import type { DeliveredFile, DeliveryRequest } from '../../access.ts';
import type { Context } from '../../context.ts';
import { crashpoint } from '../../crashpoints.ts';
import { inList } from '../../in-list.ts';
import { complete, enqueueAll, underLease, type Job } from '../../jobs.ts';
import { notifyOfRequest } from '../notices.ts';
import { currentRequest, moveRequest } from '../transitions.ts';
import { rulesOf } from '../types.ts';
import { lastFrames, possibleSequences } from './frame-layouts.ts';
import { replaceRuns } from './replaced-runs.ts';
import { standingStages, type Standing } from './standing-stages.ts';

export type RoundJob = Extract<Job, { kind: 'processRound' }>;
type StageRun = typeof stageRuns.$inferSelect;
type FannedFile = Pick<DeliveredFile, 'id' | 'path' | 'pathKey' | 'isManifest'>;
/** The outside stages of the hub: their names, and the choice for each file. */
export type OutsideChoice = {
  names: readonly string[];
  /** Returns the names of the outside stages that each file needs, in the order of the files. */
  choose(files: readonly OutsideFile[]): Promise<readonly (readonly string[])[]>;
};
type StepsOf = (file: FannedFile) => readonly Pick<StageRun, 'stage' | 'mode'>[];

/** Files per transaction, which takes a few milliseconds. */
const chunkSize = 6 * framesPerJob;

/** Creates the stages of this round and the first job of each file. Skips files that have their stages already. */
export async function startRound(ctx: Context, job: RoundJob, outside?: OutsideChoice): Promise<void> {
  const { requestId, round } = job.payload;
  const opened = underLease(ctx.db, job, (tx) => openRound(tx, ctx, job, outside?.names ?? []));
  if (!opened) return;
  const { request, asked, standing, isFresh } = opened;
  const sequences = possibleSequences(ctx.db, requestId);
  // Most rounds have no sequences. Then the loop starts at once.
  const closing = sequences.length > 0 ? await lastFrames(ctx.db, requestId, sequences) : new Set<string>();
  const ownSteps: StepsOf = (file) =>
    stepsFor(kindOf(file), lastSegment(file.path), { asked, closesSequence: closing.has(file.id) });
  const isOutsideAsked = outside?.names.some((name) => asked.includes(name)) ?? false;
  let after = '';
  for (;;) {
    const files = filesAfter(ctx.db, requestId, after);
    const last = files.at(-1);
    if (!last) break;
    const stepsOf =
      outside && isOutsideAsked
        ? await withOutsideSteps(ctx.db, files, { asked, ownSteps, outside })
        : ownSteps;
    underLease(ctx.db, job, (tx) => fanOut(tx, ctx, request, round, files, { stepsOf, standing, isFresh }));
    after = last.pathKey;
    // Yields, so that other jobs can renew their leases while 75,000 frames are queued.
    await nextTurn();
  }
  const filesToProcess = countFiles(ctx.db, requestId, round);
  crashpoint('round.beforeCommit');
  underLease(ctx.db, job, (tx) => {
    tx.update(rounds).set({ filesToProcess }).where(isRound(requestId, round)).run();
    complete(tx, ctx, job);
    endRoundIfDone(tx, ctx, requestId, round);
  });
}

/** Counts files of the round as ended. The last file ends the round. */
export function countEnded(
  tx: Transaction,
  ctx: Context,
  { requestId, round }: Pick<StageRun, 'requestId' | 'round'>,
  { passed = 0, failed = 0 }: { passed?: number; failed?: number },
): void {
  tx.update(rounds)
    .set({
      filesProcessed: sql`${rounds.filesProcessed} + ${passed + failed}`,
      filesFailed: sql`${rounds.filesFailed} + ${failed}`,
    })
    .where(isRound(requestId, round))
    .run();
  endRoundIfDone(tx, ctx, requestId, round);
}

/** Reopens files that had ended, `failed` of them with a failure. A processed request returns to processing. */
export function uncountFiles(
  tx: Transaction,
  ctx: Context,
  request: DeliveryRequest,
  { files, failed }: { files: number; failed: number },
  { actorId }: { actorId: string },
): void {
  if (files === 0) return;
  const { id, round, status } = request;
  tx.update(rounds)
    .set({
      filesProcessed: sql`${rounds.filesProcessed} - ${files}`,
      filesFailed: sql`${rounds.filesFailed} - ${failed}`,
      processedAt: null,
    })
    .where(isRound(id, round))
    .run();
  if (status === 'processed') moveRequest(tx, ctx, request, 'resumeProcessing', { actorId });
}

/** Whether the stages of every file of the round exist. Before, only the start of the round adds some. */
export function isFannedOut(db: Reader, { id, round }: Pick<DeliveryRequest, 'id' | 'round'>): boolean {
  const found = db.select({ files: rounds.filesToProcess }).from(rounds).where(isRound(id, round)).get();
  return found != null && found.files !== null;
}

/** Adds files to the round that it did not process, as ended without a failure. */
export function joinFiles(tx: Transaction, { id, round }: DeliveryRequest, files: number): void {
  if (files === 0) return;
  tx.update(rounds)
    .set({
      filesToProcess: sql`${rounds.filesToProcess} + ${files}`,
      filesProcessed: sql`${rounds.filesProcessed} + ${files}`,
    })
    .where(isRound(id, round))
    .run();
}

/** Counts files that had ended with a failure as ended without one. */
export function forgiveFiles(tx: Transaction, { id, round }: DeliveryRequest, files: number): void {
  if (files === 0) return;
  tx.update(rounds)
    .set({ filesFailed: sql`${rounds.filesFailed} - ${files}` })
    .where(isRound(id, round))
    .run();
}

/** The dedupe key of the job of a stage. */
export function stageKey(stageRunId: string): string {
  return `stage:${stageRunId}`;
}

/** Queues stages. Each job goes into the lane of its file; jobs of frames have a lower priority. */
export function enqueueStages(tx: Transaction, ctx: Context, stageRunIds: readonly string[]): void {
  if (stageRunIds.length === 0) return;
  const { path, isManifest } = deliveredFiles;
  const rows = tx
    .select({ id: stageRuns.id, stage: stageRuns.stage, path, isManifest, sizeBytes: assets.sizeBytes })
    .from(stageRuns)
    .innerJoin(deliveredFiles, eq(deliveredFiles.id, stageRuns.fileId))
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(inList(stageRuns.id, stageRunIds))
    .all();
  const found = new Map(rows.map((row) => [row.id, row]));
  const added = stageRunIds.flatMap((id) => {
    const run = found.get(id);
    // The file was removed meanwhile.
    if (!run) return [];
    const file = { kind: kindOf(run), sizeBytes: run.sizeBytes };
    const job = {
      lane: runsLong(run.stage, file) ? ('runLongStage' as const) : ('runStage' as const),
      payload: { stageRunId: run.id },
      dedupeKey: stageKey(run.id),
      stepAsideMs: isOneOfMany(file.kind) ? frameStepsAsideMs : 0,
    };
    return [job];
  });
  for (const lane of ['runStage', 'runLongStage'] as const)
    enqueueAll(
      tx,
      ctx,
      lane,
      added.filter((job) => job.lane === lane),
    );
}

export function kindOf(file: Pick<DeliveredFile, 'path' | 'isManifest'>): MediaKind {
  return file.isManifest ? 'manifest' : mediaKind(lastSegment(file.path));
}

type Opened = {
  request: DeliveryRequest;
  standing: Standing;
  /** No file of the request has stages yet. */
  isFresh: boolean;
} & Pick<RoundStages, 'asked'>;

/** Starts processing. Completes the job and returns null when the stages exist already, or the request has left this round. */
function openRound(tx: Transaction, ctx: Context, job: RoundJob, outside: readonly string[]): Opened | null {
  const { requestId, round } = job.payload;
  const row = tx
    .select({ request: requests, filesToProcess: rounds.filesToProcess })
    .from(requests)
    .innerJoin(rounds, and(eq(rounds.requestId, requests.id), eq(rounds.number, round)))
    .where(eq(requests.id, requestId))
    .get();
  const isOpen =
    row?.request.round === round &&
    row.filesToProcess === null &&
    (row.request.status === 'submitted' || row.request.status === 'processing');
  if (!row || !isOpen) {
    complete(tx, ctx, job);
    return null;
  }
  const rules = rulesOf(tx, row.request);
  const { typeId, typeVersion } = row.request;
  const stages: StoredRoundStages = {
    ...roundStagesOf(outside, {
      asksOfMedia: asksOfMedia(rules?.media),
      leftOut: rules?.leftOutStages ?? [],
      informing: rules?.informingStages ?? [],
    }),
    type: typeId === null || typeVersion === null ? null : { id: typeId, version: typeVersion },
  };
  tx.update(rounds).set({ stages }).where(isRound(requestId, round)).run();
  const { asked } = stages;
  const standing = standingStages(tx, row.request, stages);
  const ofRequest = eq(stageRuns.requestId, requestId);
  const isFresh =
    tx.select({ id: stageRuns.id }).from(stageRuns).where(ofRequest).limit(1).get() === undefined;
  if (row.request.status === 'processing') return { request: row.request, asked, standing, isFresh };
  const request = moveRequest(tx, ctx, row.request, 'startProcessing', { actorId: null });
  return { request, asked, standing, isFresh };
}

/** Sorted by path, which is the order of the index of present files. */
function filesAfter(db: Database, requestId: string, after: string): FannedFile[] {
  const { id, path, pathKey, isManifest } = deliveredFiles;
  return db
    .select({ id, path, pathKey, isManifest })
    .from(deliveredFiles)
    .where(and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), gt(pathKey, after)))
    .orderBy(pathKey)
    .limit(chunkSize)
    .all();
}

/** Adds outside stages after Turnover's own. */
async function withOutsideSteps(
  db: Database,
  files: readonly FannedFile[],
  { asked, ownSteps, outside }: { asked: readonly string[]; ownSteps: StepsOf; outside: OutsideChoice },
): Promise<StepsOf> {
  const sizes = sizesOf(db, files);
  const described = files.map((file) => ({
    name: lastSegment(file.path),
    kind: kindOf(file),
    sizeBytes: sizes.get(file.id) ?? 0,
  }));
  const chosen = await outside.choose(described);
  const stagesOf = new Map(
    files.map((file, at) => [file.id, (chosen[at] ?? []).filter((stage) => asked.includes(stage))]),
  );
  return (file) => [
    ...ownSteps(file),
    ...stagesOf.get(file.id)!.map((stage) => ({ stage, mode: 'real' as const })),
  ];
}

function sizesOf(db: Database, files: readonly FannedFile[]): Map<string, number> {
  const rows = db
    .select({ id: deliveredFiles.id, sizeBytes: assets.sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(
      inArray(
        deliveredFiles.id,
        files.map(({ id }) => id),
      ),
    )
    .all();
  return new Map(rows.map(({ id, sizeBytes }) => [id, sizeBytes]));
}

/** Creates missing stages. Those of an earlier round that hold are not repeated. A file with a failure continues at the failed stage. */
function fanOut(
  tx: Transaction,
  ctx: Context,
  request: DeliveryRequest,
  round: number,
  files: readonly FannedFile[],
  { stepsOf, standing, isFresh }: { stepsOf: StepsOf } & Pick<Opened, 'standing' | 'isFresh'>,
): void {
  const fileIds = files.map((file) => file.id);
  const present = isFresh ? [] : tx.select().from(stageRuns).where(inList(stageRuns.fileId, fileIds)).all();
  const known = Map.groupBy(present, (run) => run.fileId);
  const added: NewRun[] = [];
  const outdated: string[] = [];
  for (const file of files) {
    const runs = known.get(file.id) ?? [];
    if (runs.some((run) => run.round === round)) continue;
    const kept = standing(runs);
    const isOver = (stage: string) => kept.some((run) => run.stage === stage);
    for (const [position, step] of stepsOf(file).entries()) {
      if (!isOver(step.stage)) added.push({ id: ctx.newId('stageRun'), file, position, ...step });
    }
    outdated.push(...runs.filter((run) => !kept.includes(run)).map((run) => run.id));
  }
  replaceRuns(tx, round, outdated);
  if (added.length === 0) return;
  insertRuns(tx, ctx, request, round, added);
  enqueueFirst(
    tx,
    ctx,
    added.filter((run, index) => added[index - 1]?.file.id !== run.file.id),
  );
}

type NewRun = Pick<StageRun, 'id' | 'stage' | 'mode' | 'position'> & { file: FannedFile };

/** Inserts all rows as one JSON parameter: building a statement with a thousand values takes longer than writing the rows. */
function insertRuns(
  tx: Transaction,
  ctx: Context,
  request: DeliveryRequest,
  round: number,
  added: readonly NewRun[],
): void {
  const rows = JSON.stringify(
    added.map(({ id, file, position, stage, mode }) => [id, file.id, position, stage, mode]),
  );
  tx.run(sql`
    insert into stage_runs (id, file_id, position, stage, mode, request_id, round, status, facts, created_at)
    select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4,
      ${request.id}, ${round}, 'waiting', '{}', ${ctx.clock()}
    from json_each(${rows})`);
}

/** Queues the first stages. Frames of sequences share jobs. */
function enqueueFirst(tx: Transaction, ctx: Context, runs: readonly NewRun[]): void {
  const isShared = ({ file, stage }: NewRun) =>
    runsTogether(stage) && isFrame(kindOf(file), lastSegment(file.path));
  const [shared, alone] = [runs.filter(isShared), runs.filter((run) => !isShared(run))];
  const fileIds = shared.map(({ file }) => file.id);
  const added = Array.from({ length: Math.ceil(fileIds.length / framesPerJob) }, (_, index) => ({
    payload: { fileIds: fileIds.slice(index * framesPerJob, (index + 1) * framesPerJob) },
    stepAsideMs: frameStepsAsideMs,
  }));
  enqueueAll(tx, ctx, 'runFrames', added);
  enqueueStages(
    tx,
    ctx,
    alone.map(({ id }) => id),
  );
}

/**
 * Counts the files of the round. Safe before the transaction that stores the count, because only this job adds files to the
 * round.
 */
function countFiles(db: Database, requestId: string, round: number): number {
  const ofRound = and(eq(stageRuns.requestId, requestId), eq(stageRuns.round, round));
  const row = db
    .select({ files: countDistinct(stageRuns.fileId) })
    .from(stageRuns)
    .where(ofRound)
    .get();
  return row?.files ?? 0;
}

function endRoundIfDone(tx: Transaction, ctx: Context, requestId: string, number: number): void {
  const round = tx.select().from(rounds).where(isRound(requestId, number)).get();
  if (!round || round.filesToProcess === null || round.processedAt !== null) return;
  if (round.filesProcessed < round.filesToProcess) return;
  tx.update(rounds).set({ processedAt: ctx.clock() }).where(isRound(requestId, number)).run();
  const data = { files: round.filesProcessed, failed: round.filesFailed };
  const processing = currentRequest(tx, requestId);
  const request = moveRequest(tx, ctx, processing, 'finishProcessing', { actorId: null, data });
  const person = tx
    .select({ name: users.name })
    .from(users)
    .where(eq(users.id, round.submittedBy))
    .get()?.name;
  const facts = { ...data, round: number, person: person ?? null };
  notifyOfRequest(tx, ctx, 'request.processed', request, { actorId: null, ...facts });
}

function isRound(requestId: string, number: number) {
  return and(eq(rounds.requestId, requestId), eq(rounds.number, number));
}
