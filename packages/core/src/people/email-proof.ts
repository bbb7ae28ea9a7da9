/**
 * Proves that a person reads mail at the address of their account. The proof is a secret that the hub mailed to the address
 * and showed to nobody: the link of an invitation, a reset link, or a code. A typed address proves nothing, whoever typed it.
 */
import { and, eq, gt, isNull } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { oneTimeLinks, users } from '@turnover/db/schema/accounts';
import { HubError } from '@turnover/domain/errors';
import { emailCodeLifetimeMs } from '@turnover/domain/people/invitations';
import { findActivePerson } from './accounts.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { signalAccount } from '../events.ts';
import { notify } from '../notifications/inbox.ts';
import { bindShares } from '../shares/joining.ts';
import { countGuess, forgetGuesses } from './throttle.ts';
import { hashTypedCode, newTypedCode } from './typed-codes.ts';

/** Marks the address as proved, and gives the person the shares that wait for it. */
export function proveEmail(tx: Transaction, ctx: Context, person: Person): void {
  tx.update(users)
    .set({ emailProvedAt: ctx.clock() })
    .where(and(eq(users.id, person.id), isNull(users.emailProvedAt)))
    .run();
  signalAccount(tx, { ...ctx, person }, person.id);
  bindShares(tx, ctx, person);
}

/** 40 bits, which are enough for a code that is valid for a quarter of an hour and allows few attempts. */
const codeLength = 8;
const codesPerHour = 5;
const triesPerCode = 5;

/**
 * Mails a code to the person's address. Throws `unavailable` without a mail server, `nothing_changed` when the
 * address is proved, `throttled` after too many codes.
 */
export function sendEmailCode(ctx: PersonContext): void {
  const { id: userId, email } = ctx.person;
  if (!ctx.mail.configured) throw new HubError('unavailable', 'This hub sends no mail.');
  inTransaction(ctx.db, (tx) => {
    refuseProved(tx, userId);
    countGuess(tx, ctx, [{ key: `code-mail:${userId}`, limit: codesPerHour, windowMs: 3600_000 }]);
    notify(tx, ctx, {
      userId: null,
      email,
      kind: 'account.code',
      projectId: null,
      actorId: userId,
      data: { userId },
    });
  });
}

/**
 * Proves the address with a code. Throws `code_refused` for a wrong or expired code and counts the attempt, and `throttled`
 * after too many attempts.
 */
export function confirmEmail(ctx: PersonContext, typed: string): void {
  const userId = ctx.person.id;
  const tries = `code:${userId}`;
  // Counts the attempt in a transaction of its own, so that a refusal below does not undo the count.
  inTransaction(
    ctx.db,
    (tx) => {
      refuseProved(tx, userId);
      countGuess(tx, ctx, [{ key: tries, limit: triesPerCode, windowMs: emailCodeLifetimeMs }]);
    },
    { isSideEffect: true },
  );
  inTransaction(ctx.db, (tx) => {
    const code = tx
      .select()
      .from(oneTimeLinks)
      .where(
        and(
          eq(oneTimeLinks.tokenHash, hashTypedCode(userId, typed)),
          eq(oneTimeLinks.kind, 'code'),
          eq(oneTimeLinks.userId, userId),
          isNull(oneTimeLinks.usedAt),
          gt(oneTimeLinks.expiresAt, ctx.clock()),
        ),
      )
      .get();
    const person = findActivePerson(tx, userId);
    if (!code || !person)
      throw new HubError('code_refused', 'This code is wrong or too old. Ask for a new one.');
    tx.update(oneTimeLinks)
      .set({ usedAt: ctx.clock() })
      .where(and(eq(oneTimeLinks.userId, userId), eq(oneTimeLinks.kind, 'code')))
      .run();
    forgetGuesses(tx, tries);
    proveEmail(tx, ctx, person);
  });
}

/** Creates the code for a mail that is about to be sent; null when the address needs no proof any more. */
export function newMailedCode(tx: Transaction, ctx: Context, userId: string): string | null {
  const user = tx.select().from(users).where(eq(users.id, userId)).get();
  if (!user || user.disabledAt !== null || user.emailProvedAt !== null) return null;
  const code = newTypedCode(codeLength);
  const createdAt = ctx.clock();
  tx.insert(oneTimeLinks)
    .values({
      id: ctx.newId('link'),
      kind: 'code',
      userId,
      isMailed: true,
      tokenHash: hashTypedCode(userId, code),
      createdAt,
      expiresAt: createdAt + emailCodeLifetimeMs,
    })
    .run();
  return code;
}

function refuseProved(tx: Transaction, userId: string): void {
  const user = tx.select({ at: users.emailProvedAt }).from(users).where(eq(users.id, userId)).get();
  if (user && user.at !== null) throw new HubError('nothing_changed', 'The address is already confirmed.');
}
