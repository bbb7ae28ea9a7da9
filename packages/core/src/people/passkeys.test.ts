import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { halfSignIns, passkeyChallenges, sessions } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import { challengeMs, maxPasskeys } from '@turnover/domain/people/passkeys';
import { allEntries } from '../audit/verify.ts';
import type { Context, Person } from '../context.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { testPasskey, type TestPasskey } from '../testing/passkey.ts';
import { createOwner, updateUser } from './accounts.ts';
import { addPasskey, beginPasskey, listPasskeys, removePasskey } from './passkeys.ts';
import {
  newAuthenticatorKey,
  removeSecondFactor,
  renewCodes,
  resetSecondFactor,
  secondFactorOf,
  setUpSecondFactor,
} from './second-factor.ts';
import {
  authenticate,
  beginSession,
  describeHalfSignIn,
  finishByPasskey,
  finishSignIn,
  firstStepOptions,
  secondStepOptions,
  signIn,
  signInByPasskey,
} from './sign-in.ts';
import { listSignIns } from './sign-ins.ts';
import { createTokenByPassword } from './tokens.ts';
import { codeAt, readKey, stepOf } from './totp.ts';

const password = 'a long enough password';
const from = { address: '192.0.2.7', userAgent: '' };
const origin = 'https://turnover.example';

let hub: TestHub;
let olga: Person;
let ana: Person;
beforeEach(async () => {
  hub = await testHub();
  olga = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  ana = await createOwner(hub.ctx, { name: 'Ana', email: 'ana@example.test', password });
});
afterEach(() => hub.close());

/** The hub as it is opened at an address. */
const at = (address = origin): Context => ({
  ...hub.ctx,
  caller: { via: 'page', viaId: null, address: '192.0.2.7', origin: address },
});
const as = (person: Person) => ({ ...at(), person });
const refused = { code: 'factor_refused', details: { reason: 'passkey' } };

async function add(person: Person, device = testPasskey(origin), name = 'Phone', code?: string) {
  const { options } = await beginPasskey(as(person), { password, code });
  const { codes } = await addPasskey(as(person), { name, answer: device.register(options) });
  return { device, codes };
}

/** Signs in with the passkey alone. */
async function signInWith(device: TestPasskey, flags = {}) {
  return signInByPasskey(at(), device.answer(await firstStepOptions(at(), null), flags), from);
}
const firstStep = (person: Person) => signIn(at(), { email: person.email, password }, from);
const isSignedIn = async ({ token }: { token: string }) =>
  (await authenticate(hub.ctx, { sessionToken: token })) !== null;

