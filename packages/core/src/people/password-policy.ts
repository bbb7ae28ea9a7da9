/** Whether passwords and passkeys sign people in. Where an OpenID provider alone does, they do not. */
import { eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { passwordAllowedMs } from '@turnover/domain/people/accounts';
import type { Context } from '../context.ts';

/** Throws `password_off` when only the provider signs people in, unless a command has allowed this person their password. */
export function requirePasswordOn(db: Reader, ctx: Context, userId: string | null): void {
  if (!ctx.oidc?.settings.only || isAllowed(db, ctx, userId)) return;
  const { label } = ctx.oidc.settings;
  throw new HubError('password_off', `People sign in to this hub at ${label} only.`, { provider: label });
}

function isAllowed(db: Reader, { clock }: Context, userId: string | null): boolean {
  if (userId === null) return false;
  const row = db.select({ until: users.passwordAllowedUntil }).from(users).where(eq(users.id, userId)).get();
  return (row?.until ?? 0) > clock();
}

/** For somebody who cannot sign in at the provider, or has to connect their account first. Returns until when. */
export function allowPassword(ctx: Context, userId: string): number {
  const until = ctx.clock() + passwordAllowedMs;
  inTransaction(ctx.db, (tx) => {
    tx.update(users).set({ passwordAllowedUntil: until }).where(eq(users.id, userId)).run();
  });
  return until;
}
