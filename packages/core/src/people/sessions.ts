/**
 * Sessions, based on lucia. The cookie holds a random token and the table its hash, because lucia's own ids would let anybody
 * sign in who steals the database. Lucia uses the system clock. It has no absolute limit, so this file checks it.
 */
import { DrizzleSQLiteAdapter } from '@lucia-auth/adapter-drizzle';
import { and, eq, ne } from 'drizzle-orm';
import { Lucia, TimeSpan, type DatabaseSession } from 'lucia';
import type { Transaction } from '@turnover/db/open';
import { sessions, signIns, users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { sessionLimits } from '@turnover/domain/people/accounts';
import type { SecondFactor, SignInEnd, SignInMethod } from '@turnover/domain/people/sign-ins';
import { recordAct } from '../audit/record.ts';
import { isClockTrusted } from '../server/clock-trust.ts';
import type { Context } from '../context.ts';
import { endSessionsWhere } from '../end-sessions.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { endOfSession, isOver } from '../session-in-force.ts';
import { writeQuietly } from '../write-gate.ts';

type SessionFacts = { createdAt: number };
type Sessions = Lucia<SessionFacts>;

declare module 'lucia' {
  interface Register {
    Lucia: Sessions;
    DatabaseSessionAttributes: SessionFacts;
  }
}

/**
 * `token`: the value of the cookie, returned only once. `expiresAt`: the latest moment at which the session can still be
 * valid.
 */
export type NewSession = { token: string; expiresAt: number };

/** How often the time of the last use is written: the precision of `lastUsedAt` in views. */
const usedEveryMs = 5 * 60_000;

export type Origin = {
  method: SignInMethod;
  factor: SecondFactor | null;
  /** The token for signing out at the OpenID provider, encrypted; null without one. */
  sealedIdToken?: string | null;
  userAgent: string;
};

/** `begin` runs in the transaction that writes the session, and returns how the person signed in. */
export async function startSession(
  ctx: Context,
  userId: string,
  begin: (tx: Transaction) => Origin,
): Promise<NewSession> {
  const token = newSecret();
  const createdAt = ctx.clock();
  if (isClockTrusted(ctx)) endExpired(ctx);
  const starting = new StartingAdapter(ctx, (tx, sessionId) => {
    recordSignIn(tx, ctx, { userId, sessionId, ...begin(tx) });
  });
  await made(starting).createSession(userId, { createdAt }, { sessionId: hashSecret(token) });
  return { token, expiresAt: createdAt + sessionLimits.absoluteMs };
}

function recordSignIn(
  tx: Transaction,
  ctx: Context,
  { userAgent, ...facts }: Origin & { userId: string; sessionId: string },
): void {
  const now = ctx.clock();
  tx.insert(signIns)
    .values({
      ...facts,
      id: ctx.newId('signIn'),
      userAgent: userAgent.slice(0, 400),
      address: ctx.caller?.address ?? null,
      createdAt: now,
      lastUsedAt: now,
    })
    .run();
}

/** Ends sessions that expired without a later request. */
function endExpired(ctx: Context): void {
  const over = isOver(ctx.clock());
  const one = ctx.db.select({ id: sessions.id }).from(sessions).where(over).limit(1).get();
  if (one) inTransaction(ctx.db, (tx) => endSessionsWhere(tx, ctx, over, 'expired'));
}

/**
 * Returns the session of a token, or null when there is none or it has expired. Reading it extends the idle limit, unless the
 * database is busy.
 */
export async function readSession(
  ctx: Context,
  token: string,
): Promise<{ sessionId: string; userId: string } | null> {
  const reading = new ReadingAdapter(ctx);
  const { session } = await made(reading).validateSession(hashSecret(token));
  if (!session) return null;
  const { createdAt, expiresAt } = session;
  if (ctx.clock() >= endOfSession({ createdAt, expiresAt: expiresAt.getTime() / 1000 })) {
    await reading.deleteSession(session.id);
    return null;
  }
  recordUse(ctx, session.id);
  return { sessionId: session.id, userId: session.userId };
}

/** True when the OpenID provider asked for the second factor of this sign-in, and the settings still say that it counts. */
export function isProvedElsewhere({ db, oidc }: Context, sessionId: string): boolean {
  if (!oidc || oidc.settings.secondFactor === 'hub') return false;
  const row = db
    .select({ factor: signIns.factor })
    .from(signIns)
    .where(eq(signIns.sessionId, sessionId))
    .get();
  return row?.factor === 'provider';
}

function recordUse(ctx: Context, sessionId: string): void {
  const now = ctx.clock();
  const own = eq(signIns.sessionId, sessionId);
  const row = ctx.db.select({ lastUsedAt: signIns.lastUsedAt }).from(signIns).where(own).get();
  if (!row || row.lastUsedAt > now - usedEveryMs) return;
  writeQuietly(ctx, 'signIn.used', (tx) => {
    tx.update(signIns).set({ lastUsedAt: now }).where(own).run();
  });
}

/** Ends one session and records who signed out. Does nothing when it is over. */
export function endSession(ctx: Context, token: string): void {
  inTransaction(ctx.db, (tx) => {
    const [userId] = endSessionsWhere(tx, ctx, eq(sessions.id, hashSecret(token)), 'signedOut');
    if (userId === undefined) return;
    const actor = tx.select().from(users).where(eq(users.id, userId)).get() ?? null;
    recordAct(tx, ctx, { action: 'sessions.end', actor, subject: userId });
  });
}

/** Ends all sessions of a person except `keep`, and returns their number. Call it in the transaction of the cause. */
export function endSessionsOf(
  tx: Transaction,
  ctx: Pick<Context, 'clock'>,
  userId: string,
  { by, keep }: { by: SignInEnd; keep?: string | undefined },
): number {
  const others = keep === undefined ? undefined : ne(sessions.id, keep);
  return endSessionsWhere(tx, ctx, and(eq(sessions.userId, userId), others)!, by).length;
}

function made(adapter: DrizzleSQLiteAdapter): Sessions {
  return new Lucia<SessionFacts>(adapter, {
    sessionExpiresIn: new TimeSpan(sessionLimits.idleMs, 'ms'),
    getSessionAttributes: ({ createdAt }) => ({ createdAt }),
  });
}

/** Writes a new session together with what its sign-in changes. */
class StartingAdapter extends DrizzleSQLiteAdapter {
  readonly #ctx: Context;
  readonly #alongside: (tx: Transaction, sessionId: string) => void;

  constructor(ctx: Context, alongside: (tx: Transaction, sessionId: string) => void) {
    super(ctx.db, sessions, users);
    this.#ctx = ctx;
    this.#alongside = alongside;
  }

  override async setSession({ id, userId, expiresAt, attributes }: DatabaseSession): Promise<void> {
    const seconds = Math.floor(expiresAt.getTime() / 1000);
    inTransaction(this.#ctx.db, (tx) => {
      tx.insert(sessions)
        .values({ ...(attributes as SessionFacts), id, userId, expiresAt: seconds })
        .run();
      this.#alongside(tx, id);
    });
  }
}

/**
 * Reads sessions without failing when a write fails. Does not delete expired sessions while the clock is not trusted, because
 * they may be valid by the correct time.
 */
class ReadingAdapter extends DrizzleSQLiteAdapter {
  readonly #ctx: Context;

  constructor(ctx: Context) {
    super(ctx.db, sessions, users);
    this.#ctx = ctx;
  }

  override async updateSessionExpiration(sessionId: string, expiresAt: Date): Promise<void> {
    const seconds = Math.floor(expiresAt.getTime() / 1000);
    writeQuietly(this.#ctx, 'session.used', (tx) => {
      tx.update(sessions).set({ expiresAt: seconds }).where(eq(sessions.id, sessionId)).run();
    });
  }

  override async deleteSession(sessionId: string): Promise<void> {
    if (!isClockTrusted(this.#ctx)) return;
    writeQuietly(this.#ctx, 'session.over', (tx) => {
      endSessionsWhere(tx, this.#ctx, eq(sessions.id, sessionId), 'expired');
    });
  }
}
