/** Lists the requests of a project that a person may see: filtered, sorted, in pages. */
import { and, asc, count, desc, eq, gte, inArray, isNull, lt, notInArray, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { requestAssignees, requests } from '@turnover/db/schema/requests';
import { atRiskMs, criticalMs, dueBuckets, type DueBucket } from '@turnover/domain/requests/due-buckets';
import { HubError } from '@turnover/domain/errors';
import { lookAlikeKey } from '@turnover/domain/names/look-alikes';
import { decide, reachOf } from '@turnover/domain/people/permissions';
import { requestStatuses } from '@turnover/domain/requests/machine';
import type { ListRequestsInput, RequestListView, requestSorts } from '@turnover/domain/requests/requests';
import { loadProject, roleIn } from '../access.ts';
import type { Person, PersonContext } from '../context.ts';
import { assignedRequestIds } from '../events.ts';
import { inList } from '../in-list.ts';
import { summarise } from './view.ts';

type Sort = (typeof requestSorts)[number];

/** Sorts requests without a due date last in ascending order. In descending order, -1 does. */
const never = 9e15;

const sortKeys: Record<Sort, (descending: boolean) => SQL> = {
  dueAt: (descending) => sql`coalesce(${requests.dueAt}, ${descending ? -1 : never})`,
  name: () => sql`${requests.name} collate nocase`,
  status: () => sql`instr(${requestStatuses.join(' ')}, ${requests.status})`,
  updatedAt: () => sql`${requests.updatedAt}`,
  fileCount: () => sql`${requests.fileCount}`,
};

/** One page of requests, with counts by status and bucket over all pages. */
export function listRequests(
  { db, person, clock }: PersonContext,
  input: ListRequestsInput,
): RequestListView {
  const sortKey = sortKeys[input.sort](input.descending);
  const direction = input.descending ? desc : asc;
  const now = clock();
  const filtered = and(visibleRequests(db, person, input.projectId), ...filtersOf(db, person, input));
  const rows = db
    .select({ request: requests, key: sql<string | number>`${sortKey}` })
    .from(requests)
    .where(
      and(
        filtered,
        input.status ? inArray(requests.status, input.status) : undefined,
        input.bucket ? eq(bucketAt(now), input.bucket) : undefined,
        input.cursor ? after(sortKey, input.cursor, input.descending) : undefined,
      ),
    )
    .orderBy(direction(sortKey), direction(requests.id))
    .limit(input.limit + 1)
    .all();
  const page = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? page.at(-1)! : null;
  return {
    requests: summarise(
      { db, person, clock },
      input.projectId,
      page.map(({ request }) => request),
    ),
    counts: countsOf(db, filtered, now),
    nextCursor: last && JSON.stringify([last.key, last.request.id]),
  };
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
  { projectId, search, assignee, type, dueFrom, dueBefore }: ListRequestsInput,
): (SQL | undefined)[] {
  return [
    search ? matching(db, projectId, search) : undefined,
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

/** Searches in JavaScript, because SQL's LIKE ignores case only for ASCII letters. */
function matching(db: Reader, projectId: string, search: string): SQL {
  const wanted = lookAlikeKey(search);
  const found = db
    .select({ id: requests.id, name: requests.name, description: requests.description })
    .from(requests)
    .where(eq(requests.projectId, projectId))
    .all()
    .filter(({ name, description }) => lookAlikeKey(`${name}\n${description}`).includes(wanted));
  return inList(
    requests.id,
    found.map(({ id }) => id),
  );
}

function after(sortKey: SQL, cursor: string, descending: boolean): SQL {
  const [key, id] = readCursor(cursor);
  return descending
    ? sql`(${sortKey}, ${requests.id}) < (${key}, ${id})`
    : sql`(${sortKey}, ${requests.id}) > (${key}, ${id})`;
}

/** The sort key and the id of the last row, as `listRequests` wrote them. Throws `invalid_input` for any other text. */
function readCursor(cursor: string): [string | number, string] {
  try {
    const [key, id] = JSON.parse(cursor) as [unknown, unknown];
    if ((typeof key !== 'string' && typeof key !== 'number') || typeof id !== 'string') throw new TypeError();
    return [key, id];
  } catch {
    throw new HubError('invalid_input', 'This cursor is not from this list.', { field: 'cursor' });
  }
}
