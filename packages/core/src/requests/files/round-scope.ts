/** Selects the files that a query reads: the present files of a request, or those of a submitted round. */
import { sql, type SQL } from 'drizzle-orm';
import { notFound } from '@turnover/domain/errors';
import { seesOwnFilesOnly, type DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inList } from '../../in-list.ts';

/**
 * `visible`: the files that the person may see, as a condition on `delivered_files` named `file`. `ownerId`: the person, if
 * they see only files that they delivered; otherwise null.
 */
export type RoundScope = {
  request: DeliveryRequest;
  round: number | null;
  ownerId: string | null;
  visible: SQL;
};

/** `round`: null for the present files. Throws `not_found` for a round that the request has not reached. */
export function scopeOf(
  { db, person }: PersonContext,
  request: DeliveryRequest,
  round: number | null,
): RoundScope {
  if (round !== null && round > request.round) throw notFound();
  const ownerId = seesOwnFilesOnly(db, person, request.projectId) ? person.id : null;
  const own = ownerId === null ? sql`` : sql`and file.delivered_by = ${ownerId}`;
  const visible = sql`file.request_id = ${request.id} and ${inRound(round)} ${own}`;
  return { request, round, ownerId, visible };
}

/** The condition for frames of these sequences. SQLite uses their index only if the query states that the key is not null. */
export function ofSequences(keys: readonly string[]): SQL {
  return sql`(file.sequence_key is not null and ${inList(sql`file.sequence_key`, keys)})`;
}

/** The condition that the file is in the round, or present when `round` is null. */
export function inRound(round: number | null): SQL {
  if (round === null) return sql`file.removed_at is null`;
  return sql`(file.added_round <= ${round} and (file.removed_round is null or file.removed_round > ${round}))`;
}
