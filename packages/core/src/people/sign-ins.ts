/** Lists and ends sign-ins: each person their own, and owners of the hub everybody's. */
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { sessions, signIns, users } from '@turnover/db/schema/accounts';
import { auditEntries } from '@turnover/db/schema/audit';
import { notFound } from '@turnover/domain/errors';
import { readUserAgent } from '@turnover/domain/people/user-agents';
import {
  signInsKeptMs,
  type AnySignInView,
  type listSignInsInput,
  type SignInEnd,
  type SignInListView,
  type SignInView,
} from '@turnover/domain/people/sign-ins';
import type { Context, PersonContext } from '../context.ts';
import { endSessionsWhere } from '../end-sessions.ts';
import { signalAccount } from '../events.ts';
import { endOfSession, isInForce } from '../session-in-force.ts';
import { identitiesOf } from './identity-views.ts';
import { hasSecondFactor } from './second-factor-state.ts';
import { endSessionsOf } from './sessions.ts';

/** The page of one's own sign-ins shows all of them; a person has few. */
const maxOwnListed = 500;

/** Also asks the audit log: of sign-ins that had ended before the hub kept a list of them, there is no row. */
export function hasSignedIn(db: Reader, userId: string): boolean {
  const own = eq(signIns.userId, userId);
  if (db.select({ id: signIns.id }).from(signIns).where(own).limit(1).get()) return true;
  const started = and(eq(auditEntries.subject, userId), eq(auditEntries.action, 'sessions.start'));
  return db.select({ seq: auditEntries.seq }).from(auditEntries).where(started).limit(1).get() !== undefined;
}

/** The person's own sign-ins that are in force, the latest used first. */
export function listSignIns(ctx: PersonContext): SignInView[] {
  return ctx.db
    .select({ signIn: signIns })
    .from(signIns)
    .innerJoin(sessions, eq(sessions.id, signIns.sessionId))
    .where(and(eq(signIns.userId, ctx.person.id), isInForce(ctx.clock())))
    .orderBy(desc(signIns.lastUsedAt), desc(signIns.id))
    .limit(maxOwnListed)
    .all()
    .map(({ signIn }) => ({ ...factsOf(signIn), isCurrent: signIn.sessionId === (ctx.sessionId ?? '') }));
}

/** Ends a sign-in of the person's own. Throws `not_found` for those of others and for ended ones. */
export function endSignIn(ctx: PersonContext, signInId: string): void {
  endOne(ctx, and(eq(signIns.id, signInId), eq(signIns.userId, ctx.person.id)), 'ended');
}

/** Ends all other sign-ins of the person, and returns their number. */
export function endOtherSignIns(ctx: PersonContext): { ended: number } {
  return inTransaction(ctx.db, (tx) => {
    const ended = endSessionsOf(tx, ctx, ctx.person.id, { by: 'ended', keep: ctx.sessionId });
    if (ended > 0) signalAccount(tx, ctx, ctx.person.id);
    return { ended };
  });
}

/** Sign-ins of everybody, the newest first, for owners of the hub. */
export function listAllSignIns(
  ctx: PersonContext,
  { userId, inForce, before, limit }: z.output<typeof listSignInsInput>,
): SignInListView {
  const rows = ctx.db
    .select({
      signIn: signIns,
      session: sessions,
      person: { id: users.id, name: users.name, email: users.email },
    })
    .from(signIns)
    .innerJoin(users, eq(users.id, signIns.userId))
    .leftJoin(sessions, eq(sessions.id, signIns.sessionId))
    .where(
      and(
        userId === undefined ? undefined : eq(signIns.userId, userId),
        before === undefined ? undefined : lt(signIns.id, before),
        inForce ? and(isNull(signIns.endedAt), isInForce(ctx.clock())) : undefined,
      ),
    )
    .orderBy(desc(signIns.id))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  return {
    signIns: page.map(({ signIn, session, person }) => ({
      ...factsOf(signIn),
      person,
      ...endOf(signIn, session, ctx.clock()),
    })),
    next: rows.length > limit ? (page.at(-1)?.signIn.id ?? null) : null,
    person: userId === undefined ? null : describePerson(ctx.db, userId),
  };
}

/** Ends a sign-in of anybody. Throws `not_found` for an ended one. */
export function endAnySignIn(ctx: PersonContext, signInId: string): void {
  endOne(ctx, eq(signIns.id, signInId), 'owner');
}

/** Ends all sign-ins of a person, except the one that asks, and returns their number. */
export function endSignInsOf(ctx: PersonContext, userId: string): { ended: number } {
  return inTransaction(ctx.db, (tx) => {
    if (!findPerson(tx, userId)) throw notFound();
    const ended = endSessionsOf(tx, ctx, userId, { by: 'owner', keep: ctx.sessionId });
    if (ended > 0) signalAccount(tx, ctx, userId);
    return { ended };
  });
}

/** Deletes one batch of sign-ins that ended long ago, and returns their number. The latest one of each person stays. */
export function pruneSignIns(ctx: Context, limit = 500): number {
  const latest = sql`(select max(latest.id) from sign_ins latest where latest.user_id = ${signIns.userId})`;
  const old = ctx.db
    .select({ id: signIns.id })
    .from(signIns)
    .where(and(lt(signIns.endedAt, ctx.clock() - signInsKeptMs), sql`${signIns.id} <> ${latest}`))
    .limit(limit);
  return inTransaction(ctx.db, (tx) => tx.delete(signIns).where(inArray(signIns.id, old)).run().changes);
}

type Row = typeof signIns.$inferSelect;

function endOne(ctx: PersonContext, which: ReturnType<typeof and>, by: SignInEnd): void {
  inTransaction(ctx.db, (tx) => {
    const sessionId = sessionOf(tx, which);
    const [userId] = endSessionsWhere(tx, ctx, eq(sessions.id, sessionId ?? ''), by);
    if (userId === undefined) throw notFound();
    signalAccount(tx, ctx, userId);
  });
}

function sessionOf(tx: Transaction, which: ReturnType<typeof and>): string | null {
  return tx.select({ id: signIns.sessionId }).from(signIns).where(which).get()?.id ?? null;
}

function factsOf({ id, method, factor, userAgent, address, createdAt, lastUsedAt }: Row) {
  return { id, method, factor, ...readUserAgent(userAgent), address, createdAt, lastUsedAt };
}

function endOf(
  { endedAt, endedBy }: Row,
  session: typeof sessions.$inferSelect | null,
  now: number,
): Pick<AnySignInView, 'endedAt' | 'endedBy'> {
  if (!session) return { endedAt, endedBy };
  const until = endOfSession(session);
  return until > now ? { endedAt: null, endedBy: null } : { endedAt: until, endedBy: 'expired' };
}

function describePerson(db: Reader, userId: string): SignInListView['person'] {
  const person = findPerson(db, userId);
  return (
    person && {
      ...person,
      hasSecondFactor: hasSecondFactor(db, userId),
      identities: identitiesOf(db, userId),
    }
  );
}

function findPerson(db: Reader, userId: string) {
  const { id, name, email } = users;
  return db.select({ id, name, email }).from(users).where(eq(users.id, userId)).get() ?? null;
}
