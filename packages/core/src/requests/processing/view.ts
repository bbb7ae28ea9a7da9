/** Views of processing: the stages of files, places in the encode queue, and the expected end of a round. */
import { and, count, desc, eq, gte, inArray, isNotNull, lt, max } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { stageRuns } from '@turnover/db/schema/jobs';
import { rounds } from '@turnover/db/schema/requests';
import type { Lane } from '@turnover/domain/media/encode-model';
import { isBeingProcessed } from '@turnover/domain/requests/machine';
import type { RequestView } from '@turnover/domain/requests/requests';
import { wordsOfRun, type OutsideStage } from '@turnover/domain/media/outside-stages';
import type { StageView } from '@turnover/domain/media/stages';
import type { DeliveryRequest } from '../../access.ts';
import { attemptsOf, type Attempt } from '../../jobs.ts';
import { outsideStagesOf } from './outside-stages.ts';
import { stageKey } from './rounds.ts';

type StageRun = typeof stageRuns.$inferSelect;

/** The stages of each file, in order, keyed by file id. Files that were never processed are not in the map. */
export function stagesOf(db: Reader, fileIds: readonly string[], now: number): Map<string, StageView[]> {
  const rows = db
    .select()
    .from(stageRuns)
    .where(inArray(stageRuns.fileId, [...fileIds]))
    .orderBy(stageRuns.fileId, stageRuns.position)
    .all();
  const places = placesInQueue(db, rows, now);
  const outside = outsideStagesOf(
    db,
    rows.map((row) => row.stage),
  );
  const keys = rows.filter(({ status }) => status === 'running').map(({ id }) => stageKey(id));
  const attempts = attemptsOf(db, keys);
  const found = new Map<string, StageView[]>();
  for (const row of rows) {
    const stages = found.get(row.fileId) ?? [];
    found.set(row.fileId, stages);
    const more = { place: places.get(row.id) ?? null, attempt: attempts.get(stageKey(row.id)) ?? null };
    stages.push(viewStage(row, more, now, outside.get(row.stage)));
  }
  return found;
}

/** The expected end of the running round in epoch milliseconds; null when nothing runs, or the end is not known. */
export function expectedEnd(
  db: Reader,
  { id, status, round }: Pick<DeliveryRequest, 'id' | 'status' | 'round'>,
  now: number,
): number | null {
  return status === 'processing' ? expectedEndOf(db, id, round, now) : null;
}

/** The state of the last submitted round; null before the first submit. */
export function processingOf(
  db: Reader,
  request: Pick<DeliveryRequest, 'id' | 'status' | 'fileCount'>,
  now: number,
): RequestView['processing'] {
  const round = db
    .select()
    .from(rounds)
    .where(eq(rounds.requestId, request.id))
    .orderBy(desc(rounds.number))
    .limit(1)
    .get();
  if (!round) return null;
  return {
    files: round.filesToProcess ?? request.fileCount,
    done: round.filesProcessed - round.filesFailed,
    failed: round.filesFailed,
    expectedEndAt: request.status === 'processing' ? expectedEndOf(db, request.id, round.number, now) : null,
  };
}

/** Place in the encode queue and expected end, for a row of a list. Null unless the request is submitted or processing. */
export function progressInList(
  db: Reader,
  request: Pick<DeliveryRequest, 'id' | 'status' | 'round'>,
  now: number,
): { place: number | null; expectedEndAt: number | null } | null {
  if (!isBeingProcessed(request.status)) return null;
  return { place: placeOf(db, request, now), expectedEndAt: expectedEnd(db, request, now) };
}

/** The number of plans in its lane that start before its first plan; null when one of its stages runs, or none is planned. */
function placeOf(
  db: Reader,
  { id, round }: Pick<DeliveryRequest, 'id' | 'round'>,
  now: number,
): number | null {
  const first = db
    .select({ lane: stageRuns.lane, startAt: stageRuns.startAt })
    .from(stageRuns)
    .where(
      and(
        eq(stageRuns.requestId, id),
        eq(stageRuns.round, round),
        eq(stageRuns.status, 'running'),
        isNotNull(stageRuns.startAt),
      ),
    )
    .orderBy(stageRuns.startAt)
    .limit(1)
    .get();
  if (!first?.lane || first.startAt! <= now) return null;
  return countStarts(db, first.lane, now + 1, first.startAt!);
}

