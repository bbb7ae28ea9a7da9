/**
 * Runs the stages of many frames of a sequence in one job, because thousands of small files need no job each. Every frame has
 * its own stages and results. A frame gets a job of its own when its stage throws, when a person retries it, and after the
 * worker died while it worked on it.
 */
import { and, inArray, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { laneOf, planEncode, type EncodeTask } from '@turnover/domain/media/encode-model';
import { runsTogether, stageFailures } from '@turnover/domain/media/stages';
import type { Context } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { complete, liveKeysAmong, reschedule, underLease, type Job } from '../../jobs.ts';
import { storeResults, type StageResult } from './inspection.ts';
import { countEnded, enqueueStages, stageKey } from './rounds.ts';
import { endFailed, loadStages, slotTimes, worksOf, type StageFacts, type StageWork } from './stages.ts';

export type FramesJob = Extract<Job, { kind: 'runFrames' }>;
type StageRun = typeof stageRuns.$inferSelect;
type OpenRun = Pick<StageRun, 'id' | 'fileId' | 'position' | 'stage' | 'mode' | 'endAt'>;

/** How the stage of one frame ended. `broke`: the stage itself threw, and is tried again in a job of its own. */
export type FrameEnd = (
  | ({ kind: 'done' } & StageResult)
  | { kind: 'failed'; failure: string; facts: StageFacts }
  | { kind: 'skipped'; reason: string }
  | { kind: 'broke' }
) & {
  work: StageWork;
  startAt: number;
  endAt: number;
};

/**
 * Begins the next stage of the frames that are earliest in their pipelines. Null when there is nothing to do now: all frames
 * are done, or wait for the end of a simulation.
 */
export function beginFrames(ctx: Context, job: FramesJob): StageWork[] | null {
  return underLease(ctx.db, job, (tx) => {
    const open = firstOpenRuns(tx, job);
    const isApart = ({ stage }: OpenRun) => job.claims > 1 || !runsTogether(stage);
    handOver(tx, ctx, open.filter(isApart));
    const ours = open.filter((run) => !isApart(run));
    const due = ours.filter(({ endAt, mode }) => mode === 'real' || endAt === null);
    if (due.length === 0) {
      endOrAwaitPlans(tx, ctx, job, ours);
      return null;
    }
    const { stage } = due.reduce((first, run) => (run.position < first.position ? run : first));
    const ids = due.filter((run) => run.stage === stage).map(({ id }) => id);
    const works = worksOf(tx, loadStages(tx, ids));
    if (works[0]!.run.mode === 'real') {
      tx.update(stageRuns)
        .set({ status: 'running', startAt: ctx.clock(), progress: 0 })
        .where(inList(stageRuns.id, ids))
        .run();
      signalFrames(tx, ctx, works);
    }
    return works;
  });
}

/** Stores the results of one stage of many frames. Changes only stages that have not ended. */
export function recordFrames(ctx: Context, job: FramesJob, ends: readonly FrameEnd[]): void {
  underLease(ctx.db, job, (tx) => {
    handOver(
      tx,
      ctx,
      ends.filter(({ kind }) => kind === 'broke').map(({ work }) => work.run),
    );
    for (const end of ends) if (end.kind === 'failed') endFailed(tx, ctx, end.work, end);
    afterEnd(tx, ctx, endPassed(tx, ends.filter(isPassed)));
  });
}

/** Stores the results of the stages that had not ended, and returns those stages. */
export function endPassed(tx: Transaction, passed: readonly Passed[]): StageWork[] {
  const changed = endRuns(
    tx,
    passed.map((end) => ({ id: end.work.run.id, ...end, ...passedAs(end) })),
  );
  storeResults(
    tx,
    passed.flatMap((end) =>
      end.kind === 'done' && changed.has(end.work.run.id)
        ? [{ stageRunId: end.work.run.id, result: end }]
        : [],
    ),
  );
  return passed.map(({ work }) => work).filter(({ run }) => changed.has(run.id));
}

/** Plans the frames as one item of the simulated queue, each after the other. An empty file has nothing to encode. */
export function planFrames(
  ctx: Context,
  job: FramesJob,
  works: readonly StageWork[],
  simulationSpeed: number,
): void {
  const now = ctx.clock();
  const empty = works.filter(({ input }) => input.sizeBytes === 0);
  if (empty.length > 0) {
    recordFrames(
      ctx,
      job,
      empty.map((work) => ({ kind: 'skipped', reason: 'empty_file', work, startAt: now, endAt: now })),
    );
  }
  const planned = works.filter((work) => !empty.includes(work));
  const [first, ...rest] = planned.map(({ input }): EncodeTask => input);
  if (!first) return;
  underLease(ctx.db, job, (tx) => {
    const freeAt = slotTimes(tx)[laneOf(first.mediaKind)];
    const { lane, slot, startAt, endAt } = planEncode([first, ...rest], now, freeAt, simulationSpeed);
    const at = (number: number) => Math.round(startAt + ((endAt - startAt) * number) / planned.length);
    const rows = planned.map(({ run }, index) => [run.id, at(index), at(index + 1)]);
    tx.run(sql`
      update stage_runs set status = 'running', lane = ${lane}, slot = ${slot}, start_at = plan.value ->> 1,
        end_at = plan.value ->> 2
      from json_each(${JSON.stringify(rows)}) as plan
      where stage_runs.id = plan.value ->> 0 and status in ('waiting', 'running')`);
    signalFrames(tx, ctx, planned);
  });
}

/** Fails the frames because their job was given up, so that the round does not wait forever. */
export function giveUpFrames(tx: Transaction, ctx: Context, job: FramesJob, reason: string): void {
  const failure = stageFailures.find((each) => each === reason) ?? 'crashed';
  const ids = firstOpenRuns(tx, job).map(({ id }) => id);
  for (const work of loadStages(tx, ids)) endFailed(tx, ctx, work, { failure });
}

/** The first open stage of each frame, except of frames that have a job of their own. */
function firstOpenRuns(tx: Transaction, { payload }: FramesJob): OpenRun[] {
  const { id, fileId, position, stage, mode, endAt } = stageRuns;
  const rows = tx
    .select({ id, fileId, position, stage, mode, endAt })
    .from(stageRuns)
    .where(and(inList(fileId, payload.fileIds), inArray(stageRuns.status, ['waiting', 'running'])))
    .orderBy(fileId, position)
    .all();
  const first = rows.filter((run, index) => rows[index - 1]?.fileId !== run.fileId);
  const apart = liveKeysAmong(
    tx,
    first.map((run) => stageKey(run.id)),
  );
  return first.filter((run) => !apart.has(stageKey(run.id)));
}

function handOver(tx: Transaction, ctx: Context, runs: readonly Pick<StageRun, 'id'>[]): void {
  if (runs.length === 0) return;
  enqueueStages(
    tx,
    ctx,
    runs.map(({ id }) => id),
  );
}

/** Ends the simulations whose end time has passed, and waits for the others. */
function endOrAwaitPlans(tx: Transaction, ctx: Context, job: FramesJob, planned: readonly OpenRun[]): void {
  const now = ctx.clock();
  const over = planned.filter(({ endAt }) => endAt! <= now);
  const ends = over.map(({ id, endAt }) => ({
    id,
    status: 'done' as const,
    facts: { simulated: true },
    startAt: null,
    endAt: endAt!,
  }));
  const changed = endRuns(tx, ends);
  afterEnd(tx, ctx, loadStages(tx, [...changed]));
  const left = over.length > 0 ? firstOpenRuns(tx, job) : planned;
  // Wakes at the end of the last simulation, so that one claim ends all of them.
  if (left.length > 0) reschedule(tx, job, Math.max(now, ...left.map(({ endAt }) => endAt ?? now)));
  else complete(tx, ctx, job);
}

type Passed = Extract<FrameEnd, { kind: 'done' | 'skipped' }>;

export function isPassed(end: FrameEnd): end is Passed {
  return end.kind === 'done' || end.kind === 'skipped';
}

function passedAs(end: Passed) {
  return end.kind === 'done'
    ? { status: 'done' as const, facts: end.facts, problemCount: end.problemCount }
    : { status: 'skipped' as const, facts: { reason: end.reason } };
}

type EndOfRun = {
  id: string;
  status: 'done' | 'skipped';
  facts: StageFacts;
  problemCount?: number;
  /** Null keeps the planned start. */
  startAt: number | null;
  endAt: number;
};

/** Compare-and-set: changes only stages that had not ended, and returns their ids. */
function endRuns(tx: Transaction, ends: readonly EndOfRun[]): Set<string> {
  if (ends.length === 0) return new Set();
  const rows = JSON.stringify(
    ends.map(({ id, status, facts, problemCount = 0, startAt, endAt }) => [
      id,
      status,
      JSON.stringify(facts),
      problemCount,
      startAt,
      endAt,
    ]),
  );
  const changed = tx.all<{ id: string }>(sql`
    update stage_runs set status = fate.value ->> 1, progress = (fate.value ->> 1 = 'done'), facts = fate.value ->> 2,
      problem_count = fate.value ->> 3, start_at = coalesce(fate.value ->> 4, start_at), end_at = fate.value ->> 5
    from json_each(${rows}) as fate
    where stage_runs.id = fate.value ->> 0 and status in ('waiting', 'running')
    returning stage_runs.id`);
  return new Set(changed.map(({ id }) => id));
}

type EndedFrame = Pick<StageWork, 'run' | 'file' | 'projectId'>;

/** Counts the files without a further stage as ended. */
function afterEnd(tx: Transaction, ctx: Context, ended: readonly EndedFrame[]): void {
  const [first] = ended;
  if (!first) return;
  signalFrames(tx, ctx, ended);
  const fileIds = ended.map(({ file }) => file.id);
  const goingOn = tx
    .selectDistinct({ fileId: stageRuns.fileId })
    .from(stageRuns)
    .where(and(inList(stageRuns.fileId, fileIds), inArray(stageRuns.status, ['waiting', 'running'])))
    .all();
  const passed = fileIds.length - goingOn.length;
  if (passed > 0) countEnded(tx, ctx, first.run, { passed });
}

/** Sends one signal for each deliverer. One is enough to reload a page, however many files changed. */
export function signalFrames(tx: Transaction, ctx: Context, works: readonly EndedFrame[]): void {
  const groups = Map.groupBy(works, ({ run, file }) => `${run.requestId} ${file.deliveredBy}`);
  for (const theirs of groups.values()) {
    const { run, file, projectId } = theirs[0]!;
    const data = { stage: run.stage, mode: run.mode, files: theirs.length };
    const { requestId } = run;
    const { deliveredBy } = file;
    appendEvent(tx, ctx.clock, { kind: 'file.stageChanged', projectId, requestId, deliveredBy, data });
  }
}
