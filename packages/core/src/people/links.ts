/** Links that work once: to become the owner of an empty hub, or to choose a new password. */
import { and, eq, inArray, isNull, lt } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { oneTimeLinks, users } from '@turnover/db/schema/accounts';
import { dayMs } from '@turnover/domain/days';
import { HubError, notFound } from '@turnover/domain/errors';
import { resetLinkLifetimeMs, setupLinkLifetimeMs } from '@turnover/domain/people/invitations';
import type { EndedView } from '@turnover/domain/people/accounts';
import { recordAct } from '../audit/record.ts';
import {
  createOwner,
  findActivePerson,
  findUser,
  insertAccount,
  setPassword,
  type NewAccount,
} from './accounts.ts';
import type { Context, Person } from '../context.ts';
import { proveEmail } from './email-proof.ts';
import { forgetOriginsOf, networkOf } from './known-origins.ts';
import { notify } from '../notifications/inbox.ts';
import { disconnectAll } from '../oidc/disconnect.ts';
import { requirePasswordOn } from './password-policy.ts';
import { hashPassword } from './passwords.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { countGuess } from './throttle.ts';

type Link = typeof oneTimeLinks.$inferSelect;
type Kind = Link['kind'];

/**
 * Creates the first owner of a hub if the settings name one. Otherwise returns the path of a set-up link; null when there is
 * an owner.
 */
export async function ensureOwner(
  ctx: Context,
  named: { email: string; password: string } | null,
): Promise<string | null> {
  if (hasOwner(ctx.db)) return null;
  if (!named) return createSetupLink(ctx);
  const name = named.email.split('@')[0] ?? named.email;
  await createOwner(ctx, { name, email: named.email.toLowerCase(), password: named.password });
  return null;
}

/** Returns the path of a new set-up link. Earlier set-up links stop working. */
export function createSetupLink(ctx: Context): string {
  return `/setup/${createLink(ctx, 'setup', null, setupLinkLifetimeMs)}`;
}

/** Throws `link_expired` or `not_found`, so that the page shows the error instead of its form. */
export function checkSetupLink(ctx: Context, secret: string): void {
  requireOpen(ctx, ctx.db, 'setup', secret);
}

export async function openSetupLink(ctx: Context, secret: string, account: NewAccount): Promise<Person> {
  checkSetupLink(ctx, secret);
  const { password, ...rest } = account;
  const passwordHash = await hashPassword(password);
  return inTransaction(ctx.db, (tx) => {
    useLink(tx, ctx, 'setup', secret);
    if (hasOwner(tx)) throw expired();
    const owner = insertAccount(tx, ctx, { ...rest, passwordHash, isOwner: true });
    recordAct(tx, ctx, { action: 'links.setUp', actor: owner, subject: owner.id });
    return owner;
  });
}

/** Returns the path of a link to choose a password. Earlier links of the person stop working. */
export function createResetLink(ctx: Context, email: string): string {
  const user = findUser(ctx.db, email);
  if (!user) throw notFound();
  if (user.disabledAt !== null) throw new HubError('conflict', 'This account is disabled.');
  return `/reset/${createLink(ctx, 'reset', user.id, resetLinkLifetimeMs)}`;
}

/** The account whose password the link resets. */
export function describeResetLink(ctx: Context, secret: string): { email: string; name: string } {
  const { email, name } = requireUserOf(ctx.db, requireOpen(ctx, ctx.db, 'reset', secret));
  return { email, name };
}

/**
 * Sets a new password, ends every session and API token of the person, disconnects them from the OpenID provider, and deletes
 * their known origins. A mailed link also proves the address; a link that the command line printed does not.
 */
export async function resetPassword(
  ctx: Context,
  secret: string,
  password: string,
): Promise<EndedView & { person: Person }> {
  const { id } = requireUserOf(ctx.db, requireOpen(ctx, ctx.db, 'reset', secret));
  requirePasswordOn(ctx.db, ctx, id);
  const passwordHash = await hashPassword(password);
  return inTransaction(ctx.db, (tx) => {
    const link = useLink(tx, ctx, 'reset', secret);
    const person = requireUserOf(tx, link);
    const ended = setPassword(tx, ctx, person, { passwordHash, keepTokens: false, byLink: true });
    // Somebody else may have connected the account with an identity of theirs.
    const disconnected = disconnectAll(tx, ctx, person.id, { by: 'password' });
    forgetOriginsOf(tx, person.id);
    if (link.isMailed) proveEmail(tx, ctx, person);
    recordAct(tx, ctx, {
      action: 'links.resetPassword',
      actor: person,
      subject: person.id,
      details: { ...ended, disconnected, byMail: link.isMailed },
    });
    return { ...ended, person: requireUserOf(tx, link) };
  });
}

