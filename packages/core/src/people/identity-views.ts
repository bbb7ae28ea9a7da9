/** Who people are at the OpenID provider, for themselves and for owners of the hub. */
import { asc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { identities } from '@turnover/db/schema/accounts';
import type { IdentityView } from '@turnover/domain/people/oidc';

/** One for each provider that the hub has had. */
const maxListed = 100;

export function identitiesOf(db: Reader, userId: string): IdentityView[] {
  const { id, issuer, subject, email, createdAt, lastUsedAt } = identities;
  return db
    .select({ id, issuer, subject, email, createdAt, lastUsedAt })
    .from(identities)
    .where(eq(identities.userId, userId))
    .orderBy(asc(identities.id))
    .limit(maxListed)
    .all();
}
