/** Whether a round differs from the one that was sent back. One that does not is no redelivery. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { stageRuns } from '@turnover/db/schema/jobs';
import { HubError } from '@turnover/domain/errors';
import { failureReasons, type StageFailure } from '@turnover/domain/media/stages';
import type { DeliveryRequest } from '../../access.ts';
import { turnsOf } from '../../batches.ts';
import { requireRevision, revisionOf } from '../revision.ts';
import { currentRequest } from '../transitions.ts';
import { carriedInto } from './open-findings.ts';

type OfRound = Pick<DeliveryRequest, 'id' | 'round'>;

/** `revision`: of the request when the comparison began. The comparison is valid only for this revision. */
export type RoundComparison = { revision: number; isUnchanged: boolean };

const rowsPerPage = 500;

/** Compares the files with those of the round before, in pages, so that the hub answers others in between. */
export async function compareWithRoundBefore(
  db: Reader,
  { id }: Pick<OfRound, 'id'>,
): Promise<RoundComparison> {
  const revision = revisionOf(db, id);
  const request = currentRequest(db, id);
  return { revision, isUnchanged: request.round > 1 && (await turnsOf(hasSameFiles(db, request))) };
}

/**
 * Throws `nothing_changed` for a round with the files of the round before, unless an answer explains why each finding
 * stays as it is, or the hub failed to process a file, which it tries again. Throws `conflict` unless the comparison is
 * of the current revision. The first round needs none.
 */
export function refuseUnchanged(db: Reader, request: OfRound, comparison: RoundComparison | null): void {
  if (request.round === 1) return;
  requireRevision(db, request.id, comparison);
  if (!comparison.isUnchanged || isExplained(db, request) || hasOwnFailure(db, request)) return;
  const round = request.round - 1;
  throw new HubError('nothing_changed', `No file has changed since round ${round}.`, { round });
}

/** Whether every file has the path and the bytes that it had in the round before. */
function* hasSameFiles(db: Reader, request: OfRound): Generator<void, boolean, void> {
  for (let after = ''; ;) {
    const rows = changesAfter(db, request, after);
    const isLast = rows.length < rowsPerPage;
    // The last name of a page may have a second row in the next one.
    const whole = isLast ? rows : rows.filter(({ key }) => key !== rows.at(-1)!.key);
    if (![...Map.groupBy(whole, ({ key }) => key).values()].every(isSameFile)) return false;
    if (isLast) return true;
    after = whole.at(-1)!.key;
    yield;
  }
}

/** One row for what came in this round, and one for what it took out of the round before. A name has at most one of each. */
type Change = { key: string; path: string; isNew: number; assetId: string; xxh128: string | null };

function changesAfter(db: Reader, { id, round }: OfRound, after: string): Change[] {
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

/** Whether a file went and came back with the same path and bytes. */
function isSameFile(rows: readonly Change[]): boolean {
  const [one, other] = rows;
  if (!one || !other || one.isNew === other.isNew || one.path !== other.path) return false;
  return one.assetId === other.assetId || (one.xxh128 !== null && one.xxh128 === other.xxh128);
}

/** Whether a stage failed for a reason that no other file would change. */
function hasOwnFailure(db: Reader, { id, round }: OfRound): boolean {
  const isFailed = and(
    eq(stageRuns.requestId, id),
    eq(stageRuns.round, round - 1),
    eq(stageRuns.status, 'failed'),
  );
  const failed = db.selectDistinct({ failure: stageRuns.failure }).from(stageRuns).where(isFailed).all();
  return failed.some(({ failure }) => (failureReasons[failure as StageFailure] ?? null) === null);
}

/** Whether there are findings, and each has an answer that says why nothing is done about it. */
function isExplained(db: Reader, { id, round }: OfRound): boolean {
  const answers = db
    .select({ answer: reasonFindings.answer })
    .from(reasonFindings)
    .where(and(eq(reasonFindings.requestId, id), carriedInto(round)))
    .all();
  return answers.length > 0 && answers.every(({ answer }) => answer !== null && answer !== 'fixed');
}