const hourMs = 3600_000;

/**
 * Mails a reset link if the address has an account. Responds and counts in the same way when it has none, so that nobody
 * learns whether it has one.
 */
export function mailResetLink(ctx: Context, email: string, address: string | null): void {
  requirePasswordOn(ctx.db, ctx, null);
  if (!ctx.mail.configured) {
    throw new HubError('unavailable', 'This hub sends no mail. Ask the person who runs it for a link.');
  }
  inTransaction(ctx.db, (tx) => {
    const account = hashSecret(email);
    const byAddress =
      address === null
        ? []
        : [
            { key: `forgotten:${networkOf(address)}`, limit: 20, windowMs: hourMs },
            { key: `forgotten:${account}:${networkOf(address)}`, limit: 3, windowMs: hourMs },
          ];
    // A limit across all network addresses: strangers can cause only this many mails to one person.
    countGuess(tx, ctx, [...byAddress, { key: `forgotten:${account}`, limit: 10, windowMs: hourMs }]);
    const user = findUser(tx, email);
    if (!user || user.disabledAt !== null) return;
    notify(tx, ctx, {
      userId: null,
      email: user.email,
      kind: 'account.reset',
      projectId: null,
      actorId: null,
      data: { userId: user.id },
    });
    recordAct(tx, ctx, { action: 'links.askForReset', actor: null, subject: user.id, details: { email } });
  });
}

/** Creates the secret for a mail that is about to be sent; null when the person may no longer sign in. */
export function newMailedReset(tx: Transaction, ctx: Context, userId: string): string | null {
  if (!findActivePerson(tx, userId)) return null;
  return insertLink(tx, ctx, { kind: 'reset', userId, isMailed: true }, resetLinkLifetimeMs);
}

/** An ended link answers `link_expired` for this long, then `not_found`. */
const keptAfterEndMs = 30 * dayMs;

/** Deletes one batch of old links and returns their number. Each attempt to send a mail creates one. */
export function pruneLinks(ctx: Context, limit = 500): number {
  const old = ctx.db
    .select({ id: oneTimeLinks.id })
    .from(oneTimeLinks)
    .where(lt(oneTimeLinks.expiresAt, ctx.clock() - keptAfterEndMs))
    .limit(limit);
  return inTransaction(
    ctx.db,
    (tx) => tx.delete(oneTimeLinks).where(inArray(oneTimeLinks.id, old)).run().changes,
  );
}

function requireUserOf(db: Reader, { userId }: Link): Person {
  const person = userId === null ? null : findActivePerson(db, userId);
  if (!person) throw notFound();
  return person;
}

export function expired(): HubError {
  return new HubError('link_expired', 'This link is no longer valid. Ask for a new one.');
}

function createLink(ctx: Context, kind: Kind, userId: string | null, lifetimeMs: number): string {
  return inTransaction(ctx.db, (tx) => {
    const whose = userId === null ? isNull(oneTimeLinks.userId) : eq(oneTimeLinks.userId, userId);
    tx.update(oneTimeLinks)
      .set({ usedAt: ctx.clock() })
      .where(and(eq(oneTimeLinks.kind, kind), whose, isNull(oneTimeLinks.usedAt)))
      .run();
    return insertLink(tx, ctx, { kind, userId, isMailed: false }, lifetimeMs);
  });
}

function insertLink(
  tx: Transaction,
  ctx: Context,
  link: Pick<Link, 'kind' | 'userId' | 'isMailed'>,
  lifetimeMs: number,
): string {
  const secret = newSecret();
  const createdAt = ctx.clock();
  tx.insert(oneTimeLinks)
    .values({
      ...link,
      id: ctx.newId('link'),
      tokenHash: hashSecret(secret),
      createdAt,
      expiresAt: createdAt + lifetimeMs,
    })
    .run();
  return secret;
}

function requireOpen(ctx: Context, db: Reader, kind: Kind, secret: string): Link {
  const link = db
    .select()
    .from(oneTimeLinks)
    .where(and(eq(oneTimeLinks.tokenHash, hashSecret(secret)), eq(oneTimeLinks.kind, kind)))
    .get();
  if (!link) throw notFound();
  if (link.usedAt !== null || link.expiresAt <= ctx.clock()) throw expired();
  return link;
}

function useLink(tx: Transaction, ctx: Context, kind: Kind, secret: string): Link {
  const link = requireOpen(ctx, tx, kind, secret);
  tx.update(oneTimeLinks).set({ usedAt: ctx.clock() }).where(eq(oneTimeLinks.id, link.id)).run();
  return link;
}

function hasOwner(db: Reader): boolean {
  return db.select({ id: users.id }).from(users).where(eq(users.isOwner, true)).limit(1).get() !== undefined;
}
