/** Whether a round differs from the one that was sent back. One that does not is no redelivery. */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { stageRuns } from '@turnover/db/schema/jobs';
import { HubError } from '@turnover/domain/errors';
import { failureReasons, type StageFailure } from '@turnover/domain/media/stages';
import type { DeliveryRequest } from '../../access.ts';
import { carriedInto } from './open-findings.ts';

type OfRound = Pick<DeliveryRequest, 'id' | 'round'>;

/**
 * Throws `nothing_changed` for a round with the files of the round before, unless an answer explains why each finding
 * stays as it is, or the hub failed to process a file, which it tries again.
 */
export function refuseUnchanged(db: Reader, request: OfRound): void {
  if (!isUnchanged(db, request) || isExplained(db, request) || hasOwnFailure(db, request)) return;
  const round = request.round - 1;
  throw new HubError('nothing_changed', `No file has changed since round ${round}.`, { round });
}

/** Whether every file has the path and the bytes that it had in the round before. */
export function isUnchanged(db: Reader, { id, round }: OfRound): boolean {
  if (round === 1) return false;
  const isSameFile = sql`one.path_key = other.path_key and one.path = other.path
    and one.request_id = other.request_id and (one.asset_id = other.asset_id or exists (
      select 1 from asset_checksums as own join asset_checksums as theirs
        on theirs.algorithm = own.algorithm and theirs.source = own.source and theirs.value = own.value
      where own.asset_id = one.asset_id and theirs.asset_id = other.asset_id
        and own.algorithm = 'xxh128' and own.source = 'computed'))`;
  const isNew = sql`one.added_round = ${round} and one.removed_at is null`;
  const isGone = sql`one.added_round < ${round} and one.removed_round = ${round}`;
  const isOtherNew = sql`other.added_round = ${round} and other.removed_at is null`;
  const isOtherGone = sql`other.added_round < ${round} and other.removed_round = ${round}`;
  const changed = db.get(sql`
    select 1 from delivered_files as one where one.request_id = ${id} and (
      (${isNew} and not exists (select 1 from delivered_files as other where ${isSameFile} and ${isOtherGone}))
      or (${isGone} and not exists (select 1 from delivered_files as other where ${isSameFile} and ${isOtherNew})))
    limit 1`);
  return changed === undefined;
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
