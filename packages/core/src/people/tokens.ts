/**
 * API tokens, which programs send instead of a session. The secret is returned once and stored as a hash. Tokens are revoked,
 * not deleted.
 */
import { and, count, desc, eq, isNull } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { apiTokens } from '@turnover/db/schema/accounts';
import { HubError, notFound } from '@turnover/domain/errors';
import type {
  createdTokenView,
  createTokenInput,
  tokenNameInput,
  TokenView,
} from '@turnover/domain/people/tokens';
import type { Context, PersonContext } from '../context.ts';
import { withOwnProof } from './second-factor.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { writeQuietly } from '../write-gate.ts';

/** Makes a leaked token recognisable in a log or a repository. */
const prefix = 'turnover_';
/** The most live tokens of one person. All of them are listed. */
const maxTokens = 500;
/** The precision of `lastUsedAt`, so that a thousand requests do not cause a thousand writes. */
const usedEveryMs = 60_000;

/** Creates a token for a person who also enters their password, and a code if they have a second factor: tokens ask for none. */
export async function createTokenByPassword(
  ctx: PersonContext,
  { name, ...proof }: z.input<typeof createTokenInput>,
): Promise<z.infer<typeof createdTokenView>> {
  return withOwnProof(ctx, proof, (tx) => insertToken(tx, ctx, name));
}

/** Makes a token and returns its secret, which is never shown again. Throws `too_many_held`. */
export function createToken(
  ctx: PersonContext,
  { name }: z.infer<typeof tokenNameInput>,
): z.infer<typeof createdTokenView> {
  return inTransaction(ctx.db, (tx) => insertToken(tx, ctx, name));
}

function insertToken(tx: Transaction, ctx: PersonContext, name: string): z.infer<typeof createdTokenView> {
  const token = prefix + newSecret();
  const row = {
    id: ctx.newId('token'),
    userId: ctx.person.id,
    name,
    tokenHash: hashSecret(token),
    createdAt: ctx.clock(),
  };
  requireFewTokens(tx, ctx.person.id);
  tx.insert(apiTokens).values(row).run();
  return { id: row.id, name, createdAt: row.createdAt, lastUsedAt: null, token };
}

function requireFewTokens(db: Reader, userId: string): void {
  const live = and(eq(apiTokens.userId, userId), isNull(apiTokens.revokedAt));
  const held = db.select({ number: count() }).from(apiTokens).where(live).get()!.number;
  if (held < maxTokens) return;
  throw new HubError(
    'too_many_held',
    `You have ${held} tokens, and the limit is ${maxTokens}. Revoke some first.`,
    {
      what: 'tokens',
      most: maxTokens,
    },
  );
}

export function listTokens(ctx: PersonContext): TokenView[] {
  return ctx.db
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      createdAt: apiTokens.createdAt,
      lastUsedAt: apiTokens.lastUsedAt,
    })
    .from(apiTokens)
    .where(and(eq(apiTokens.userId, ctx.person.id), isNull(apiTokens.revokedAt)))
    .orderBy(desc(apiTokens.id))
    .limit(maxTokens)
    .all();
}

export function revokeToken(ctx: PersonContext, tokenId: string): void {
  const { changes } = inTransaction(ctx.db, (tx) =>
    tx
      .update(apiTokens)
      .set({ revokedAt: ctx.clock() })
      .where(and(eq(apiTokens.id, tokenId), eq(apiTokens.userId, ctx.person.id), isNull(apiTokens.revokedAt)))
      .run(),
  );
  if (changes === 0) throw notFound();
}

/** Revokes all tokens of a person and returns their number. */
export function revokeTokensOf(tx: Transaction, ctx: Context, userId: string): number {
  return tx
    .update(apiTokens)
    .set({ revokedAt: ctx.clock() })
    .where(and(eq(apiTokens.userId, userId), isNull(apiTokens.revokedAt)))
    .run().changes;
}

/** Returns the ids of a live token and of the person whose it is, or null. Records the time of use. */
export function readToken(ctx: Context, token: string): { tokenId: string; userId: string } | null {
  const now = ctx.clock();
  const live = and(eq(apiTokens.tokenHash, hashSecret(token)), isNull(apiTokens.revokedAt));
  const row = ctx.db.select().from(apiTokens).where(live).get();
  if (!row) return null;
  if (row.lastUsedAt === null || row.lastUsedAt < now - usedEveryMs) {
    writeQuietly(ctx, 'token.used', (tx) => {
      tx.update(apiTokens).set({ lastUsedAt: now }).where(eq(apiTokens.id, row.id)).run();
    });
  }
  return { tokenId: row.id, userId: row.userId };
}
