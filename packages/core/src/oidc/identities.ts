/** Who people are at the OpenID provider: connected from the account page, or with a new account. */
import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { identities, users } from '@turnover/db/schema/accounts';
import { HubError, notFound } from '@turnover/domain/errors';
import type {
  OwnIdentitiesView,
  proveIdentityInput,
  ProviderClaims,
  removeIdentityInput,
} from '@turnover/domain/people/oidc';
import { recordAct } from '../audit/record.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { identitiesOf } from '../people/identity-views.ts';
import { notifyOfChange, refuseTokens, withOwnProof } from '../people/second-factor.ts';
import { disconnect } from './disconnect.ts';
import { newTicket } from './flows.ts';
import { isSameIssuer, nothingGiven, type Identity } from './groups.ts';
import { oidcRefused } from './provider.ts';

export function ownIdentities(ctx: PersonContext): OwnIdentitiesView {
  const list = identitiesOf(ctx.db, ctx.person.id);
  const { oidc } = ctx;
  const mayConnect =
    oidc !== undefined && !list.some(({ issuer }) => isSameIssuer(issuer, oidc.settings.issuer));
  return { provider: oidc?.settings.label ?? null, identities: list, mayConnect };
}

/** Proves the caller, and returns where the browser begins to connect. Who has only the session must not connect an identity. */
export async function proveForConnection(
  ctx: PersonContext,
  proof: z.infer<typeof proveIdentityInput>,
): Promise<{ path: string }> {
  refuseTokens(ctx);
  if (!ctx.oidc) throw notFound();
  if (!ownIdentities(ctx).mayConnect) throw new HubError('conflict', 'The account is connected already.');
  const ticket = await withOwnProof(ctx, proof, (tx) => newTicket(tx, ctx, ctx.person.id));
  return { path: `/sign-in/oidc?connect=${ticket}` };
}

/** Throws `oidc_refused` for an identity of another account. Connecting the same one again changes nothing. */
export function connectIdentity(
  tx: Transaction,
  ctx: Context,
  person: Person,
  { issuer, subject, email }: Pick<ProviderClaims, 'issuer' | 'subject' | 'email'>,
  { isNewAccount }: { isNewAccount: boolean },
): void {
  const same = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
  const owner = tx.select().from(identities).where(same).get();
  if (owner?.userId === person.id) return;
  const own = and(eq(identities.userId, person.id), eq(identities.issuer, issuer));
  if (owner || tx.select().from(identities).where(own).get()) throw oidcRefused('taken');
  const id = ctx.newId('identity');
  tx.insert(identities)
    .values({ id, userId: person.id, issuer, subject, email, given: nothingGiven, createdAt: ctx.clock() })
    .run();
  recordAct(tx, ctx, {
    action: 'identities.connect',
    actor: person,
    subject: person.id,
    details: { identityId: id, issuer, subject, email, isNewAccount },
  });
  if (!isNewAccount) notifyOfChange(tx, ctx, person, 'identityOn');
  signalAccount(tx, { ...ctx, person }, person.id);
}

/** Removes an identity of the caller, what its groups gave, and their other sign-ins at the provider. */
export async function removeIdentity(
  ctx: PersonContext,
  { identityId, ...proof }: z.infer<typeof removeIdentityInput>,
): Promise<void> {
  refuseTokens(ctx);
  const own = and(eq(identities.id, identityId), eq(identities.userId, ctx.person.id));
  // Before the code, which would be used up for nothing.
  requireRemovable(ctx.db, ctx, own);
  await withOwnProof(ctx, proof, (tx) => {
    const identity = requireRemovable(tx, ctx, own);
    disconnect(tx, ctx, ctx.person, identity, { by: 'ended', keep: ctx.sessionId });
  });
}

/** Throws `conflict` when the person could not sign in without it. The identity of a former provider signs nobody in. */
function requireRemovable(db: Reader, ctx: PersonContext, own: ReturnType<typeof and>): Identity {
  const identity = db.select().from(identities).where(own).get();
  if (!identity) throw notFound();
  const settings = ctx.oidc?.settings;
  if (!settings || !isSameIssuer(identity.issuer, settings.issuer)) return identity;
  const user = db.select().from(users).where(eq(users.id, ctx.person.id)).get();
  if (user?.passwordHash === null || settings.only)
    throw new HubError('conflict', 'Without it there would be no way to sign in.');
  return identity;
}
