/** Disconnects people from the OpenID provider: takes the identity, what its groups gave, and the sign-ins that it began. */
import { and, eq, inArray, ne } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { identities, sessions, signIns, users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { SignInEnd } from '@turnover/domain/people/sign-ins';
import { recordAct } from '../audit/record.ts';
import type { Context, Person } from '../context.ts';
import { endSessionsWhere } from '../end-sessions.ts';
import { personOf } from '../people/accounts.ts';
import { endHalfSignIns } from '../people/half-sign-ins.ts';
import { notifyOfChange } from '../people/second-factor.ts';
import { applyGroups, type Identity } from './groups.ts';

/** `keep`: the session of whoever disconnects. */
type Ending = { by: SignInEnd; keep?: string | undefined };

export function disconnect(
  tx: Transaction,
  ctx: Context,
  person: Person,
  identity: Identity,
  ending: Ending,
): void {
  applyGroups(tx, ctx, { identity, person, groups: [] }, { roles: [], companies: [] });
  tx.delete(identities).where(eq(identities.id, identity.id)).run();
  endSignInsAtProvider(tx, ctx, person.id, ending);
  endHalfSignIns(tx, person.id);
  notifyOfChange(tx, ctx, person, 'identityOff');
}

/** Disconnects every identity of the person, and records each, which the cause does not name. Returns their number. */
export function disconnectAll(tx: Transaction, ctx: Context, userId: string, ending: Ending): number {
  const list = tx.select().from(identities).where(eq(identities.userId, userId)).all();
  for (const identity of list) {
    // Read again: the identity before may have taken the role of an owner.
    const user = tx.select().from(users).where(eq(users.id, userId)).get()!;
    const person = personOf(user);
    disconnect(tx, ctx, person, identity, ending);
    recordDisconnect(tx, ctx, person, identity);
  }
  return list.length;
}

/** Disconnects a person for the command line: one who has two accounts, or whose identity belongs to somebody else. */
export function disconnectByCommand(ctx: Context, userId: string): void {
  inTransaction(ctx.db, (tx) => {
    if (disconnectAll(tx, ctx, userId, { by: 'owner' }) === 0)
      throw new HubError('nothing_changed', 'The account is not connected.');
  });
}

function recordDisconnect(
  tx: Transaction,
  ctx: Context,
  person: Person,
  { id: identityId, issuer, subject }: Identity,
): void {
  recordAct(tx, ctx, {
    action: 'identities.disconnect',
    actor: person,
    subject: person.id,
    details: { identityId, issuer, subject },
  });
}

/** Whoever can sign in with the identity may have begun them. */
function endSignInsAtProvider(tx: Transaction, ctx: Context, userId: string, { by, keep }: Ending): void {
  const there = and(eq(signIns.userId, userId), eq(signIns.method, 'oidc'));
  const begun = tx.select({ id: signIns.sessionId }).from(signIns).where(there);
  const others = keep === undefined ? undefined : ne(sessions.id, keep);
  endSessionsWhere(tx, ctx, and(eq(sessions.userId, userId), inArray(sessions.id, begun), others), by);
}
