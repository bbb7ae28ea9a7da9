/** Accounts of the hub: what people can change themselves, and what an owner can change. */
import { and, asc, eq, isNull } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { companies, oneTimeLinks, users } from '@turnover/db/schema/accounts';
import type {
  AccountView,
  changePasswordInput,
  EndedView,
  updateAccountInput,
  updateUserInput,
  UserView,
} from '@turnover/domain/people/accounts';
import { HubError, notFound } from '@turnover/domain/errors';
import type { newAccountInput } from '@turnover/domain/people/invitations';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { endHalfSignIns } from './half-sign-ins.ts';
import { forgetOriginsOf } from './known-origins.ts';
import { notify } from '../notifications/inbox.ts';
import { requirePassword } from './own-password.ts';
import { hashPassword } from './passwords.ts';
import { endSessionsOf } from './sessions.ts';
import { forgiveCodes } from './throttle.ts';
import { revokeTokensOf } from './tokens.ts';

export type User = typeof users.$inferSelect;
export type NewAccount = z.infer<typeof newAccountInput>;

const maxUsersListed = 5000;

export function personOf(user: User): Person {
  const { id, email, name, companyId, isOwner, locale } = user;
  return { id, email, name, companyId, isOwner, locale };
}

export function findUser(db: Reader, email: string): User | undefined {
  return db.select().from(users).where(eq(users.email, email.trim().toLowerCase())).get();
}

/** Returns the person, or null when the account does not exist or is disabled. */
export function findActivePerson(db: Reader, userId: string): Person | null {
  const user = db
    .select()
    .from(users)
    .where(and(eq(users.id, userId), isNull(users.disabledAt)))
    .get();
  return user ? personOf(user) : null;
}

export type AccountToInsert = {
  email: string;
  name: string;
  locale?: Person['locale'] | undefined;
  passwordHash?: string | null;
  isOwner?: boolean;
  companyId?: string | null;
};

export function insertAccount(tx: Transaction, ctx: Context, account: AccountToInsert): Person {
  if (findUser(tx, account.email)) throw emailTaken();
  const user = tx
    .insert(users)
    .values({ ...account, id: ctx.newId('user'), createdAt: ctx.clock() })
    .returning()
    .get();
  return personOf(user);
}

export function emailTaken(): HubError {
  return new HubError('email_taken', 'There is already an account with this e-mail address.');
}

/** Adds an account without a password. The person chooses one through a reset link. */
export function addAccount(ctx: Context, account: AccountToInsert): Person {
  return inTransaction(ctx.db, (tx) => insertAccount(tx, ctx, account));
}

/** Adds an owner with a password. Throws `email_taken`. */
export async function createOwner(ctx: Context, { password, ...account }: NewAccount): Promise<Person> {
  const passwordHash = await hashPassword(password);
  return addAccount(ctx, { ...account, passwordHash, isOwner: true });
}

export function accountOf(ctx: PersonContext): AccountView {
  const { disabledAt: _, createdAt: __, ...account } = viewUser(ctx.db, ctx.person.id);
  return {
    ...account,
    mayProveEmail: !account.emailProved && ctx.mail.configured,
    hasPassword: hasPassword(ctx.db, ctx.person.id),
  };
}

function hasPassword(db: Reader, userId: string): boolean {
  const row = db.select({ hash: users.passwordHash }).from(users).where(eq(users.id, userId)).get();
  return row !== undefined && row.hash !== null;
}

export function updateAccount(ctx: PersonContext, input: z.infer<typeof updateAccountInput>): AccountView {
  inTransaction(ctx.db, (tx) => {
    const { name, locale } = input;
    if (name === undefined && locale === undefined) return;
    tx.update(users).set({ name, locale }).where(eq(users.id, ctx.person.id)).run();
    signalAccount(tx, ctx, ctx.person.id);
  });
  return accountOf(ctx);
}

/**
 * Changes the password. Ends the person's other sessions, and their API tokens unless they keep them, because somebody else
 * may have known the old password. Throws `sign_in_refused` when the current password is wrong.
 */
