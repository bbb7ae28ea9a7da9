/** Asks a signed-in person for their password again, before anything that outlasts the session. */
import { eq } from 'drizzle-orm';
import { signIns, users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { freshSignInMs } from '@turnover/domain/people/accounts';
import { recordAct } from '../audit/record.ts';
import type { PersonContext } from '../context.ts';
import { verifyPassword } from './passwords.ts';
import { giveGuessBack, takeOwnGuess } from './throttle.ts';

/**
 * Throws `sign_in_refused` for a wrong password. For a person without one, a recent sign-in at the OpenID provider counts
 * instead. It proves less: the provider may have remembered the person.
 */
export async function requirePassword(ctx: PersonContext, password: string): Promise<void> {
  const user = ctx.db.select().from(users).where(eq(users.id, ctx.person.id)).get();
  if (user && user.passwordHash === null && hasSignedInAtProvider(ctx)) return requireFreshSignIn(ctx);
  const guess = takeOwnGuess(ctx, ctx.person.id);
  if (!(await verifyPassword(user?.passwordHash ?? null, password))) {
    recordWrongPassword(ctx);
    throw new HubError('sign_in_refused', 'The current password is wrong.');
  }
  giveGuessBack(ctx, guess);
}

function hasSignedInAtProvider(ctx: PersonContext): boolean {
  return signInOf(ctx)?.method === 'oidc';
}

function requireFreshSignIn(ctx: PersonContext): void {
  const { createdAt = 0 } = signInOf(ctx) ?? {};
  if (ctx.clock() - createdAt < freshSignInMs) return;
  throw new HubError('sign_in_refused', 'Sign in again first, and do this within ten minutes.', {
    again: true,
  });
}

function signInOf({ db, sessionId = '' }: PersonContext) {
  const { method, createdAt } = signIns;
  return db.select({ method, createdAt }).from(signIns).where(eq(signIns.sessionId, sessionId)).get();
}

function recordWrongPassword(ctx: PersonContext): void {
  const { person } = ctx;
  inTransaction(
    ctx.db,
    (tx) => recordAct(tx, ctx, { action: 'sessions.refuse', actor: person, subject: person.id }),
    // What the caller wanted is not done.
    { isSideEffect: true },
  );
}