describe('adding', () => {
  test('needs the password; the first one brings recovery codes', async () => {
    await expect(beginPasskey(as(ana), { password: 'wrong' })).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    const { codes } = await add(ana);
    expect(codes).toHaveLength(10);
    expect((await add(ana, testPasskey(origin), 'Key', codes![0])).codes).toBeNull();
    expect(
      listPasskeys(as(ana))
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Key', 'Phone']);
    expect(listPasskeys(as(olga))).toEqual([]);
    const told = hub.db.select().from(notifications).all();
    expect(told.filter(({ data }) => data.change === 'passkeyOn')).toHaveLength(2);
  });

  test('refuses an answer to the challenge of somebody else, a used one and an old one', async () => {
    const { options } = await beginPasskey(as(olga), { password });
    const answer = testPasskey(origin).register(options);
    await expect(addPasskey(as(ana), { name: 'Phone', answer })).rejects.toMatchObject(refused);
    const own = await beginPasskey(as(ana), { password });
    const device = testPasskey(origin);
    const { codes } = await addPasskey(as(ana), { name: 'Phone', answer: device.register(own.options) });
    const again = testPasskey(origin).register(own.options);
    await expect(addPasskey(as(ana), { name: 'Phone', answer: again })).rejects.toMatchObject(refused);
    const late = await beginPasskey(as(ana), { password, code: codes![0]! });
    hub.clock.advance(challengeMs);
    const tooLate = testPasskey(origin).register(late.options);
    await expect(addPasskey(as(ana), { name: 'Phone', answer: tooLate })).rejects.toMatchObject(refused);
  });

  test.each(['no json', '{}', '[]', 'null', JSON.stringify({ id: 'a', rawId: 'b', type: 'public-key' })])(
    'refuses %s',
    async (answer) => {
      await expect(addPasskey(as(ana), { name: 'Phone', answer })).rejects.toMatchObject(refused);
      await expect(signInByPasskey(at(), answer, from)).rejects.toMatchObject(refused);
    },
  );

  test('needs a code as soon as there is a second factor, and is not possible with an API token', async () => {
    const early = await beginPasskey(as(ana), { password });
    const { codes } = await add(ana);
    const code = codes![0]!;
    for (const without of [{}, { code: '' }, { code: '000000' }])
      await expect(beginPasskey(as(ana), { password, ...without })).rejects.toMatchObject({
        code: 'factor_refused',
      });
    // What was begun with the password alone ends with the first second factor.
    const answer = testPasskey(origin).register(early.options);
    await expect(addPasskey(as(ana), { name: 'Phone', answer })).rejects.toMatchObject(refused);
    const byToken = { ...as(ana), caller: { ...at().caller!, via: 'token' as const, viaId: 'tok' } };
    const forbidden = { code: 'forbidden' };
    await expect(beginPasskey(byToken, { password, code })).rejects.toMatchObject(forbidden);
    await expect(addPasskey(byToken, { name: 'Phone', answer })).rejects.toMatchObject(forbidden);
    const [{ id: passkeyId } = { id: '' }] = listPasskeys(as(ana));
    await expect(removePasskey(byToken, { passkeyId, password, code })).rejects.toMatchObject(forbidden);
    await expect(removeSecondFactor(byToken, { password, code })).rejects.toMatchObject(forbidden);
    await expect(renewCodes(byToken, { password, code })).rejects.toMatchObject(forbidden);
    expect(() => resetSecondFactor(byToken, olga.id)).toThrow(expect.objectContaining(forbidden));
    expect(listPasskeys(as(ana))).toHaveLength(1);
    await beginPasskey(as(ana), { password, code });
  });

  test('an app beside a passkey needs a recovery code, and so does an API token', async () => {
    const { codes } = await add(ana);
    const key = newAuthenticatorKey();
    const code = codeAt(readKey(key), stepOf(hub.clock.now));
    for (const recoveryCode of [undefined, '', code])
      await expect(setUpSecondFactor(as(ana), { key, code, password, recoveryCode })).rejects.toMatchObject({
        code: 'factor_refused',
      });
    await expect(createTokenByPassword(as(ana), { name: 'Script', password })).rejects.toMatchObject({
      code: 'factor_refused',
    });
    expect(secondFactorOf(as(ana))).toMatchObject({ since: null, recoveryCodesLeft: 10 });
    await createTokenByPassword(as(ana), { name: 'Script', password, code: codes![0] });
    const renewed = await setUpSecondFactor(as(ana), { key, code, password, recoveryCode: codes![1] });
    expect(renewed).toHaveLength(10);
  });

  test('refuses a device of another site', async () => {
    const { options } = await beginPasskey(as(ana), { password });
    const answer = testPasskey('https://turnover.evil').register(options);
    await expect(addPasskey(as(ana), { name: 'Phone', answer })).rejects.toMatchObject(refused);
  });

  test.each(['http://192.0.2.1:3000', 'http://[2001:db8::1]', undefined])(
    'is not possible at %s',
    async (address) => {
      const ctx = address === undefined ? hub.as(ana) : { ...at(address), person: ana };
      await expect(beginPasskey(ctx, { password })).rejects.toMatchObject({ code: 'unavailable' });
    },
  );

  test('has a limit', async () => {
    const device = testPasskey(origin);
    await add(ana, device);
    hub.db.$client
      .exec(`insert into passkeys select id || n, user_id, name, credential_id || n, public_key, 0,
      transports, created_at, null from passkeys, (with recursive c(n) as (select 1 union select n + 1 from c
      where n < ${maxPasskeys - 1}) select n from c)`);
    await expect(add(ana)).rejects.toMatchObject({ code: 'too_many_held' });
  });
});

describe('signing in', () => {
  test('takes one step with a device that checks who holds it', async () => {
    const { device } = await add(ana);
    const signedIn = await signInWith(device);
    expect(signedIn.isHalf).toBe(false);
    expect(await authenticate(hub.ctx, { sessionToken: signedIn.token })).toMatchObject({
      person: { id: ana.id },
    });
    expect(listSignIns(hub.as(ana))).toMatchObject([{ method: 'passkey', factor: null }]);
    expect(listPasskeys(as(ana))).toMatchObject([{ lastUsedAt: hub.clock.now }]);
    await expect(signInWith(device, { verified: false })).rejects.toMatchObject(refused);
  });

  test('is refused for an unknown passkey, a used challenge, another site, and a disabled person', async () => {
    const { device } = await add(ana);
    await expect(signInWith(testPasskey(origin))).rejects.toMatchObject(refused);
    const options = await firstStepOptions(at(), null);
    await signInByPasskey(at(), device.answer(options), from);
    await expect(signInByPasskey(at(), device.answer(options), from)).rejects.toMatchObject(refused);
    const elsewhere = device.answer(await firstStepOptions(at(), null));
    await expect(signInByPasskey(at('https://other.example'), elsewhere, from)).rejects.toMatchObject(
      refused,
    );
    updateUser(hub.as(olga), { userId: ana.id, disabled: true });
    await expect(signInWith(device)).rejects.toMatchObject(refused);
    expect(hub.db.select().from(sessions).all()).toEqual([]);
  });

  test('as the second step, possession is enough, and only the passkey of the same person', async () => {
    const { device } = await add(ana);
    const { device: olgas } = await add(olga);
    const half = await firstStep(ana);
    expect(half.isHalf).toBe(true);
    expect(describeHalfSignIn(hub.ctx, half.token)).toEqual({ hasAuthenticator: false, hasPasskey: true });
    const wrong = olgas.answer(await secondStepOptions(at(), half.token));
    await expect(finishByPasskey(at(), half.token, wrong, from)).rejects.toMatchObject(refused);
    // A challenge of the first step is none of the second one.
    const other = device.answer(await firstStepOptions(at(), null));
    await expect(finishByPasskey(at(), half.token, other, from)).rejects.toMatchObject(refused);
    const options = await secondStepOptions(at(), half.token);
    const whole = await finishByPasskey(at(), half.token, device.answer(options, { verified: false }), from);
    expect(await isSignedIn(whole)).toBe(true);
    expect(listSignIns(hub.as(ana))).toMatchObject([{ method: 'password', factor: 'passkey' }]);
  });

  test('who lost the device uses a recovery code, or an owner resets it', async () => {
    const { codes } = await add(ana);
    const half = await firstStep(ana);
    expect(await isSignedIn(await finishSignIn(at(), half.token, codes![0]!, from))).toBe(true);
    resetSecondFactor(hub.as(olga), ana.id);
    expect(await firstStep(ana)).toMatchObject({ isHalf: false });
    expect(listPasskeys(as(ana))).toEqual([]);
  });

  test('keeps only the newest half sign-ins and challenges of a person', async () => {
    const { device } = await add(ana);
    const oldest = await firstStep(ana);
    let half = oldest;
    let options = '';
    for (let tries = 0; tries < 20; tries++) {
      half = await beginSession(at(), ana, from);
      options = await secondStepOptions(at(), half.token);
    }
    for (let tries = 0; tries < 10; tries++) options = await secondStepOptions(at(), half.token);
    expect(hub.db.select().from(halfSignIns).all()).toHaveLength(20);
    expect(hub.db.select().from(passkeyChallenges).all()).toHaveLength(20);
    expect(() => describeHalfSignIn(hub.ctx, oldest.token)).toThrow(
      expect.objectContaining({ code: 'link_expired' }),
    );
    expect(await isSignedIn(await finishByPasskey(at(), half.token, device.answer(options), from))).toBe(
      true,
    );
  });

  test('limits challenges of strangers', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 40 }, () => firstStepOptions(at(), '198.51.100.1')),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(30);
    expect(hub.db.select().from(passkeyChallenges).all()).toHaveLength(30);
    hub.clock.advance(challengeMs);
    await firstStepOptions(at(), '198.51.100.1');
    expect(hub.db.select().from(passkeyChallenges).all()).toHaveLength(1);
  });
});

