/**
 * Sign-ins under way at the OpenID provider. The browser keeps a secret in its cookie, and the address carries the state. The
 * other texts are derived from both, so that the database holds only hashes, and neither a stolen address nor a stolen
 * cookie completes a sign-in. Each state works once, in the browser that began, for some minutes.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { and, eq, gt, isNull, lte, type SQL } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { oidcFlows } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { oidcFlowMs, oidcTicketMs } from '@turnover/domain/people/oidc';
import type { Context, OidcProof } from '../context.ts';
import { keepNewest } from '../people/keep-newest.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import { oidcRefused } from './provider.ts';

/** The most of one browser. The oldest end. */
const maxOfBrowser = 20;
/** Beginning something at the provider is no act of the caller, so it leaves no entry in the audit log. */
const aside = { isSideEffect: true };

type Row = typeof oidcFlows.$inferSelect;
/** What the sign-in is for, besides signing in. */
export type FlowPurpose = Pick<Row, 'userId' | 'invitationHash'>;

/** The cookie of a browser that signs in at the provider. It has the prefix of the session cookie, for the same reasons. */
export function oidcCookieName(secure: boolean): string {
  return secure ? '__Host-turnover-oidc' : 'turnover-oidc';
}

/** `browser`: the secret of the browser's cookie. */
export function beginFlow(ctx: Context, browser: string, purpose: FlowPurpose): OidcProof {
  const state = newSecret();
  const browserHash = hashSecret(browser);
  inTransaction(
    ctx.db,
    (tx) => {
      insertFlow(tx, ctx, { ...purpose, id: hashSecret(state), browserHash }, oidcFlowMs);
      keepNewest(tx, oidcFlows, eq(oidcFlows.browserHash, browserHash), maxOfBrowser);
    },
    aside,
  );
  return proofOf(browser, state);
}

/** Uses the state up, whatever follows. Throws `oidc_refused` when this browser did not begin, or too long ago. */
export function useFlow(
  ctx: Context,
  browser: string,
  state: string,
): { proof: OidcProof; purpose: FlowPurpose } {
  const own = and(
    eq(oidcFlows.id, hashSecret(state)),
    eq(oidcFlows.browserHash, hashSecret(browser)),
    gt(oidcFlows.expiresAt, ctx.clock()),
  );
  const row = useUp(ctx, own);
  if (!row) throw oidcRefused('expired');
  return { proof: proofOf(browser, state), purpose: row };
}

/** Returns a secret with which the person may begin to connect their account, once. */
export function newTicket(tx: Transaction, ctx: Context, userId: string): string {
  const ticket = newSecret();
  const row = { id: hashSecret(ticket), browserHash: null, userId, invitationHash: null };
  insertFlow(tx, ctx, row, oidcTicketMs);
  return ticket;
}

/** Throws `oidc_refused` for a ticket of somebody else, a used one and an old one. */
export function useTicket(ctx: Context, ticket: string, userId: string): void {
  const own = and(
    eq(oidcFlows.id, hashSecret(ticket)),
    isNull(oidcFlows.browserHash),
    eq(oidcFlows.userId, userId),
    gt(oidcFlows.expiresAt, ctx.clock()),
  );
  const row = useUp(ctx, own);
  if (!row) throw oidcRefused('expired');
}

/** Looks first: anybody can ask, and must not make the hub write. */
function useUp({ db }: Context, own: SQL | undefined): Row | undefined {
  if (!db.select({ id: oidcFlows.id }).from(oidcFlows).where(own).get()) return undefined;
  return inTransaction(db, (tx) => tx.delete(oidcFlows).where(own).returning().get(), aside);
}

/** Proves that this browser has opened the page of the invitation: only that page shows the proof. */
export function invitationProof(browser: string, invitation: string): string {
  return derived(browser, `invitation ${invitation}`);
}

export function isInvitationProof(proof: string, browser: string, invitation: string): boolean {
  const [given, expected] = [proof, invitationProof(browser, invitation)].map((text) => Buffer.from(text));
  return given!.length === expected!.length && timingSafeEqual(given!, expected!);
}

function insertFlow(
  tx: Transaction,
  { clock }: Context,
  row: Omit<Row, 'expiresAt'>,
  lifetimeMs: number,
): void {
  const now = clock();
  tx.delete(oidcFlows).where(lte(oidcFlows.expiresAt, now)).run();
  tx.insert(oidcFlows)
    .values({ ...row, expiresAt: now + lifetimeMs })
    .run();
}

function proofOf(browser: string, state: string): OidcProof {
  return {
    state,
    nonce: derived(browser, `nonce ${state}`),
    verifier: derived(browser, `verifier ${state}`),
  };
}

function derived(browser: string, text: string): string {
  return createHmac('sha256', browser).update(text).digest('base64url');
}
