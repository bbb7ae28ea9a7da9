/**
 * Checks what passkeys sign, by @simplewebauthn/server. It is loaded with its first use, because few sign-ins need it and it
 * loads many modules.
 */
import { isIP } from 'node:net';
import { and, eq } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { passkeys } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { assertionSchema, challengeMs } from '@turnover/domain/people/passkeys';
import { recordAct } from '../audit/record.ts';
import type { Context } from '../context.ts';
import { notify } from '../notifications/inbox.ts';
import { findActivePerson } from './accounts.ts';
import {
  isOpenChallenge,
  newChallenge,
  passkeyRefused,
  useChallenge,
  type Asked,
} from './passkey-challenges.ts';

const library = () => import('@simplewebauthn/server');

type Passkey = typeof passkeys.$inferSelect;
export type UsedPasskey = { passkey: Passkey; counter: number; challenge: string; asked: Asked };

/** The site that passkeys are bound to. Throws `unavailable` at an address without a name, where browsers have none. */
export function siteOf({ caller }: Context): { rpID: string; origin: string } {
  const { origin } = caller ?? {};
  const rpID = origin === undefined ? '' : new URL(origin).hostname;
  if (origin === undefined || isIP(rpID.replaceAll(/[[\]]/g, '')) !== 0)
    throw new HubError('unavailable', 'Passkeys need an address with a host name.');
  return { rpID, origin };
}

/** What a browser needs to sign with a passkey, as JSON. */
export async function passkeyOptions(ctx: Context, asked: Asked): Promise<string> {
  const { rpID } = siteOf(ctx);
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID,
    challenge: Buffer.from(newChallenge(ctx, asked), 'base64url'),
    timeout: challengeMs,
    // As a second factor, possession is enough; alone, the device must also check who holds it.
    userVerification: asked.userId === null ? 'required' : 'preferred',
    allowCredentials: asked.userId === null ? [] : passkeysOf(ctx.db, asked.userId).map(toDescriptor),
  });
  return JSON.stringify(options);
}

export function passkeysOf(db: Reader, userId: string): Passkey[] {
  return db.select().from(passkeys).where(eq(passkeys.userId, userId)).all();
}

export function toDescriptor({ credentialId, transports }: Passkey) {
  return { id: credentialId, transports };
}

/**
 * Checks the answer of a browser. Throws `factor_refused`: also for a counter that went back, which means that somebody copied
 * the passkey. Then the person gets a notification.
 */
export async function verifyPasskey(ctx: Context, answer: string, asked: Asked): Promise<UsedPasskey> {
  const { rpID, origin } = siteOf(ctx);
  const parsed = assertionSchema.safeParse(readJson(answer));
  if (!parsed.success) throw passkeyRefused();
  const { data } = parsed;
  const passkey = ctx.db.select().from(passkeys).where(eq(passkeys.credentialId, data.id)).get();
  if (!passkey || (asked.userId !== null && passkey.userId !== asked.userId)) throw passkeyRefused();
  const { verifyAuthenticationResponse } = await library();
  let challenge = '';
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...data, clientExtensionResults: {} },
    expectedChallenge(signed) {
      challenge = signed;
      return isOpenChallenge(ctx, signed, asked);
    },
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: asked.userId === null,
    credential: {
      id: passkey.credentialId,
      publicKey: Buffer.from(passkey.publicKey, 'base64url'),
      // We compare it ourselves, after the signature: the library does not say why it refuses.
      counter: 0,
    },
  }).catch(() => {
    throw passkeyRefused();
  });
  if (!verified) throw passkeyRefused();
  const used = { passkey, counter: authenticationInfo.newCounter, challenge, asked };
  if (isBehind(used)) refuseCopy(ctx, used);
  return used;
}

/** Records the use, in the transaction that starts the session. Two uses at once do not both succeed. */
export function recordPasskeyUse(tx: Transaction, ctx: Context, used: UsedPasskey): void {
  const { passkey, counter, challenge, asked } = used;
  useChallenge(tx, ctx, challenge, asked);
  const unchanged = and(eq(passkeys.id, passkey.id), eq(passkeys.counter, passkey.counter));
  const { changes } = tx.update(passkeys).set({ counter, lastUsedAt: ctx.clock() }).where(unchanged).run();
  if (changes === 0) throw passkeyRefused();
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Devices that do not count always send 0. */
function isBehind({ passkey, counter }: UsedPasskey): boolean {
  return (counter > 0 || passkey.counter > 0) && counter <= passkey.counter;
}

function refuseCopy(ctx: Context, { passkey, counter, challenge, asked }: UsedPasskey): never {
  const { id, userId, name } = passkey;
  inTransaction(
    ctx.db,
    (tx) => {
      useChallenge(tx, ctx, challenge, asked);
      const person = findActivePerson(tx, userId);
      const details = {
        step: 'passkey',
        reason: 'copied',
        passkeyId: id,
        counter,
        expected: passkey.counter,
      };
      recordAct(tx, ctx, { action: 'sessions.refuse', actor: null, subject: userId, details });
      if (!person) return;
      notify(tx, ctx, {
        userId,
        email: person.email,
        kind: 'account.passkeyCopied',
        projectId: null,
        actorId: null,
        data: { name, at: ctx.clock(), address: ctx.caller?.address ?? null, href: '/account' },
      });
    },
    { isSideEffect: true },
  );
  throw passkeyRefused();
}
