/**
 * Sessions, based on lucia. The cookie holds a random token and the table its hash, because lucia's own ids would let anybody
 * sign in who steals the database. Lucia uses the system clock. It has no absolute limit, so this file checks it.
 */
import { DrizzleSQLiteAdapter } from '@lucia-auth/adapter-drizzle';
import { and, eq, ne } from 'drizzle-orm';
import { Lucia, TimeSpan, type DatabaseSession } from 'lucia';
import type { Database, Transaction } from '@turnover/db/open';
import { sessions, users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { recordAct } from '../audit/record.ts';
import { isClockTrusted } from '../server/clock-trust.ts';
import type { Context } from '../context.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { writeQuietly } from '../write-gate.ts';

type SessionFacts = { createdAt: number; userAgent: string };
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

/** `alongside` runs in the transaction that writes the session. */
export async function startSession(
  ctx: Context,
  userId: string,
  userAgent: string,
  alongside: (tx: Transaction) => void = () => {},
): Promise<NewSession> {
  const token = newSecret();
  const createdAt = ctx.clock();
  // Deletes rows of sessions that expired without a later request.
  if (isClockTrusted(ctx)) await sessionsOf(ctx.db).deleteExpiredSessions();
  await made(new StartingAdapter(ctx, alongside)).createSession(
    userId,
    { createdAt, userAgent: userAgent.slice(0, 400) },
    { sessionId: hashSecret(token) },
  );
  return { token, expiresAt: createdAt + sessionLimits.absoluteMs };
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
  const now = ctx.clock();
  if (now >= session.createdAt + sessionLimits.absoluteMs || now >= session.expiresAt.getTime()) {
    await reading.deleteSession(session.id);
    return null;
  }
  return { sessionId: session.id, userId: session.userId };
}

/** Ends one session and records who signed out. Does nothing when it is over. */
export function endSession(ctx: Context, token: string): void {
  inTransaction(ctx.db, (tx) => {
    const ended = tx
      .delete(sessions)
      .where(eq(sessions.id, hashSecret(token)))
      .returning({ userId: sessions.userId })
      .get();
    if (!ended) return;
    const actor = tx.select().from(users).where(eq(users.id, ended.userId)).get() ?? null;
    recordAct(tx, ctx, { action: 'sessions.end', actor, subject: ended.userId });
  });
}

/** Ends all sessions of a person except `keep`, and returns their number. Call it in the transaction of the cause. */
export function endSessionsOf(tx: Transaction, userId: string, keep?: string): number {
  return tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), keep === undefined ? undefined : ne(sessions.id, keep)))
    .run().changes;
}

const instances = new WeakMap<Database, Sessions>();

function sessionsOf(db: Database): Sessions {
  const known = instances.get(db);
  if (known) return known;
  const sessionsOfDatabase = made(new DrizzleSQLiteAdapter(db, sessions, users));
  instances.set(db, sessionsOfDatabase);
  return sessionsOfDatabase;
}

function made(adapter: DrizzleSQLiteAdapter): Sessions {
  return new Lucia<SessionFacts>(adapter, {
    sessionExpiresIn: new TimeSpan(sessionLimits.idleMs, 'ms'),
    getSessionAttributes: ({ createdAt, userAgent }) => ({ createdAt, userAgent }),
  });
}

/** Writes a new session together with what its sign-in changes. */
class StartingAdapter extends DrizzleSQLiteAdapter {
  readonly #ctx: Context;
  readonly #alongside: (tx: Transaction) => void;

  constructor(ctx: Context, alongside: (tx: Transaction) => void) {
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
      this.#alongside(tx);
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
      tx.delete(sessions).where(eq(sessions.id, sessionId)).run();
    });
  }
}