describe('a copied passkey', () => {
  test.each([
    [7, 7],
    [7, 3],
    [7, 0],
  ])('is refused when the counter goes from %d to %d, written down and mailed', async (known, told) => {
    const { device } = await add(ana);
    await signInWith(device, { counter: known });
    await expect(signInWith(device, { counter: told })).rejects.toMatchObject(refused);
    expect([...allEntries(hub.db)].at(-1)).toMatchObject({
      action: 'sessions.refuse',
      subject: ana.id,
      details: expect.stringContaining('"reason":"copied"'),
    });
    const notices = hub.db.select().from(notifications).all();
    expect(notices.filter(({ kind }) => kind === 'account.passkeyCopied')).toMatchObject([
      { userId: ana.id, email: ana.email, data: { name: 'Phone', address: '192.0.2.7' } },
    ]);
    // The device that counts on is still the person's own.
    expect(await isSignedIn(await signInWith(device, { counter: known + 1 }))).toBe(true);
  });

  test('is not suspected when the device never counts, or the signature is wrong', async () => {
    const { device } = await add(ana);
    await signInWith(device);
    await signInWith(device);
    await signInWith(device, { counter: 5 });
    const forged = JSON.parse(device.answer(await firstStepOptions(at(), null), { counter: 1 }));
    forged.response.signature = Buffer.from('no signature').toString('base64url');
    await expect(signInByPasskey(at(), JSON.stringify(forged), from)).rejects.toMatchObject(refused);
    const notices = hub.db.select().from(notifications).all();
    expect(notices.filter(({ kind }) => kind === 'account.passkeyCopied')).toEqual([]);
  });

  test('two uses at once of one count do not both succeed', async () => {
    const { device } = await add(ana);
    const answers = [await firstStepOptions(at(), null), await firstStepOptions(at(), null)].map((options) =>
      device.answer(options, { counter: 1 }),
    );
    const outcomes = await Promise.allSettled(answers.map((answer) => signInByPasskey(at(), answer, from)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('removing', () => {
  test('of an app that is not there changes nothing and uses no code', async () => {
    const { codes } = await add(ana);
    await expect(removeSecondFactor(as(ana), { password, code: codes![0]! })).rejects.toMatchObject({
      code: 'nothing_changed',
    });
    expect(secondFactorOf(as(ana)).recoveryCodesLeft).toBe(10);
  });

  test('needs password and code, and does not find those of others', async () => {
    const { codes } = await add(ana);
    const [{ id: passkeyId } = { id: '' }] = listPasskeys(as(ana));
    const proof = { passkeyId, password, code: codes![0]! };
    await expect(removePasskey(as(olga), proof)).rejects.toMatchObject({ code: 'not_found' });
    await expect(removePasskey(as(ana), { ...proof, password: 'wrong' })).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    await expect(removePasskey(as(ana), { ...proof, code: 'AAAA' })).rejects.toMatchObject({
      code: 'factor_refused',
    });
    await removePasskey(as(ana), proof);
    expect(listPasskeys(as(ana))).toEqual([]);
    expect(secondFactorOf(as(ana)).recoveryCodesLeft).toBe(0);
    expect(await firstStep(ana)).toMatchObject({ isHalf: false });
  });
});
