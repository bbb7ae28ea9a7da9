/**
 * Browsers and network addresses from which a person has signed in. Guesses from elsewhere are counted separately, so that
 * nobody is locked out where they usually work. Stores only hashes, and a limited number of them.
 */
import { and, desc, eq, gt, notInArray } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { knownOrigins } from '@turnover/db/schema/accounts';
import { normaliseAddress, throttleKeyOf } from '@turnover/domain/server/addresses';
import { dayMs } from '@turnover/domain/days';
import type { Context } from '../context.ts';
import { hashSecret, newSecret } from '../secrets.ts';

export type OriginKind = 'device' | 'address';

/** The origin of a request. */
export type From = {
  /**
   * The network address that guesses are counted for. Null when everybody may share it, as behind a proxy: then it is not
   * counted.
   */
  address: string | null;
  userAgent: string;
  /** The secret in the browser's long-lived cookie; null without one. */
  device?: string | null | undefined;
};

/** Browsers keep a cookie for at most 400 days. */
export const deviceCookieMs = 400 * dayMs;
const rememberedMs = 180 * dayMs;
const maxPerKind = 20;

/** The name of the device cookie. It has the same prefix as the session cookie, for the same reasons. */
export function deviceCookieName(secure: boolean): string {
  return secure ? '__Host-turnover-device' : 'turnover-device';
}

/** The address in its normal form. For IPv6 it is the network, because one person may own all addresses of it. */
export function networkOf(address: string): string {
  return throttleKeyOf(normaliseAddress(address) ?? address);
}

export function isKnown(
  db: Reader,
  ctx: Pick<Context, 'clock'>,
  userId: string,
  kind: OriginKind,
  value: string,
): boolean {
  const row = db
    .select({ usedAt: knownOrigins.usedAt })
    .from(knownOrigins)
    .where(
      and(
        eq(knownOrigins.userId, userId),
        eq(knownOrigins.kind, kind),
        eq(knownOrigins.hash, hashOf(kind, value, userId)),
        gt(knownOrigins.usedAt, ctx.clock() - rememberedMs),
      ),
    )
    .get();
  return row !== undefined;
}

export function isKnownDevice(
  db: Reader,
  ctx: Pick<Context, 'clock'>,
  userId: string,
  { device }: From,
): boolean {
  return device != null && isKnown(db, ctx, userId, 'device', device);
}

/**
 * Stores the origin of a successful sign-in. Returns the secret for the browser's cookie: the one it has if this hub made it,
 * otherwise a new one, so that nobody can plant a secret that they know.
 */
export function rememberOrigin(tx: Transaction, ctx: Context, userId: string, from: From): string {
  const device = from.device && wasGivenOut(tx, from.device) ? from.device : newSecret();
  remember(tx, ctx, userId, 'device', device);
  if (from.address !== null) remember(tx, ctx, userId, 'address', networkOf(from.address));
  return device;
}

/** Deletes all origins of a person, after a password reset. */
export function forgetOriginsOf(tx: Transaction, userId: string): void {
  tx.delete(knownOrigins).where(eq(knownOrigins.userId, userId)).run();
}

function remember(tx: Transaction, ctx: Context, userId: string, kind: OriginKind, value: string): void {
  const hash = hashOf(kind, value, userId);
  const usedAt = ctx.clock();
  tx.insert(knownOrigins)
    .values({ userId, kind, hash, usedAt })
    .onConflictDoUpdate({
      target: [knownOrigins.userId, knownOrigins.kind, knownOrigins.hash],
      set: { usedAt },
    })
    .run();
  const ofKind = and(eq(knownOrigins.userId, userId), eq(knownOrigins.kind, kind));
  const newest = tx
    .select({ hash: knownOrigins.hash })
    .from(knownOrigins)
    .where(ofKind)
    .orderBy(desc(knownOrigins.usedAt))
    .limit(maxPerKind);
  tx.delete(knownOrigins)
    .where(and(ofKind, notInArray(knownOrigins.hash, newest)))
    .run();
}

function wasGivenOut(db: Reader, device: string): boolean {
  const hash = hashOf('device', device, '');
  const row = db
    .select({ usedAt: knownOrigins.usedAt })
    .from(knownOrigins)
    .where(and(eq(knownOrigins.kind, 'device'), eq(knownOrigins.hash, hash)))
    .limit(1)
    .get();
  return row !== undefined;
}

/**
 * Hashes the value with the person's id: several people may use a browser, and there are so few addresses that hashes of
 * addresses alone could be reversed by trying them all.
 */
function hashOf(kind: OriginKind, value: string, userId: string): string {
  return hashSecret(kind === 'device' ? value : `${userId} ${value}`);
}
