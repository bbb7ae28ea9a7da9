/** The passkeys of a person: add, list, remove. */
import { and, desc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import { passkeys } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  challengeMs,
  maxPasskeys,
  registrationSchema,
  type addPasskeyInput,
  type beginPasskeyInput,
  type PasskeyView,
  type removePasskeyInput,
} from '@turnover/domain/people/passkeys';
import type { PersonContext } from '../context.ts';
import {
  dropChallengesToAdd,
  isOpenChallenge,
  newChallenge,
  passkeyRefused,
  useChallenge,
  type Asked,
} from './passkey-challenges.ts';
import { passkeysOf, readJson, siteOf, toDescriptor } from './passkey-checks.ts';
import { renewRecoveryCodes } from './recovery-codes.ts';
import { hasSecondFactor } from './second-factor-state.ts';
import { dropUnusedCodes, notifyOfChange, refuseTokens, withOwnProof, withProof } from './second-factor.ts';

const library = () => import('@simplewebauthn/server');

export function listPasskeys(ctx: PersonContext): PasskeyView[] {
  const { id, name, createdAt, lastUsedAt } = passkeys;
  return ctx.db
    .select({ id, name, createdAt, lastUsedAt })
    .from(passkeys)
    .where(eq(passkeys.userId, ctx.person.id))
    .orderBy(desc(id))
    .limit(maxPasskeys)
    .all();
}

/**
 * Returns what a browser needs to make a passkey, as JSON. Throws `too_many_held`, and `factor_refused` without a code when the
 * person has a second factor already.
 */
export async function beginPasskey(
  ctx: PersonContext,
  proof: z.input<typeof beginPasskeyInput>,
): Promise<{ options: string }> {
  const { person } = ctx;
  refuseTokens(ctx);
  const { rpID } = siteOf(ctx);
  const held = passkeysOf(ctx.db, person.id);
  requireRoom(held.length);
  await withOwnProof(ctx, proof, () => undefined);
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: 'Turnover',
    rpID,
    userID: Buffer.from(person.id),
    userName: person.email,
    userDisplayName: person.name,
    challenge: Buffer.from(newChallenge(ctx, { purpose: 'add', userId: person.id }), 'base64url'),
    timeout: challengeMs,
    excludeCredentials: held.map(toDescriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
  });
  return { options: JSON.stringify(options) };
}

/** Stores the passkey. Returns recovery codes when it is the first second factor. Throws `factor_refused`. */
export async function addPasskey(
  ctx: PersonContext,
  { name, answer }: z.infer<typeof addPasskeyInput>,
): Promise<{ codes: string[] | null }> {
  refuseTokens(ctx);
  const { person } = ctx;
  const asked = { purpose: 'add', userId: person.id } as const;
  const { challenge, ...made } = await verifyRegistration(ctx, answer, asked);
  return inTransaction(ctx.db, (tx) => {
    useChallenge(tx, ctx, challenge, asked);
    dropChallengesToAdd(tx, person.id);
    requireRoom(passkeysOf(tx, person.id).length);
    const isFirst = !hasSecondFactor(tx, person.id);
    const row = { ...made, id: ctx.newId('passkey'), userId: person.id, name, createdAt: ctx.clock() };
    // Another account may have it: each device makes it anew, so that would be a copy.
    const { changes } = tx.insert(passkeys).values(row).onConflictDoNothing().run();
    if (changes === 0) throw passkeyRefused();
    notifyOfChange(tx, ctx, person, 'passkeyOn');
    return { codes: isFirst ? renewRecoveryCodes(tx, person.id) : null };
  });
}

/** Throws `sign_in_refused`, `factor_refused`, or `not_found` for a passkey of somebody else. */
export async function removePasskey(
  ctx: PersonContext,
  { passkeyId, ...proof }: z.infer<typeof removePasskeyInput>,
): Promise<void> {
  refuseTokens(ctx);
  const own = and(eq(passkeys.id, passkeyId), eq(passkeys.userId, ctx.person.id));
  if (!ctx.db.select({ id: passkeys.id }).from(passkeys).where(own).get()) throw notFound();
  await withProof(ctx, proof, (tx) => {
    if (tx.delete(passkeys).where(own).run().changes === 0) throw notFound();
    dropUnusedCodes(tx, ctx.person.id);
    notifyOfChange(tx, ctx, ctx.person, 'passkeyOff');
  });
}

async function verifyRegistration(ctx: PersonContext, answer: string, asked: Asked) {
  const { rpID, origin } = siteOf(ctx);
  const parsed = registrationSchema.safeParse(readJson(answer));
  if (!parsed.success) throw passkeyRefused();
  const { verifyRegistrationResponse } = await library();
  const { data } = parsed;
  let challenge = '';
  const { registrationInfo } = await verifyRegistrationResponse({
    // The library knows the names of transports as a type; they are hints, which browsers check themselves.
    response: { ...data, clientExtensionResults: {} } as Parameters<
      typeof verifyRegistrationResponse
    >[0]['response'],
    expectedChallenge(signed) {
      challenge = signed;
      return isOpenChallenge(ctx, signed, asked);
    },
    expectedOrigin: origin,
    expectedRPID: rpID,
    requireUserVerification: false,
  }).catch(() => {
    throw passkeyRefused();
  });
  if (!registrationInfo) throw passkeyRefused();
  const { id, publicKey, counter } = registrationInfo.credential;
  return {
    challenge,
    credentialId: id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports: data.response.transports,
  };
}

function requireRoom(held: number): void {
  if (held < maxPasskeys) return;
  throw new HubError('too_many_held', `You have ${held} passkeys, and the limit is ${maxPasskeys}.`, {
    what: 'passkeys',
    most: maxPasskeys,
  });
}
