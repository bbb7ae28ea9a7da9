/** Finds where the files of Workspace entries were delivered, as far as a person may see it. */
import { eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { Reader } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import { requests } from '@turnover/db/schema/requests';
import { reachOf } from '@turnover/domain/people/permissions';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import {
  deliveryStateOf,
  maxDeliveriesListed,
  type DeliverySummary,
  type EntryDeliveriesView,
  type EntryDelivery,
} from '@turnover/domain/workspace/deliveries';
import { roleIn, type Entry } from '../access.ts';
import { inBatches } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { assignedRequestIds } from '../events.ts';
import { inList } from '../in-list.ts';

/** The most files checked for all entries of a page together. A thousand files take about 5 ms. */
const filesLookedAt = 3000;
/** The most files checked for the panel of one entry, which reads them in pieces. */
const filesInPanel = 50_000;
const filesInPiece = 1000;

/** The last submitted round that contains a row `file` of `delivered_files`; null when none does. */
const roundOfFile = sql.raw(`(select max(number) from rounds
  where rounds.request_id = file.request_id and rounds.number >= file.added_round
    and (file.removed_round is null or rounds.number < file.removed_round))`);

/**
 * SQL condition: a submitted round contains the asset. A file that was only added to a request does not count as delivered; a
 * delivered file still counts after its removal from the request.
 */
export function inSubmittedRound(assetId: SQL | SQLiteColumn): SQL {
  return sql`exists (select 1 from delivered_files as file where file.asset_id = ${assetId} and ${roundOfFile} is not null)`;
}

type Counted = Pick<Entry, 'id' | 'projectId' | 'kind' | 'fileCount'>;

/** Summaries for entries of one project, keyed by id. Leaves out entries with more files than can be checked. */
export function summariseDeliveries(
  ctx: PersonContext,
  rows: readonly Counted[],
): Map<string, DeliverySummary> {
  let budget = filesLookedAt;
  const looked = rows.filter(({ fileCount }) => {
    if (fileCount > budget) return false;
    budget -= fileCount;
    return true;
  });
  const [first] = looked;
  if (!first) return new Map();
  const visible = isVisible(ctx.db, ctx, first.projectId);
  const found = Map.groupBy(
    readRows(ctx.db, filesOf(ctx.db, looked, filesLookedAt), visible),
    ({ root }) => root,
  );
  return new Map(
    looked.map(({ id }) => {
      const { delivered, requests } = deliveriesOf(found.get(id) ?? []);
      const [latest = null, ...others] = requests;
      return [id, { delivered, latest, more: others.length }];
    }),
  );
}

/** All requests that the files of an entry were delivered or added to. */
export async function listDeliveries(ctx: PersonContext, entry: Counted): Promise<EntryDeliveriesView> {
  const visible = isVisible(ctx.db, ctx, entry.projectId);
  const files = filesOf(ctx.db, [entry], filesInPanel);
  const rows: Row[] = [];
  await inBatches(files, filesInPiece, (piece) => rows.push(...readRows(ctx.db, piece, visible)));
  const { delivered, requests } = deliveriesOf(rows);
  return {
    delivered,
    requests: requests.slice(0, maxDeliveriesListed),
    more: Math.max(0, requests.length - maxDeliveriesListed),
    isComplete: entry.fileCount <= filesInPanel,
  };
}

type HeldFile = [root: string, assetId: string];

/** The files to check: the entry itself, or everything in it. */
function filesOf(db: Reader, rows: readonly Counted[], limit: number): HeldFile[] {
  const roots = inList(
    entries.id,
    rows.map(({ id }) => id),
  );
  return db.values<HeldFile>(sql`
    with recursive tree(root, id, kind, asset_id) as (
      select id, id, kind, asset_id from entries where ${roots}
      union all
      select tree.root, child.id, child.kind, child.asset_id
      from tree cross join entries as child on child.parent_id = tree.id and child.deleted_at is null
      where tree.kind <> 'file'
    )
    select root, asset_id from tree where kind = 'file' limit ${limit}`);
}

/** Counts of the files of `root`: those delivered anywhere, or for one request those in it. */
type Row = { root: string; delivered: number } & (
  | { requestId: null }
  | {
      requestId: string;
      requestName: string;
      status: RequestStatus;
      currentRound: number;
      round: number | null;
      lastRound: number | null;
      /** The number of files in the request, submitted or not. */
      present: number;
      addedAt: number;
    }
);

function readRows(db: Reader, files: readonly HeldFile[], visible: SQL): Row[] {
  return db.all<Row>(sql`
    with held as materialized (
      select key, value ->> 0 as root, value ->> 1 as asset_id from json_each(${JSON.stringify(files)})
    ),
    found as materialized (
      select held.key, held.root, file.request_id, file.added_at, ${roundOfFile} as sent, ${visible} as is_visible
      from held cross join delivered_files as file on file.asset_id = held.asset_id
      where file.removed_at is null or sent is not null
    )
    select root, null as requestId, count(distinct key) as delivered, null as requestName, null as status,
      null as currentRound, null as round, null as lastRound, null as present, null as addedAt
    from found where sent is not null group by root
    union all
    select root, request.id, count(distinct case when sent is not null then key end), request.name, request.status,
      request.round, max(sent), (select max(number) from rounds where rounds.request_id = request.id),
      count(distinct key), max(added_at)
    from found cross join requests as request on request.id = found.request_id
    where is_visible group by root, request.id`);
}

/** SQL condition on `file`, a row of `delivered_files`: the person may see it in its request. */
function isVisible(db: Reader, { person }: PersonContext, projectId: string): SQL {
  const role = roleIn(db, person, projectId);
  const reach = role && reachOf(role, 'file:view');
  if (!reach) return sql`0`;
  if (reach === 'any') {
    return inArray(
      sql`file.request_id`,
      db.select({ id: requests.id }).from(requests).where(eq(requests.projectId, projectId)),
    );
  }
  const isAssigned = inArray(sql`file.request_id`, assignedRequestIds(db, person));
  return reach === 'own' ? sql`(${isAssigned} and file.delivered_by = ${person.id})` : isAssigned;
}

/** Rows of the same request count different files, so they are added up. */
function deliveriesOf(rows: readonly Row[]): { delivered: number; requests: EntryDelivery[] } {
  let delivered = 0;
  const byRequest = new Map<string, RequestRow>();
  for (const row of rows) {
    if (row.requestId === null) {
      delivered += row.delivered;
      continue;
    }
    const before = byRequest.get(row.requestId);
    byRequest.set(row.requestId, before ? joined(before, row) : row);
  }
  const ordered = [...byRequest.values()].toSorted(
    (one, other) =>
      Number(other.round !== null) - Number(one.round !== null) ||
      other.addedAt - one.addedAt ||
      (one.requestId < other.requestId ? 1 : -1),
  );
  return {
    delivered,
    requests: ordered.map(({ requestId, requestName, round, ...row }) => ({
      requestId,
      requestName,
      round: round ?? row.currentRound,
      state: deliveryStateOf({ ...row, round }),
      files: round === null ? row.present : row.delivered,
    })),
  };
}

type RequestRow = Extract<Row, { requestId: string }>;

function joined(one: RequestRow, other: RequestRow): RequestRow {
  const latest = (a: number | null, b: number | null) => (a === null || (b !== null && b > a) ? b : a);
  return {
    ...one,
    delivered: one.delivered + other.delivered,
    present: one.present + other.present,
    round: latest(one.round, other.round),
    addedAt: Math.max(one.addedAt, other.addedAt),
  };
}
