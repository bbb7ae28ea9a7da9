/** Who must have a second factor. Owners of the hub choose roles. A person with such a role must set it up before they can do anything else. */
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { hub } from '@turnover/db/schema/hub';
import { memberships } from '@turnover/db/schema/projects';
import { inTransaction } from '@turnover/db/transaction';
import type {
  FactorPolicyView,
  requireFactorInput,
  RoleWithFactor,
} from '@turnover/domain/people/second-factors';
import type { Person, PersonContext } from '../context.ts';
import { hasSecondFactor, peopleWithFactor } from './second-factor-state.ts';

/** True while the person may do nothing but set up a second factor. */
export function lacksSecondFactor(db: Reader, person: Person): boolean {
  return isFactorRequired(db, person) && !hasSecondFactor(db, person.id);
}

export function isFactorRequired(db: Reader, { id, isOwner }: Person): boolean {
  const required = requiredRoles(db);
  if (required.length === 0) return false;
  if (isOwner && required.includes('owner')) return true;
  const inProjects = required.filter((role) => role !== 'owner');
  const has = and(eq(memberships.userId, id), inArray(memberships.role, inProjects));
  return db.select({ id: memberships.id }).from(memberships).where(has).limit(1).get() !== undefined;
}

export function factorPolicy({ db }: PersonContext): FactorPolicyView {
  const active = db.select({ id: users.id }).from(users).where(isNull(users.disabledAt)).all();
  const ids = active.map(({ id }) => id);
  return { roles: requiredRoles(db), withFactor: peopleWithFactor(db, ids).size, people: ids.length };
}

/** Holds from the next request of each person on. API tokens go on: no person is there to enter a code. */
export function requireFactor(ctx: PersonContext, { roles }: z.infer<typeof requireFactorInput>): void {
  inTransaction(ctx.db, (tx) => {
    tx.update(hub)
      .set({ secondFactorRoles: [...new Set(roles)] })
      .run();
  });
}

function requiredRoles(db: Reader): RoleWithFactor[] {
  return db.select({ roles: hub.secondFactorRoles }).from(hub).get()?.roles ?? [];
}
