/** Links that open once: to become the owner of an empty hub, and to choose a new password. */
import { and, eq, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { oneTimeLinks, users } from '@turnover/db/schema/accounts';
import { HubError, notFound } from '@turnover/domain/errors';
import { resetLinkLifetimeMs, setupLinkLifetimeMs } from '@turnover/domain/invitations';
import { createOwner, findUser, insertAccount, setPassword, type NewAccount } from './accounts.ts';
import type { Context, Person } from './context.ts';
import { hashPassword } from './passwords.ts';
import { hashSecret, newSecret } from './secrets.ts';

type Link = typeof oneTimeLinks.$inferSelect;
type Kind = Link['kind'];

/** Makes the owner of a hub that has none. Returns the path of a set-up link when nobody was named to be it. */
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

/** The only set-up link that opens: an earlier one, printed by an earlier start, is void. */
export function createSetupLink(ctx: Context): string {
  return `/setup/${createLink(ctx, 'setup', null, setupLinkLifetimeMs)}`;
}

/** Throws what a page should say instead of showing its form. */
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
    return insertAccount(tx, ctx, { ...rest, passwordHash, isOwner: true });
  });
}

/** The path of a link that lets the person choose a password; earlier ones of theirs are void. */
export function createResetLink(ctx: Context, email: string): string {
  const user = findUser(ctx.db, email);
  if (!user) throw notFound();
  if (user.disabledAt !== null) throw new HubError('conflict', 'This account is disabled.');
  return `/reset/${createLink(ctx, 'reset', user.id, resetLinkLifetimeMs)}`;
}

/** Whose password the link resets. */
export function describeResetLink(ctx: Context, secret: string): { email: string; name: string } {
  const { userId } = requireOpen(ctx, ctx.db, 'reset', secret);
  const user = userId === null ? undefined : ctx.db.select().from(users).where(eq(users.id, userId)).get();
  if (!user || user.disabledAt !== null) throw notFound();
  return { email: user.email, name: user.name };
}

/** Ends every session of the person. */
export async function resetPassword(ctx: Context, secret: string, password: string): Promise<void> {
  describeResetLink(ctx, secret);
  const passwordHash = await hashPassword(password);
  inTransaction(ctx.db, (tx) => {
    const { userId } = useLink(tx, ctx, 'reset', secret);
    if (userId === null) throw notFound();
    setPassword(tx, userId, passwordHash);
  });
}

export function expired(): HubError {
  return new HubError('link_expired', 'This link is no longer valid. Ask for a new one.');
}

function createLink(ctx: Context, kind: Kind, userId: string | null, lifetimeMs: number): string {
  const secret = newSecret();
  const now = ctx.clock();
  inTransaction(ctx.db, (tx) => {
    const whose = userId === null ? isNull(oneTimeLinks.userId) : eq(oneTimeLinks.userId, userId);
    tx.update(oneTimeLinks)
      .set({ usedAt: now })
      .where(and(eq(oneTimeLinks.kind, kind), whose, isNull(oneTimeLinks.usedAt)))
      .run();
    tx.insert(oneTimeLinks)
      .values({
        id: ctx.newId('link'),
        kind,
        tokenHash: hashSecret(secret),
        userId,
        createdAt: now,
        expiresAt: now + lifetimeMs,
      })
      .run();
  });
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