export async function changePassword(
  ctx: PersonContext,
  { current, next, keepTokens }: z.output<typeof changePasswordInput>,
): Promise<EndedView> {
  await requirePassword(ctx, current);
  const passwordHash = await hashPassword(next);
  return inTransaction(ctx.db, (tx) =>
    setPassword(tx, ctx, ctx.person, { passwordHash, keepTokens, keepSession: ctx.sessionId, byLink: false }),
  );
}

/** Sets the password and ends all access that somebody else may have got with the old one. Notifies the person of what ended. */
export function setPassword(
  tx: Transaction,
  ctx: Context,
  { id: userId, email }: Pick<Person, 'id' | 'email'>,
  {
    passwordHash,
    ...how
  }: { passwordHash: string; byLink: boolean; keepTokens: boolean; keepSession?: string | undefined },
): EndedView {
  tx.update(users).set({ passwordHash }).where(eq(users.id, userId)).run();
  const ended = {
    sessions: endSessionsOf(tx, ctx, userId, { by: 'password', keep: how.keepSession }),
    tokens: how.keepTokens ? 0 : revokeTokensOf(tx, ctx, userId),
  };
  endHalfSignIns(tx, userId);
  forgiveCodes(tx, ctx, { id: userId, email });
  // Somebody else may have requested a reset link, which would undo the change.
  tx.update(oneTimeLinks)
    .set({ usedAt: ctx.clock() })
    .where(and(eq(oneTimeLinks.userId, userId), eq(oneTimeLinks.kind, 'reset'), isNull(oneTimeLinks.usedAt)))
    .run();
  const { byLink, keepTokens } = how;
  notify(tx, ctx, {
    userId,
    email,
    kind: 'account.passwordChanged',
    projectId: null,
    actorId: null,
    data: { ...ended, byLink, keptTokens: keepTokens, href: '/account' },
  });
  return ended;
}

export function listUsers(ctx: PersonContext): UserView[] {
  return selectUsers(ctx.db).orderBy(asc(users.email)).limit(maxUsersListed).all().map(toUserView);
}

/** Changes company or access. Disabling ends the person's sessions and tokens in the same transaction. */
export function updateUser(ctx: PersonContext, input: z.infer<typeof updateUserInput>): UserView {
  inTransaction(ctx.db, (tx) => {
    const user = tx.select().from(users).where(eq(users.id, input.userId)).get();
    if (!user) throw notFound();
    if (input.companyId) requireCompany(tx, input.companyId);
    if (input.companyId !== undefined) {
      tx.update(users).set({ companyId: input.companyId }).where(eq(users.id, user.id)).run();
    }
    if (input.disabled === true) disable(tx, ctx, user);
    if (input.disabled === false)
      tx.update(users).set({ disabledAt: null }).where(eq(users.id, user.id)).run();
    signalAccount(tx, ctx, user.id);
  });
  return viewUser(ctx.db, input.userId);
}

export function requireCompany(db: Reader, companyId: string): void {
  const company = db.select({ id: companies.id }).from(companies).where(eq(companies.id, companyId)).get();
  if (!company) throw notFound();
}

function disable(tx: Transaction, ctx: PersonContext, user: User): void {
  if (user.id === ctx.person.id) throw new HubError('conflict', 'You cannot disable your own account.');
  if (user.disabledAt !== null) return;
  tx.update(users).set({ disabledAt: ctx.clock() }).where(eq(users.id, user.id)).run();
  endSessionsOf(tx, ctx, user.id, { by: 'disabled' });
  endHalfSignIns(tx, user.id);
  revokeTokensOf(tx, ctx, user.id);
  forgetOriginsOf(tx, user.id);
}

function selectUsers(db: Reader) {
  return db
    .select({ user: users, company: { id: companies.id, name: companies.name } })
    .from(users)
    .leftJoin(companies, eq(companies.id, users.companyId));
}

/** The account must exist. */
function viewUser(db: Reader, userId: string): UserView {
  return toUserView(selectUsers(db).where(eq(users.id, userId)).get()!);
}

function toUserView({ user, company }: { user: User; company: UserView['company'] }): UserView {
  const { id, email, name, locale, isOwner, disabledAt, createdAt } = user;
  const emailProved = user.emailProvedAt !== null;
  return { id, email, name, locale, company, isOwner, emailProved, disabledAt, createdAt };
}
