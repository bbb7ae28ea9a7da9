/** Lists the requests of a project that a person may see: filtered, sorted, in pages. */
import { and, asc, count, desc, eq, gte, inArray, isNull, lt, notInArray, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { requestAssignees, requests } from '@turnover/db/schema/requests';
import { atRiskMs, criticalMs, dueBuckets, type DueBucket } from '@turnover/domain/requests/due-buckets';
import { HubError } from '@turnover/domain/errors';
import { decide, reachOf } from '@turnover/domain/people/permissions';
import type { ListRequestsInput, RequestGroupView, RequestListView } from '@turnover/domain/requests/list';
import type { RequestGroup } from '@turnover/domain/requests/list-order';
import { requestStatuses } from '@turnover/domain/requests/machine';
import { loadProject, roleIn } from '../access.ts';
import type { Person, PersonContext } from '../context.ts';
import { assignedRequestIds } from '../events.ts';
import { inList } from '../in-list.ts';
import { behind, cursorOf, keyColumns, orderOf, viewGroup, type ListOrder } from './list-order.ts';
import { searchRequests } from './list-search.ts';
import { progressInList } from './processing/view.ts';
import { summarise } from './view.ts';

/** One page of requests, with counts by status and bucket over all pages. */
export async function listRequests(ctx: PersonContext, input: ListRequestsInput): Promise<RequestListView> {
  const { db, person, clock } = ctx;
  const now = clock();
  const visible = visibleRequests(db, person, input.projectId);
  const searched = input.search ? await searchRequests(ctx, input.projectId, visible, input.search) : null;
  const matching = searched ? inList(requests.id, [...searched.found.keys()]) : undefined;
  const filtered = and(visible, matching, ...filtersOf(db, person, input));
  const listed = and(
    filtered,
    input.status ? inArray(requests.status, input.status) : undefined,
    input.bucket ? eq(bucketAt(now), input.bucket) : undefined,
  );
  const order = orderOf(input, now);
  const rows = db
    .select({ request: requests, keys: keyColumns(order), ...(order.group && { group: order.group }) })
    .from(requests)
    .where(and(listed, input.cursor ? behind(order, input.cursor) : undefined))
    .orderBy(...order.keys.map(({ of, descending }) => (descending ? desc(of) : asc(of))))
    .limit(input.limit + 1)
    .all();
  const page = rows.slice(0, input.limit);
  const groups = groupsOf(db, input.group, order, listed, page);
  const summaries = summarise(
    ctx,
    input.projectId,
    page.map(({ request }) => request),
  );
  return {
    requests: page.map(({ request, group }, index) => ({
      ...summaries[index]!,
      group: groups.get(group)?.key ?? null,
      foundFile: searched?.found.get(request.id) ?? null,
      processing: progressInList(db, request, now),
    })),
    groups: [...groups.values()],
    counts: countsOf(db, filtered, now),
    isSearchComplete: searched?.isComplete ?? true,
    nextCursor: rows.length > input.limit ? cursorOf(page.at(-1)!.keys) : null,
  };
}

/** The groups of a page, keyed by their text in `groupKeys`, each with the number of its requests on all pages. */
function groupsOf(
  db: Reader,
  by: RequestGroup | undefined,
  { group }: ListOrder,
  listed: SQL | undefined,
  page: readonly { group?: string }[],
): Map<string | undefined, RequestGroupView> {
  if (!by || !group) return new Map();
  const rows = db.select({ group, number: count() }).from(requests).where(listed).groupBy(group).all();
  const counts = new Map(rows.map((row) => [row.group, row.number]));
  return new Map(page.map(({ group: text = '' }) => [text, viewGroup(by, text, counts.get(text) ?? 0)]));
}

/** Counts by status and bucket in one query. */
function countsOf(db: Reader, filtered: SQL | undefined, now: number): RequestListView['counts'] {
  const bucket = sql<DueBucket | null>`${bucketAt(now)}`;
  const rows = db
    .select({ status: requests.status, bucket, number: count() })
    .from(requests)
    .where(filtered)
    .groupBy(requests.status, bucket)
    .all();
  const sumOf = (which: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(which).reduce((sum, { number }) => sum + number, 0);
  return {
    status: Object.fromEntries(
      requestStatuses.map((status) => [status, sumOf((row) => row.status === status)]),
    ) as RequestListView['counts']['status'],
    bucket: Object.fromEntries(
      dueBuckets.map((bucket) => [bucket, sumOf((row) => row.bucket === bucket)]),
    ) as RequestListView['counts']['bucket'],
  };
}

/** `dueBucket` of the domain package, in SQL. */
function bucketAt(now: number): SQL {
  const { status, dueAt, promisedAt } = requests;
  return sql`case
    when ${status} in ('accepted', 'cancelled') then null
    when ${status} not in ('open', 'redelivery') or ${dueAt} is null then 'on_track'
    when ${promisedAt} > ${dueAt} or ${dueAt} - ${now} <= ${criticalMs} then 'critical'
    when ${dueAt} - ${now} <= ${atRiskMs} then 'at_risk' else 'on_track' end`;
}

/** All filters except status and bucket, which the counts must not apply. */
function filtersOf(
  db: Reader,
  person: Person,
  { assignee, type, dueFrom, dueBefore }: ListRequestsInput,
): (SQL | undefined)[] {
  return [
    assignee === undefined ? undefined : assignedTo(db, person, assignee),
    type === undefined ? undefined : type === 'none' ? isNull(requests.typeId) : eq(requests.typeId, type),
    dueFrom === undefined ? undefined : gte(requests.dueAt, dueFrom),
    dueBefore === undefined ? undefined : lt(requests.dueAt, dueBefore),
  ];
}

function assignedTo(db: Reader, person: Person, assignee: NonNullable<ListRequestsInput['assignee']>): SQL {
  if (assignee === 'me') return inArray(requests.id, assignedRequestIds(db, person));
  const assigned = db.select({ id: requestAssignees.requestId }).from(requestAssignees);
  if (assignee === 'nobody') return notInArray(requests.id, assigned);
  const column = 'userId' in assignee ? requestAssignees.userId : requestAssignees.companyId;
  return inArray(
    requests.id,
    assigned.where(eq(column, 'userId' in assignee ? assignee.userId : assignee.companyId)),
  );
}

/** Restricts the list to assigned requests for roles that see only those. Throws `forbidden` for roles that see none. */
export function visibleRequests(db: Reader, person: Person, projectId: string): SQL | undefined {
  loadProject(db, person, projectId, 'project:view');
  const role = roleIn(db, person, projectId);
  // Checks as if assigned, to learn whether the role can see any request.
  if (role === null || decide('request:view', { role, isOwner: false, assigned: true }) !== 'granted') {
    throw new HubError('forbidden', 'Your role in this project does not include requests.', {
      permission: 'request:view',
    });
  }
  const ofProject = eq(requests.projectId, projectId);
  if (reachOf(role, 'request:view') === 'any') return ofProject;
  return and(ofProject, inArray(requests.id, assignedRequestIds(db, person)));
}
