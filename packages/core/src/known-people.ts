/** Decides whose names a person may read in a project. People who see only their own files do not learn who else delivers. */
import { and, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { reachOf, roleGrants, rolesReaching } from '@turnover/domain/people/permissions';

export type MayKnow = (userId: string) => boolean;

/**
 * Returns a predicate. People who see whole requests or the members of the project may know everybody. Others may know
 * themselves, their own company, and the house: everybody whose role sees every request.
 */
export function knownTo(db: Reader, readerId: string, projectId: string): MayKnow {
  const reader = personIn(db, readerId, projectId);
  if (reader && seesEverybody(reader)) return () => true;
  const answers = new Map<string, boolean>([[readerId, true]]);
  return (userId) => {
    const known = answers.get(userId);
    if (known !== undefined) return known;
    const person = personIn(db, userId, projectId);
    const ofHouse = person?.role != null && house.includes(person.role);
    const isColleague = person?.companyId != null && person.companyId === reader?.companyId;
    answers.set(userId, ofHouse || isColleague);
    return ofHouse || isColleague;
  };
}

const house = rolesReaching('request:view', 'any');

type InProject = NonNullable<ReturnType<typeof personIn>>;

function seesEverybody({ role, isOwner }: InProject): boolean {
  if (roleGrants(role, isOwner, 'member:view')) return true;
  const reach = role && reachOf(role, 'file:view');
  return reach === 'any' || reach === 'assigned';
}

function personIn(db: Reader, userId: string, projectId: string) {
  const inProject = and(eq(memberships.userId, users.id), eq(memberships.projectId, projectId));
  return db
    .select({ companyId: users.companyId, isOwner: users.isOwner, role: memberships.role })
    .from(users)
    .leftJoin(memberships, inProject)
    .where(eq(users.id, userId))
    .get();
}
