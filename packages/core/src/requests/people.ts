/** The people around a request: its coordinators, its assignees, and everybody who sees it. */
import { and, eq, inArray, isNull, or, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { requestAssignees } from '@turnover/db/schema/requests';
import { rolesReaching } from '@turnover/domain/people/permissions';
import type { DeliveryRequest } from '../access.ts';

export type Addressee = { id: string; name: string; email: string };

const maxPeople = 5000;

export function coordinatorsOf(db: Reader, projectId: string): Addressee[] {
  return membersWho(db, projectId, eq(memberships.role, 'coordinator'));
}

/** The assigned people and the people of assigned companies, as far as their role lets them see the request. */
export function fulfillersOf(
  db: Reader,
  { id, projectId }: Pick<DeliveryRequest, 'id' | 'projectId'>,
): Addressee[] {
  return membersWho(
    db,
    projectId,
    and(inArray(memberships.role, rolesReaching('request:view', 'any', 'assigned')), isAssigned(id)),
  );
}

/** The name of the company through which the person is assigned; null when they are assigned by name. */
export function assignedCompanyOf(
  db: Reader,
  { id: requestId }: Pick<DeliveryRequest, 'id'>,
  userId: string,
): string | null {
  const rows = db
    .select({ userId: requestAssignees.userId, company: companies.name })
    .from(requestAssignees)
    .leftJoin(companies, eq(companies.id, requestAssignees.companyId))
    .leftJoin(users, eq(users.companyId, companies.id))
    .where(
      and(
        eq(requestAssignees.requestId, requestId),
        or(eq(requestAssignees.userId, userId), eq(users.id, userId)),
      ),
    )
    .all();
  return rows.some((row) => row.userId === userId) ? null : (rows[0]?.company ?? null);
}

export function peopleWhoSee(
  db: Reader,
  { id, projectId }: Pick<DeliveryRequest, 'id' | 'projectId'>,
): Addressee[] {
  const seesAll = inArray(memberships.role, rolesReaching('request:view', 'any'));
  const seesAssigned = and(
    inArray(memberships.role, rolesReaching('request:view', 'assigned')),
    isAssigned(id),
  );
  return membersWho(db, projectId, or(seesAll, seesAssigned));
}

function isAssigned(requestId: string): SQL {
  return sql`exists (
    select 1 from ${requestAssignees} where ${requestAssignees.requestId} = ${requestId}
      and (${requestAssignees.userId} = ${users.id} or ${requestAssignees.companyId} = ${users.companyId}))`;
}

function membersWho(db: Reader, projectId: string, which: SQL | undefined): Addressee[] {
  return db
    .select({ id: users.id, name: users.name, email: users.email })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.projectId, projectId), isNull(users.disabledAt), which))
    .orderBy(users.name, users.id)
    .limit(maxPeople)
    .all();
}
