/** Checks whether a round differs from the one that was sent back. An unchanged round is not accepted as a redelivery. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { rounds } from '@turnover/db/schema/requests';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { stageRuns } from '@turnover/db/schema/jobs';
import { HubError } from '@turnover/domain/errors';
import { failureReasons, type StageFailure } from '@turnover/domain/media/stages';
import type { DeliveryRequest } from '../../access.ts';
import { turnsOf } from '../../batches.ts';
import { requireRevision, revisionOf } from '../revision.ts';
import { currentRequest } from '../transitions.ts';
import { rulesOf } from '../types.ts';
import { carriedInto } from './open-findings.ts';

type OfRound = Pick<DeliveryRequest, 'id' | 'round' | 'typeId' | 'typeVersion'>;

/** `revision`: the revision of the request when the comparison began. The comparison is valid only for this revision. */
export type RoundComparison = { revision: number; isUnchanged: boolean };

const rowsPerPage = 500;

/** Compares the files with those of the round before, in pages, so that the hub serves other requests in between. */
export async function compareWithRoundBefore(
  db: Reader,
  { id }: Pick<OfRound, 'id'>,
): Promise<RoundComparison> {
  const revision = revisionOf(db, id);
  const request = currentRequest(db, id);
  return { revision, isUnchanged: request.round > 1 && (await turnsOf(hasSameFiles(db, request))) };
}

/**
 * Throws `nothing_changed` for a round with the same files as the round before. Exceptions: an answer explains for each
 * finding why it stays as it is, a file failed through a fault of the hub, which processes it again, or the house changed the
 * rules since, so that the same files are judged otherwise. Throws `conflict`
 * unless the comparison is of the current revision. The first round needs no comparison.
 */
export function refuseUnchanged(db: Reader, request: OfRound, comparison: RoundComparison | null): void {
  if (request.round === 1) return;
  requireRevision(db, request.id, comparison);
  if (!comparison.isUnchanged || isExplained(db, request) || hasOwnFailure(db, request)) return;
  if (hasOtherRules(db, request)) return;
  const round = request.round - 1;
  throw new HubError('nothing_changed', `No file has changed since round ${round}.`, { round });
}

/** Whether every file has the same path and bytes as in the round before. */
function* hasSameFiles(db: Reader, request: Pick<OfRound, 'id' | 'round'>): Generator<void, boolean, void> {
  for (let after = ''; ;) {
    const rows = changesAfter(db, request, after);
    const isLast = rows.length < rowsPerPage;
    // Leaves out the last name of the page, because its second row may be on the next page.
    const whole = isLast ? rows : rows.filter(({ key }) => key !== rows.at(-1)!.key);
    if (![...Map.groupBy(whole, ({ key }) => key).values()].every(isSameFile)) return false;
    if (isLast) return true;
    after = whole.at(-1)!.key;
    yield;
  }
}

/** A file that this round added, or one of the round before that this round removed. A name has at most one of each. */
type Change = { key: string; path: string; isNew: number; assetId: string; xxh128: string | null };

function changesAfter(db: Reader, { id, round }: Pick<OfRound, 'id' | 'round'>, after: string): Change[] {
  return db.all<Change>(sql`
    select file.path_key as key, file.path, file.added_round = ${round} as isNew, file.asset_id as assetId,
      (select value from asset_checksums
        where asset_id = file.asset_id and algorithm = 'xxh128' and source = 'computed') as xxh128
    from delivered_files as file
    where file.request_id = ${id} and file.path_key > ${after} and (
      (file.added_round = ${round} and file.removed_round is null)
      or (file.added_round < ${round} and file.removed_round = ${round}))
    order by file.path_key limit ${rowsPerPage}`);
}

/** Whether the rows of a name are a removed and an added file with the same path and bytes. */
function isSameFile(rows: readonly Change[]): boolean {
  const [one, other] = rows;
  if (!one || !other || one.isNew === other.isNew || one.path !== other.path) return false;
  return one.assetId === other.assetId || (one.xxh128 !== null && one.xxh128 === other.xxh128);
}

/** Whether a stage of the round before held a file for a reason that other bytes would not change. */
function hasOwnFailure(db: Reader, { id, round }: OfRound): boolean {
  const isFailed = and(
    eq(stageRuns.requestId, id),
    eq(stageRuns.round, round - 1),
    eq(stageRuns.status, 'failed'),
    eq(stageRuns.informs, false),
  );
  const failed = db.selectDistinct({ failure: stageRuns.failure }).from(stageRuns).where(isFailed).all();
  return failed.some(({ failure }) => (failureReasons[failure as StageFailure] ?? null) === null);
}

/** Whether the request has other rules than those that judged the round before. Nothing is known of a round that states no type. */
function hasOtherRules(db: Reader, request: OfRound): boolean {
  const before = db
    .select({ stages: rounds.stages })
    .from(rounds)
    .where(and(eq(rounds.requestId, request.id), eq(rounds.number, request.round - 1)))
    .get()?.stages;
  if (before?.type === undefined) return false;
  const { type } = before;
  const then = rulesOf(db, { typeId: type?.id ?? null, typeVersion: type?.version ?? null });
  return JSON.stringify(then) !== JSON.stringify(rulesOf(db, request));
}

/** Whether there are findings, and each has an answer that explains why it stays as it is. */
function isExplained(db: Reader, { id, round }: OfRound): boolean {
  const answers = db
    .select({ answer: reasonFindings.answer })
    .from(reasonFindings)
    .where(and(eq(reasonFindings.requestId, id), carriedInto(round)))
    .all();
  return answers.length > 0 && answers.every(({ answer }) => answer !== null && answer !== 'fixed');
}
