/** The event table. Services append to it in the transaction of the change; histories and live streams read it. */
import {
  and,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNull,
  lt,
  lte,
  max,
  min,
  notInArray,
  or,
  sql,
  type SQL,
} from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { events } from '@turnover/db/schema/events';
import { requestAssignees } from '@turnover/db/schema/requests';
import { memberships } from '@turnover/db/schema/projects';
import { users } from '@turnover/db/schema/accounts';
import {
  eventKinds,
  hubWideKinds,
  type EventData,
  type EventKind,
  type EventView,
} from '@turnover/domain/events';
import { reachOf, roleGrants } from '@turnover/domain/people/permissions';
import { roleIn } from './access.ts';
import type { Clock, Context, Person } from './context.ts';
import { knownTo, type MayKnow } from './known-people.ts';

/** The addressee is required, because an event without one would reach nobody. */
export type NewEvent = Addressee & {
  requestId?: string | null;
  deliveredBy?: string | null;
  actorId?: string | null;
  data?: EventData;
};

/** With `audienceId`, only that person gets the event, as for everything in a Workspace. */
type Addressee =
  | { kind: EventKind; projectId: string; audienceId?: string | null }
  | { kind: EventKind; projectId?: string | null; audienceId: string }
  | { kind: (typeof hubWideKinds)[number]; projectId?: null; audienceId?: null };

export function appendEvent(tx: Transaction, clock: Clock, event: NewEvent): void {
  tx.insert(events)
    .values({
      at: clock(),
      kind: event.kind,
      lasting: eventKinds[event.kind] === 'history',
      projectId: event.projectId ?? null,
      requestId: event.requestId ?? null,
      audienceId: event.audienceId ?? null,
      deliveredBy: event.deliveredBy ?? null,
      actorId: event.actorId ?? null,
      data: event.data ?? {},
    })
    .run();
}

/** Reloads the person's own pages, because what they may see has changed. */
export function signalAccount(
  tx: Transaction,
  ctx: Pick<Context, 'clock'> & { person: Pick<Person, 'id'> },
  userId: string,
): void {
  appendEvent(tx, ctx.clock, { kind: 'account.changed', audienceId: userId, actorId: ctx.person.id });
}

/** The events after `cursor` that the person may see in the project, oldest first. Checks access again on each call. */
export function eventsAfter(
  db: Reader,
  person: Person,
  projectId: string | null,
  cursor: number,
  limit: number,
): EventView[] {
  const mine = toPerson(person);
  const visible = projectId ? or(mine, visibleInProject(db, person, projectId)) : mine;
  return readEvents(db, person, and(gt(events.id, cursor), visible), 'oldest', limit);
}

/** `toPerson`: the event reaches the person whatever project they look at. */
export type AddressedEvent = { event: EventView; toPerson: boolean };

/**
 * The events after `cursor` up to `until` that the person may see, of these projects and of their own, oldest first. Checks
 * account and access again: `lost` lists the projects that the person can no longer see; `person` is null when the account is
 * gone or disabled.
 */
export function eventsForPerson(
  db: Reader,
  { id }: Person,
  projectIds: readonly string[],
  cursor: number,
  until: number,
  limit: number,
): { person: Person | null; events: AddressedEvent[]; lost: string[] } {
  const { email, name, companyId, isOwner, locale, disabledAt } = users;
  const person = db
    .select({ id: users.id, email, name, companyId, isOwner, locale })
    .from(users)
    .where(and(eq(users.id, id), isNull(disabledAt)))
    .get();
  if (!person) return { person: null, events: [], lost: [...projectIds] };
  const visible = projectIds.map((projectId) => ({
    projectId,
    where: visibleInProject(db, person, projectId),
  }));
  const lost = visible.flatMap(({ projectId, where }) => (where ? [] : [projectId]));
  const where = and(
    gt(events.id, cursor),
    lte(events.id, until),
    or(toPerson(person), ...visible.map((project) => project.where)),
  );
  const rows = selectEvents(db, where, 'oldest', limit);
  const view = viewFor(db, person);
  const found = rows.map((row) => ({
    event: view(row),
    toPerson: row.event.audienceId === id || isHubWide(row.event.kind),
  }));
  return { person, events: found, lost };
}

/** Events with ids before `before`, and from `first` to `last` (inclusive). Null sets no bound. */
type EventRange = { before: number | null; first: number | null; last: number | null };

/**
 * The history events of one request, newest first. With `onlyOwn`, leaves out events about files that somebody else
 * delivered.
 */
export function requestHistory(
  db: Reader,
  person: Person,
  requestId: string,
  onlyOwn: boolean,
  { before, first, last, limit }: EventRange & { limit: number },
): EventView[] {
  return readEvents(
    db,
    person,
    and(
      eq(events.requestId, requestId),
      eq(events.lasting, true),
      isNull(events.audienceId),
      onlyOwn ? or(isNull(events.deliveredBy), eq(events.deliveredBy, person.id)) : undefined,
      before === null ? undefined : lt(events.id, before),
      first === null ? undefined : gte(events.id, first),
      last === null ? undefined : lte(events.id, last),
    ),
    'newest',
    limit,
  );
}

export type ActivityFilter = {
  before: number | null;
  limit: number;
  about: 'request' | 'file' | 'upload' | 'member' | null;
  personId: string | null;
  requestId: string | null;
};

