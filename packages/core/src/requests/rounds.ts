/** Lists the rounds of a request, and compares any two of them. */
import { asc, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { redeliveries, rounds } from '@turnover/db/schema/requests';
import { HubError, notFound } from '@turnover/domain/errors';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import {
  compareRounds,
  doubtsAbout,
  type RoundFile,
  type RoundDetailsView,
  type RoundListView,
  type RoundsComparisonView,
} from '@turnover/domain/requests/rounds';
import { lastSegment } from '@turnover/domain/names/names';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { Person, PersonContext } from '../context.ts';
import { viewKnownPeople } from '../people/person-view.ts';
import { inRound, scopeOf } from './files/round-scope.ts';
import { hasChecksums } from './receipts/lists.ts';
import { computingOf } from './receipts/wanted-checksums.ts';
import { findingsIn, findingsInto } from './redelivery/findings.ts';

/** The submitted rounds, oldest first, with the number of files that each added and removed. */
export function listRounds(ctx: PersonContext, request: DeliveryRequest): RoundListView {
  const { db, person } = ctx;
  const rows = db
    .select()
    .from(rounds)
    .where(eq(rounds.requestId, request.id))
    .orderBy(asc(rounds.number))
    .all();
  const asked = new Map(
    db
      .select()
      .from(redeliveries)
      .where(eq(redeliveries.requestId, request.id))
      .all()
      .map((row) => [row.round, row]),
  );
  const known = viewKnownPeople(db, person, request.projectId, [
    ...rows.map(({ submittedBy }) => submittedBy),
    ...[...asked.values()].map(({ askedBy }) => askedBy),
  ]);
  const counts = countChanges(db, person, request);
  const ownFailed = seesOwnFilesOnly(db, person, request.projectId)
    ? countOwnFailed(db, person, request)
    : null;
  return rows.map(({ number, submittedAt, submittedBy, processedAt, filesFailed }) => {
    const redelivery = asked.get(number);
    const { added = 0, removed = 0 } = counts.get(number) ?? {};
    return {
      number,
      submittedAt,
      processedAt,
      added,
      removed,
      filesFailed: ownFailed ? (ownFailed.get(number) ?? 0) : filesFailed,
      submittedBy: known(submittedBy),
      redelivery: redelivery
        ? {
            at: redelivery.askedAt,
            by: known(redelivery.askedBy),
            reasons: redelivery.reasons,
            comment: redelivery.comment,
            cleared: redelivery.cleared,
          }
        : null,
    };
  });
}

/** A submitted round with its files as they were then. Throws `not_found` for a round that was not submitted. */
export function viewRound(ctx: PersonContext, request: DeliveryRequest, number: number): RoundDetailsView {
  const { db, person } = ctx;
  const round = listRounds(ctx, request).find((each) => each.number === number);
  if (!round) throw notFound();
  const { visible } = scopeOf(ctx, request, number);
  const totals = db.get<{ files: number; sizeBytes: number }>(sql`
    select count(*) as files, coalesce(sum(asset.size_bytes), 0) as sizeBytes
    from delivered_files as file join assets as asset on asset.id = file.asset_id where ${visible}`);
  return {
    ...round,
    ...totals,
    ownFilesOnly: seesOwnFilesOnly(db, person, request.projectId),
    hasMd5: hasChecksums(db, { requestId: request.id, number }, ['md5']),
    computing: computingOf(db, { requestId: request.id, number }),
    carried: findingsInto(db, person, request, number),
    found: findingsIn(db, person, request, number),
  };
}

/** Compares a round with a later one, which may be the current round. Throws `invalid_input` for any other pair. */
export function compare(
  ctx: PersonContext,
  request: DeliveryRequest,
  { from, to }: { from: number; to: number },
): RoundsComparisonView {
  const { db, person } = ctx;
  if (from >= to || to > request.round) {
    throw new HubError('invalid_input', `Name an earlier round and a later one, at most ${request.round}.`, {
      field: 'to',
    });
  }
  const changes = compareRounds(filesChanged(db, person, request, from, to));
  const { touched: _, ...listed } = changes;
  const redelivery = db
    .select()
    .from(redeliveries)
    .where(eq(redeliveries.requestId, request.id))
    .all()
    .find(({ round }) => round === from);
  // Doubts are about the whole delivery, so people who see only a part of it get none.
  const isWhole = !seesOwnFilesOnly(db, person, request.projectId);
  const doubts = isWhole ? doubtsAbout(redelivery?.reasons ?? [], changes) : [];
  return { from, to, ...listed, doubts };
}

/** The files that are in only one of the two rounds. A file in both rounds is the same row. */
function filesChanged(
  db: Reader,
  person: Person,
  request: DeliveryRequest,
  from: number,
  to: number,
): RoundFile[] {
  const own = seesOwnFilesOnly(db, person, request.projectId)
    ? sql`and file.delivered_by = ${person.id}`
    : sql``;
  const rows = db.all<Omit<RoundFile, 'inFrom' | 'kind'> & { inFrom: number; isManifest: number }>(sql`
    select file.id, file.path, file.asset_id as assetId, asset.size_bytes as sizeBytes, file.is_manifest as isManifest,
      ${inRound(from)} as inFrom,
      (select group_concat(algorithm || ':' || value, ' ') from asset_checksums
        where asset_id = file.asset_id and source = 'computed') as checksums
    from delivered_files as file join assets as asset on asset.id = file.asset_id
    where file.request_id = ${request.id} and ${inRound(from)} <> ${inRound(to)} ${own}
    order by file.path_key`);
  return rows.map(({ inFrom, isManifest, ...row }) => ({
    ...row,
    inFrom: inFrom === 1,
    kind: isManifest === 1 ? 'manifest' : mediaKind(lastSegment(row.path)),
  }));
}

function countOwnFailed(db: Reader, person: Person, request: DeliveryRequest): Map<number, number> {
  const failed = sql`run.status = 'failed' and not run.informs and file.delivered_by = ${person.id}`;
  // A later round replaces failures by new attempts. They stay failures of their round.
  const rows = db.all<{ round: number; files: number }>(sql`
    select round, count(distinct file_id) as files from (
      select run.round, run.file_id from stage_runs as run join delivered_files as file on file.id = run.file_id
      where run.request_id = ${request.id} and ${failed}
      union all
      select run.round, run.file_id from delivered_files as file join replaced_stage_runs as run on run.file_id = file.id
      where file.request_id = ${request.id} and ${failed}
    ) group by round`);
  return new Map(rows.map(({ round, files }) => [round, files]));
}

function countChanges(
  db: Reader,
  person: Person,
  request: DeliveryRequest,
): Map<number, { added: number; removed: number }> {
  const own = seesOwnFilesOnly(db, person, request.projectId) ? sql`and delivered_by = ${person.id}` : sql``;
  // A file that was added and removed within one round was never submitted.
  const lasting = sql`(removed_round is null or removed_round > added_round)`;
  const rows = db.all<{ round: number; added: number; removed: number }>(sql`
    select round, sum(added) as added, sum(removed) as removed from (
      select added_round as round, 1 as added, 0 as removed from delivered_files
      where request_id = ${request.id} and ${lasting} ${own}
      union all
      select removed_round, 0, 1 from delivered_files
      where request_id = ${request.id} and removed_round is not null and ${lasting} ${own}
    ) group by round`);
  return new Map(rows.map(({ round, added, removed }) => [round, { added, removed }]));
}
