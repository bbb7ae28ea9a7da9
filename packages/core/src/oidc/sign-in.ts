/**
 * Signs people in at the OpenID provider. An account belongs to the provider's name for the person, and never to an e-mail address:
 * somebody who can choose their address at the provider must not get the account of another person.
 */
import { and, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { identities } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { Locale } from '@turnover/domain/locales';
import type { OidcSettings, ProviderClaims } from '@turnover/domain/people/oidc';
import type { Context, Oidc, Person, PersonContext } from '../context.ts';
import { findActivePerson, findUser, insertAccount } from '../people/accounts.ts';
import { proveEmail } from '../people/email-proof.ts';
import type { From } from '../people/known-origins.ts';
import { beginProviderSession, recordRefusal, type SignedIn } from '../people/sign-in.ts';
import { giveProviderSignInBack, takeProviderSignIn } from '../people/throttle.ts';
import { acceptInvitation } from '../projects/invitations.ts';
import { hashSecret } from '../secrets.ts';
import { beginFlow, isInvitationProof, useFlow, useTicket, type FlowPurpose } from './flows.ts';
import { applyGroups, givesRole, takeFormer, type Identity } from './groups.ts';
import { connectIdentity } from './identities.ts';
import { oidcRefused } from './provider.ts';

/** Where the browser comes back, which the provider must know. */
export const oidcCallbackPath = '/sign-in/oidc/callback';

/** The browser that signs in. `secret`: the value of its cookie. */
export type OidcBrowser = { secret: string; origin: string };

/** `invitation`: the secret of the page on which it began, and the proof that the page shows. */
export async function beginOidc(
  ctx: Context,
  browser: OidcBrowser,
  address: string | null,
  invitation: { secret: string; proof: string } | null,
): Promise<string> {
  const oidc = requireOidc(ctx);
  takeProviderSignIn(ctx, address);
  const isProved = invitation && isInvitationProof(invitation.proof, browser.secret, invitation.secret);
  return begin(ctx, oidc, browser, {
    userId: null,
    invitationHash: isProved ? hashSecret(invitation.secret) : null,
  });
}

/** Begins to connect the account of the caller, who has just proved who they are: `ticket` says so. */
export async function beginConnection(
  ctx: PersonContext,
  browser: OidcBrowser,
  ticket: string,
): Promise<string> {
  const oidc = requireOidc(ctx);
  useTicket(ctx, ticket, ctx.person.id);
  return begin(ctx, oidc, browser, { userId: ctx.person.id, invitationHash: null });
}

function begin(ctx: Context, { provider }: Oidc, { secret, origin }: OidcBrowser, purpose: FlowPurpose) {
  const redirectUri = `${origin}${oidcCallbackPath}`;
  return provider.beginUrl({ ...beginFlow(ctx, secret, purpose), redirectUri });
}

export type OidcAnswer = {
  browser: OidcBrowser;
  /** The part of the address after the question mark. */
  search: string;
  /** The secret of the invitation to which the browser goes back; null for other pages. */
  invitation: string | null;
  /** The language of a new account. */
  locale: Locale;
  from: From;
  /** Who is signed in already. */
  person: Person | null;
};

/** `signedIn`: null when the account of the person was connected. `joined`: the project of the invitation. */
export type OidcDone = { signedIn: SignedIn | null; joined: string | null };

/** Completes what the browser began. Throws `oidc_refused` with a reason, and writes down whom it refuses. */
export async function finishOidc(ctx: Context, answer: OidcAnswer): Promise<OidcDone> {
  const oidc = requireOidc(ctx);
  const url = new URL(oidcCallbackPath + answer.search, answer.browser.origin);
  const { proof, purpose } = useFlow(ctx, answer.browser.secret, url.searchParams.get('state') ?? '');
  let claims: ProviderClaims | undefined;
  try {
    claims = await oidc.provider.exchange(url, proof);
    return await complete(ctx, oidc.settings, claims, answer, purpose);
  } catch (error) {
    refuse(ctx, claims, purpose.userId, error);
    throw error;
  }
}

async function complete(
  ctx: Context,
  settings: OidcSettings,
  claims: ProviderClaims,
  answer: OidcAnswer,
  purpose: FlowPurpose,
): Promise<OidcDone> {
  if (purpose.userId !== null) {
    connectOwn(ctx, answer.person, purpose.userId, claims);
    return { signedIn: null, joined: null };
  }
  const { person, joined } = await findOrMakePerson(ctx, settings, claims, answer, purpose);
  const isFactor =
    settings.secondFactor === 'provider' || (settings.secondFactor === 'amr' && claims.hasManyFactors);
  const signedIn = await beginProviderSession(ctx, person, answer.from, {
    idToken: claims.idToken,
    isFactor,
  });
  giveProviderSignInBack(ctx, answer.from.address);
  return { signedIn, joined };
}

function requireOidc({ oidc }: Context): Oidc {
  if (!oidc) throw new HubError('not_found', 'This hub has no OpenID provider.');
  return oidc;
}

/** Another person may have signed in meanwhile, or the session may have ended. */
function connectOwn(ctx: Context, person: Person | null, userId: string, claims: ProviderClaims): void {
  if (person?.id !== userId) throw oidcRefused('expired');
  inTransaction(ctx.db, (tx) => {
    if (!findActivePerson(tx, userId)) throw oidcRefused('disabled');
    connectIdentity(tx, ctx, person, claims, { isNewAccount: false });
  });
}

type Found = { person: Person; joined: string | null };

async function findOrMakePerson(
  ctx: Context,
  settings: OidcSettings,
  claims: ProviderClaims,
  answer: OidcAnswer,
  purpose: FlowPurpose,
): Promise<Found> {
  if (findIdentity(ctx.db, claims)) return { person: updateKnown(ctx, settings, claims), joined: null };
  const { invitation } = answer;
  if (invitation !== null && hashSecret(invitation) === purpose.invitationHash) {
    const made = await makeInvited(ctx, claims, answer, invitation);
    updateKnown(ctx, settings, claims);
    return made;
  }
  if (!mayBeNew(settings, claims)) throw oidcRefused('notConnected');
  inTransaction(ctx.db, (tx) => makeNew(tx, ctx, settings, claims, answer.locale));
  return { person: updateKnown(ctx, settings, claims), joined: null };
}

/** Gives somebody who is connected what their groups say now. */
function updateKnown(ctx: Context, settings: OidcSettings, claims: ProviderClaims): Person {
  return inTransaction(ctx.db, (tx) => {
    const identity = findIdentity(tx, claims);
    if (!identity) throw oidcRefused('notConnected');
    if (!findActivePerson(tx, identity.userId)) throw oidcRefused('disabled');
    tx.update(identities)
      .set({ lastUsedAt: ctx.clock(), email: claims.email })
      .where(eq(identities.id, identity.id))
      .run();
    takeFormer(tx, ctx, identity.userId, claims.issuer);
    const person = findActivePerson(tx, identity.userId)!;
    applyGroups(tx, ctx, { identity, person, groups: claims.groups }, settings);
    return findActivePerson(tx, person.id)!;
  });
}

function findIdentity(db: Reader, { issuer, subject }: ProviderClaims): Identity | undefined {
  const same = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
  return db.select().from(identities).where(same).get();
}

function mayBeNew(settings: OidcSettings, { groups }: ProviderClaims): boolean {
  if (settings.newPeople === 'everybody') return true;
  return settings.newPeople === 'groups' && givesRole(settings, groups);
}

/**
 * Makes an account with the address that the provider confirms: otherwise somebody could take an address before its holder
 * comes. An account that has the address already stays as it is, and its person has to connect it.
 */
function makeNew(
  tx: Transaction,
  ctx: Context,
  { trustsAddresses }: OidcSettings,
  claims: ProviderClaims,
  locale: Locale,
): void {
  const { email, isEmailVerified } = claims;
  if (email === null || !(isEmailVerified ?? trustsAddresses)) throw oidcRefused('address');
  if (findUser(tx, email)) throw oidcRefused('notConnected');
  const person = insertAccount(tx, ctx, { email, name: nameOf(claims, email), locale });
  connectIdentity(tx, ctx, person, claims, { isNewAccount: true });
  if (isEmailVerified) proveEmail(tx, ctx, person);
}

/** Makes an account with the invited address: whoever has the link may choose how to sign in. */
async function makeInvited(
  ctx: Context,
  claims: ProviderClaims,
  { locale }: OidcAnswer,
  secret: string,
): Promise<Found> {
  const nameFor = (email: string) => nameOf(claims, email);
  const how = {
    locale,
    nameFor,
    connect: (tx: Transaction, person: Person) =>
      connectIdentity(tx, ctx, person, claims, { isNewAccount: true }),
  };
  try {
    const { person, projectId } = await acceptInvitation(ctx, secret, how);
    return { person, joined: projectId };
  } catch (error) {
    // The person has to sign in to the account that has the invited address.
    if (error instanceof HubError && error.code === 'email_taken') throw oidcRefused('notConnected');
    if (error instanceof HubError && ['link_expired', 'not_found'].includes(error.code))
      throw oidcRefused('invitation');
    throw error;
  }
}

function nameOf({ name }: ProviderClaims, email: string): string {
  return name ?? email.split('@')[0]!;
}

/** `connecting`: who wanted to connect their account. There are no claims when the provider broke off or said nothing right. */
function refuse(
  ctx: Context,
  claims: ProviderClaims | undefined,
  connecting: string | null,
  error: unknown,
): void {
  if (!(error instanceof HubError) || error.code !== 'oidc_refused') return;
  const reason = String(error.details.reason);
  const facts = { email: claims?.email ?? '', step: 'oidc', reason };
  if (!claims) return recordRefusal(ctx, connecting, facts);
  const { issuer, subject } = claims;
  const userId = connecting ?? findIdentity(ctx.db, claims)?.userId ?? null;
  recordRefusal(ctx, userId, { ...facts, issuer, subject });
}