/** The latest expected end of all running and planned stages, in epoch milliseconds; null when none is known. */
function expectedEndOf(db: Reader, requestId: string, round: number, now: number): number | null {
  const running = and(
    eq(stageRuns.requestId, requestId),
    eq(stageRuns.round, round),
    eq(stageRuns.status, 'running'),
  );
  const planned = db
    .select({ endAt: max(stageRuns.endAt) })
    .from(stageRuns)
    .where(and(running, eq(stageRuns.mode, 'simulated')))
    .get();
  const real = db
    .select()
    .from(stageRuns)
    .where(and(running, eq(stageRuns.mode, 'real')))
    .limit(100)
    .all();
  const ends = [planned?.endAt ?? null, ...real.map((row) => expectedEndOfWork(row, now))];
  const latest = Math.max(...ends.map((end) => end ?? 0));
  return latest > 0 ? Math.max(latest, now) : null;
}

function viewStage(
  row: StageRun,
  { place, attempt }: { place: number | null; attempt: Attempt | null },
  now: number,
  outside: OutsideStage | undefined,
): StageView {
  const isQueued = isPlanned(row) && row.startAt! > now;
  const isBetween = attempt !== null && attempt.at !== null;
  const { failure, facts } = row;
  const skipReason = skipReasonOf(row);
  return {
    stage: row.stage,
    mode: row.mode,
    status: isQueued || isBetween ? 'waiting' : row.status,
    progress: progressOf(row, now),
    startAt: row.startAt,
    endAt: isBetween ? null : isWorking(row) ? expectedEndOfWork(row, now) : row.endAt,
    place,
    failure,
    skipReason,
    informs: row.informs,
    skipNote: row.status === 'skipped' && typeof facts.note === 'string' ? facts.note : null,
    attempt,
    facts,
    problems: row.problemCount,
    words: outside ? wordsOfRun(outside, { failure, skipReason, facts }) : null,
  };
}

function isWorking({ status, mode }: StageRun): boolean {
  return status === 'running' && mode === 'real';
}

/** The columns of a run that `actionsOfStage` reads. */
export function stateOf(run: StageRun): Pick<StageView, 'stage' | 'status' | 'skipReason' | 'informs'> {
  const { stage, status, informs } = run;
  return { stage, status, informs, skipReason: skipReasonOf(run) };
}

export function skipReasonOf({ status, facts }: Pick<StageRun, 'status' | 'facts'>): string | null {
  return status === 'skipped' && typeof facts.reason === 'string' ? facts.reason : null;
}

function progressOf(row: StageRun, now: number): number {
  if (row.status === 'done') return 1;
  if (!isPlanned(row)) return row.progress;
  const share = (now - row.startAt!) / Math.max(1, row.endAt! - row.startAt!);
  return Math.min(1, Math.max(0, share));
}

/** Extrapolates from the speed so far; null below 2 % of progress. */
function expectedEndOfWork(row: StageRun, now: number): number | null {
  if (row.startAt === null || row.progress < 0.02) return null;
  return Math.round(Math.max(now, row.startAt + (now - row.startAt) / row.progress));
}

/** For each stage with a future start, the number of plans in its lane that start before it. */
function placesInQueue(db: Reader, rows: readonly StageRun[], now: number): Map<string, number> {
  const places = new Map<string, number>();
  const queued = rows
    .filter((row) => isPlanned(row) && row.startAt! > now)
    .sort((a, b) => a.startAt! - b.startAt!);
  for (const lane of new Set(queued.map((row) => row.lane!))) {
    // Counts each part of the queue once, whatever the number of rows.
    let place = 0;
    let from = now + 1;
    for (const row of queued.filter((each) => each.lane === lane)) {
      place += countStarts(db, lane, from, row.startAt!);
      from = Math.max(from, row.startAt!);
      places.set(row.id, place);
    }
  }
  return places;
}

function countStarts(db: Reader, lane: Lane, from: number, before: number): number {
  const between = and(
    eq(stageRuns.lane, lane),
    eq(stageRuns.status, 'running'),
    isNotNull(stageRuns.startAt),
    gte(stageRuns.startAt, from),
    lt(stageRuns.startAt, before),
  );
  return db.select({ number: count() }).from(stageRuns).where(between).get()?.number ?? 0;
}

/** Whether the stage is a simulation with a place in a lane, which only waits for its end. */
function isPlanned(row: StageRun): boolean {
  return row.status === 'running' && row.mode === 'simulated' && row.startAt !== null && row.endAt !== null;
}
