/** How people came into a project, read from the events, accepted invitations and shares. */
import { and, asc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { auditEntries } from '@turnover/db/schema/audit';
import { events } from '@turnover/db/schema/events';
import { invitations } from '@turnover/db/schema/projects';
import { shares } from '@turnover/db/schema/shares';
import type { AccessOrigin } from '@turnover/domain/people/access-report';
import type { Role } from '@turnover/domain/people/projects';
import { inList } from '../in-list.ts';
import { viewPeople } from '../people/person-view.ts';

/** `by`: the name of who added or invited them, or shared with them. */
export type Arrival = { origin: AccessOrigin; by: string | null };
export const noArrival: Arrival = { origin: 'unknown', by: null };

/** How each person last came into the project, by their id. */
export function arrivalsOf(db: Reader, projectId: string): Map<string, Arrival> {
  const added = additions(db, projectId);
  const bySelf = added.filter(({ userId, actorId }) => userId === actorId);
  const causes = { inviters: acceptedInvitations(db, projectId), sharers: sharersOf(db, projectId, bySelf) };
  const found = added.map((addition) => [addition.userId, arrivalOf(addition, causes)] as const);
  const people = viewPeople(
    db,
    found.flatMap(([, { by }]) => by ?? []),
  );
  return new Map(
    found.map(([id, { origin, by }]) => [id, { origin, by: (by && people.get(by)?.name) ?? null }]),
  );
}

type Addition = ReturnType<typeof additions>[number];
type Causes = {
  inviters: ReturnType<typeof acceptedInvitations>;
  sharers: ReturnType<typeof sharersOf>;
};

/** `by` is an id here. */
function arrivalOf({ userId, actorId, at, isOwner }: Addition, { inviters, sharers }: Causes): Arrival {
  if (actorId !== userId) return { origin: 'added', by: actorId };
  // Who opens an invitation adds themselves; so do a colleague who gets a share, and an owner of the hub who joins.
  const invited = inviters.get(userId);
  if (invited && invited.at <= at) return { origin: 'invited', by: invited.by };
  const [sharer, ...others] = sharers.get(userId) ?? [];
  // Nothing states which of several waiting shares came first.
  if (sharer !== undefined) return { origin: 'share', by: others.length === 0 ? sharer : null };
  return isOwner ? { origin: 'joined', by: null } : noArrival;
}

/** The last one of each person stands last. */
function additions(db: Reader, projectId: string) {
  const userId = sql<string>`${events.data} ->> 'userId'`;
  return (
    db
      .select({
        userId,
        role: sql<Role>`${events.data} ->> 'role'`,
        actorId: events.actorId,
        at: events.at,
        isOwner: users.isOwner,
      })
      .from(events)
      .innerJoin(users, eq(users.id, userId))
      // A literal, because SQLite does not use the partial index with a bound parameter.
      .where(
        and(eq(events.projectId, projectId), sql`${events.lasting} = 1`, eq(events.kind, 'member.added')),
      )
      .orderBy(asc(events.id))
      .all()
  );
}

/** Who invited each person, by the id of the person who accepted. Empty where the inviter is not known. */
function acceptedInvitations(db: Reader, projectId: string) {
  const rows = db
    .select({ userId: auditEntries.actorId, by: invitations.invitedBy, at: invitations.acceptedAt })
    .from(invitations)
    .innerJoin(
      auditEntries,
      and(eq(auditEntries.subject, invitations.id), eq(auditEntries.action, 'invitations.accept')),
    )
    .where(and(eq(invitations.projectId, projectId), isNotNull(invitations.acceptedAt)))
    .all();
  return new Map(rows.map(({ userId, by, at }) => [userId ?? '', { by, at: at ?? 0 }]));
}

/** Who had shared with people before they added themselves, by the id of the grantee. Shares give the role Workspace only. */
function sharersOf(db: Reader, projectId: string, bySelf: readonly Addition[]): Map<string, string[]> {
  const joined = new Map(
    bySelf.filter(({ role }) => role === 'workspace').map((each) => [each.userId, each]),
  );
  const { granteeId, sharerId, createdAt, revokedAt } = shares;
  const rows = db
    .select({ granteeId, sharerId, createdAt, revokedAt })
    .from(shares)
    .where(and(eq(shares.projectId, projectId), inList(granteeId, [...joined.keys()])))
    .all()
    .filter((share) => {
      const { at } = joined.get(share.granteeId ?? '')!;
      return share.createdAt <= at && (share.revokedAt === null || share.revokedAt >= at);
    });
  const sharers = Map.groupBy(rows, ({ granteeId }) => granteeId ?? '');
  return new Map([...sharers].map(([id, own]) => [id, [...new Set(own.map(({ sharerId }) => sharerId))]]));
}