/** The history events of a project that the person may see, newest first. */
export function projectActivity(
  db: Reader,
  person: Person,
  projectId: string,
  { before, limit, about, personId, requestId }: ActivityFilter,
): EventView[] {
  const visible = visibleInProject(db, person, projectId);
  if (!visible) return [];
  const reading = readingIn(db, person, projectId);
  if (personId !== null && !reading.mayKnow(personId)) return [];
  const kinds = (Object.keys(eventKinds) as EventKind[]).filter((kind) => kind.startsWith(`${about}.`));
  return readEvents(
    db,
    person,
    and(
      visible,
      reading.seesMembers ? undefined : notInArray(events.kind, memberKinds),
      // Repeats the condition of the partial index, which contains only history events.
      sql`${events.lasting} = 1`,
      before === null ? undefined : lt(events.id, before),
      about === null ? undefined : inArray(events.kind, kinds),
      personId === null ? undefined : eq(events.actorId, personId),
      requestId === null ? undefined : eq(events.requestId, requestId),
    ),
    'newest',
    limit,
  );
}

/** The first and the last event id. `oldest` is null and `newest` 0 when the table is empty. */
export function eventRange(db: Reader): { oldest: number | null; newest: number } {
  const row = db
    .select({ oldest: min(events.id), newest: max(events.id) })
    .from(events)
    .get();
  return { oldest: row?.oldest ?? null, newest: row?.newest ?? 0 };
}

/** Signals are useless after an hour: a client that was away longer reloads its pages. */
const signalsKeptMs = 3600_000;

/** Deletes old signals and returns their number. History events are never deleted. */
export function pruneSignals(ctx: Context): number {
  return inTransaction(
    ctx.db,
    (tx) =>
      tx
        .delete(events)
        .where(and(eq(events.lasting, false), lt(events.at, ctx.clock() - signalsKeptMs)))
        .run().changes,
  );
}

function visibleInProject(db: Reader, person: Person, projectId: string): SQL | undefined {
  const membership = db
    .select({ role: memberships.role })
    .from(memberships)
    .where(and(eq(memberships.projectId, projectId), eq(memberships.userId, person.id)))
    .get();
  const inProject = and(eq(events.projectId, projectId), isNull(events.audienceId));
  const plain = and(inProject, isNull(events.requestId));
  if (!membership) return person.isOwner ? plain : undefined;
  const reach = reachOf(membership.role, 'request:view');
  if (reach === null) return plain;
  if (reach === 'any') return inProject;
  const assigned = inArray(events.requestId, assignedRequestIds(db, person));
  const theirs = reachOf(membership.role, 'file:view') === 'own' ? ownFilesOnly(person) : undefined;
  return or(plain, and(inProject, assigned, theirs));
}

function toPerson(person: Pick<Person, 'id'>): SQL | undefined {
  return or(eq(events.audienceId, person.id), inArray(events.kind, hubWideKinds));
}

function ownFilesOnly(person: Person): SQL | undefined {
  return or(isNull(events.deliveredBy), eq(events.deliveredBy, person.id));
}

/** A subquery: the requests that are assigned to the person or to their company, in any project. */
export function assignedRequestIds(db: Reader, person: Person) {
  return db
    .select({ id: requestAssignees.requestId })
    .from(requestAssignees)
    .where(
      or(
        eq(requestAssignees.userId, person.id),
        person.companyId ? eq(requestAssignees.companyId, person.companyId) : undefined,
      ),
    );
}

function readEvents(
  db: Reader,
  person: Person,
  where: SQL | undefined,
  order: 'oldest' | 'newest',
  limit: number,
): EventView[] {
  return selectEvents(db, where, order, limit).map(viewFor(db, person));
}

function selectEvents(db: Reader, where: SQL | undefined, order: 'oldest' | 'newest', limit: number) {
  return db
    .select({ event: events, actorName: users.name })
    .from(events)
    .leftJoin(users, eq(users.id, events.actorId))
    .where(where)
    .orderBy(order === 'newest' ? desc(events.id) : events.id)
    .limit(limit)
    .all();
}

type Row = ReturnType<typeof selectEvents>[number];

const memberKinds = (Object.keys(eventKinds) as EventKind[]).filter((kind) => kind.startsWith('member.'));

type Reading = { mayKnow: MayKnow; seesMembers: boolean };

/** What the person may know about the people of a project: whose names, and whether they see its list of members. */
function readingIn(db: Reader, person: Person, projectId: string): Reading {
  const role = roleIn(db, person, projectId);
  return {
    mayKnow: knownTo(db, person.id, projectId),
    seesMembers: roleGrants(role, person.isOwner, 'member:view'),
  };
}

/** Leaves out names that the reader may not know. Pages still reload for everybody when members change. */
function viewFor(db: Reader, person: Person): (row: Row) => EventView {
  const readings = new Map<string, Reading>();
  const readingOf = (projectId: string) => {
    const known = readings.get(projectId) ?? readingIn(db, person, projectId);
    readings.set(projectId, known);
    return known;
  };
  return ({ event, actorName }) => {
    const { id, kind, at, projectId, requestId, actorId, data } = event;
    const reading = projectId === null ? null : readingOf(projectId);
    const isAboutMembers = memberKinds.includes(kind) && !(reading?.seesMembers ?? true);
    const isKnown = !isAboutMembers && (actorId === null || (reading?.mayKnow(actorId) ?? true));
    const actor = isKnown && actorId && actorName !== null ? { id: actorId, name: actorName } : null;
    const view = { id, kind, at, projectId, requestId, actor, data: isAboutMembers ? {} : data };
    return isKnown ? view : { ...view, isActorHidden: true };
  };
}

function isHubWide(kind: EventKind): boolean {
  return (hubWideKinds as readonly EventKind[]).includes(kind);
}
