/** Asks a signed-in person for their password again, before anything that outlasts the session. */
import { eq } from 'drizzle-orm';
import { users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { recordAct } from '../audit/record.ts';
import type { PersonContext } from '../context.ts';
import { verifyPassword } from './passwords.ts';
import { giveGuessBack, takeOwnGuess } from './throttle.ts';

export async function requirePassword(ctx: PersonContext, password: string): Promise<void> {
  const guess = takeOwnGuess(ctx, ctx.person.id);
  const user = ctx.db.select().from(users).where(eq(users.id, ctx.person.id)).get();
  if (!(await verifyPassword(user?.passwordHash ?? null, password))) {
    recordWrongPassword(ctx);
    throw new HubError('sign_in_refused', 'The current password is wrong.');
  }
  giveGuessBack(ctx, guess);
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
