/** The order of the list of requests: its groups, its sort keys, and the cursors of its pages. */
import { sql, type SQL } from 'drizzle-orm';
import { requests } from '@turnover/db/schema/requests';
import { clockSpans, dayMs } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import type { ListRequestsInput, RequestGroupView } from '@turnover/domain/requests/list';
import type { RequestGroup, RequestSort } from '@turnover/domain/requests/list-order';
import { requestStatuses } from '@turnover/domain/requests/machine';

type Key = string | number;
type OrderKey = { of: SQL<Key>; descending: boolean };
/** Group and sort keys of the list, most significant first. The last key is the request id, so no two requests are equal. */
export type ListOrder = { group: SQL<string> | null; keys: OrderKey[] };

// Repeats the expression of the index `requests_in_order` literally: SQLite uses it only for an identical expression without
// parameters.
const isFinished = sql<Key>`(${requests.status} = 'accepted' or ${requests.status} = 'cancelled')`;
/** Sorts requests without a due date last, in both directions. */
const byDueDate = sql<Key>`case when ${requests.dueAt} is null then 9e15 else ${requests.dueAt} end`;
const byDueDateDescending = sql<Key>`coalesce(${requests.dueAt}, -1)`;

const sortKeys: Record<RequestSort, (descending: boolean) => SQL<Key>> = {
  dueAt: (descending) => (descending ? byDueDateDescending : byDueDate),
  name: () => sql`${requests.name} collate nocase`,
  status: () => sql`instr(${requestStatuses.join(' ')}, ${requests.status})`,
  updatedAt: () => sql`${requests.updatedAt}`,
  fileCount: () => sql`${requests.fileCount}`,
};

/** Returns the sort keys. By due date, finished requests come last in both directions, because they are no longer due. */
export function orderOf(
  {
    sort,
    descending,
    group,
    timeZone,
  }: Pick<ListRequestsInput, 'sort' | 'descending' | 'group' | 'timeZone'>,
  now: number,
): ListOrder {
  const ofGroup = group ? groupKeys[group](now, timeZone) : null;
  const first = [ofGroup, sort === 'dueAt' ? isFinished : null].filter((key) => key !== null);
  const rest = [sortKeys[sort](descending), sql<Key>`${requests.id}`];
  return {
    group: ofGroup,
    keys: [...first.map((of) => ({ of, descending: false })), ...rest.map((of) => ({ of, descending }))],
  };
}

/** Selects the sort keys as columns, so that `cursorOf` can read them from a row. */
export function keyColumns({ keys }: ListOrder): Record<string, SQL<Key>> {
  return Object.fromEntries(keys.map(({ of }, index) => [index, of]));
}

/** Returns the cursor of the page that follows a row with these keys. */
export function cursorOf(keys: Record<string, Key>): string {
  return JSON.stringify(Object.values(keys));
}

/** The condition for rows after the cursor. Throws `invalid_input` for a cursor that `cursorOf` did not write for this order. */
export function behind({ keys }: ListOrder, cursor: string): SQL {
  const last = readCursor(cursor, keys.length);
  const isBehind = keys.map(({ of, descending }, index) => {
    const equal = keys.slice(0, index).map((key, before) => sql`${key.of} = ${last[before]}`);
    const next = descending ? sql`${of} < ${last[index]}` : sql`${of} > ${last[index]}`;
    return sql.join([...equal, next], sql` and `);
  });
  return sql`(${sql.join(isBehind, sql` or `)})`;
}

function readCursor(cursor: string, length: number): Key[] {
  try {
    const keys = JSON.parse(cursor) as unknown;
    const isKey = (key: unknown) => typeof key === 'string' || typeof key === 'number';
    if (!Array.isArray(keys) || keys.length !== length || !keys.every(isKey)) throw new TypeError();
    return keys as Key[];
  } catch {
    throw new HubError('invalid_input', 'This cursor is not from this list.', { field: 'cursor' });
  }
}

const separator = '\u001f';
const dayOfWeekMs = 3 * dayMs;
const weekMs = 7 * dayMs;
/** Daylight-saving changes this far in the past and future are exact. Due dates beyond use the nearest known UTC offset. */
const knownClocksMs = 3 * 365 * dayMs;

/**
 * Builds a text for each request. Requests of a group have the same text, and the byte order of the texts is the order of the
 * groups: `a` and the name for a named group, `b` to `d` for groups without a name. Column names are written out, because
 * drizzle omits the table.
 */
const groupKeys: Record<RequestGroup, (now: number, timeZone: string) => SQL<string>> = {
  type: () => sql`coalesce((
    select 'a' || lower(type.name) || ${separator} || type.id || ${separator} || type.name
    from request_types as type where type.id = requests.type_id), 'c')`,
  company: () => sql`(
    select case count(distinct company.id) when 0 then 'c'
      when 1 then 'a' || lower(max(company.name)) || ${separator} || max(company.id) || ${separator} || max(company.name)
      else 'b' end
    from request_assignees as assignee left join users as person on person.id = assignee.user_id
    join companies as company on company.id = coalesce(assignee.company_id, person.company_id)
    where assignee.request_id = requests.id)`,
  dueWeek: (now, timeZone) => sql`case when ${isFinished} then 'd' when ${requests.dueAt} is null then 'c'
    else 'a' || printf('%09d', (${requests.dueAt} + ${offsetIn(now, timeZone)} + ${dayOfWeekMs}) / ${weekMs}) end`,
};

/** The UTC offset of the time zone at the due date, in milliseconds. */
function offsetIn(now: number, timeZone: string): SQL {
  const [first, ...spans] = clockSpans(now - knownClocksMs, now + knownClocksMs, timeZone);
  const cases = spans
    .toReversed()
    .map(({ from, offsetMs }) => sql`when ${requests.dueAt} >= ${from} then ${offsetMs}`);
  if (cases.length === 0) return sql`${first!.offsetMs}`;
  return sql`case ${sql.join(cases, sql` `)} else ${first!.offsetMs} end`;
}

/** Parses a text of `groupKeys` into the view of its group. */
export function viewGroup(group: RequestGroup, text: string, count: number): RequestGroupView {
  const [kind, rest] = [text[0], text.slice(1)];
  if (kind === 'a' && group === 'dueWeek') {
    const monday = new Date(Number(rest) * weekMs - dayOfWeekMs).toISOString().slice(0, 10);
    return { key: monday, kind: 'week', name: monday, count };
  }
  if (kind === 'a') {
    const [, key, name] = rest.split(separator);
    return { key: key!, kind: 'named', name: name!, count };
  }
  const others = { b: 'several', c: 'none', d: 'finished' } as const;
  const other = others[kind as keyof typeof others];
  return { key: other, kind: other, name: null, count };
}
