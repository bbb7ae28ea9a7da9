import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authenticators, halfSignIns, recoveryCodes, sessions } from '@turnover/db/schema/accounts';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { halfSignInMs, codeStepMs } from '@turnover/domain/people/second-factors';
import { roles } from '@turnover/domain/people/projects';
import { allEntries } from '../audit/verify.ts';
import type { Person } from '../context.ts';
import { endOldAccess } from '../server/end-old-access.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { changePassword, createOwner, updateUser } from './accounts.ts';
import { factorPolicy, requireFactor } from './factor-policy.ts';
import { createResetLink, resetPassword } from './links.ts';
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
  authenticateHeld,
  beginSession,
  describeHalfSignIn,
  finishSignIn,
  signIn,
  signOut,
} from './sign-in.ts';
import { listSignIns } from './sign-ins.ts';
import { createToken } from './tokens.ts';
import { codeAt, readKey, stepOf } from './totp.ts';

const password = 'a long enough password';
const from = { address: '192.0.2.7', userAgent: '' };
const key = newAuthenticatorKey();

let hub: TestHub;
let olga: Person;
let ana: Person;
beforeEach(async () => {
  hub = await testHub();
  hub.db
    .insert(hubTable)
    .values({ id: hub.ctx.newId('hub'), createdAt: 0 })
    .run();
  olga = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  ana = await createOwner(hub.ctx, { name: 'Ana', email: 'ana@example.test', password });
});
afterEach(() => hub.close());

/** The code of an app whose clock is wrong by so many steps. */
const codeNow = (steps = 0, of = key) => codeAt(readKey(of), stepOf(hub.clock.now) + steps);
const setUp = (person: Person, code = codeNow()) =>
  setUpSecondFactor(hub.as(person), { key, code, password });
const firstStep = (person: Person) => signIn(hub.ctx, { email: person.email, password }, from);
const nextStep = () => hub.clock.advance(codeStepMs);
const bySession = ({ token }: { token: string }) => authenticate(hub.ctx, { sessionToken: token });
const refused = (reason: string) => ({ code: 'factor_refused', details: { reason } });
const noticesOf = ({ id }: Person) =>
  hub.db
    .select()
    .from(notifications)
    .all()
    .filter(({ kind, userId }) => kind === 'account.secondFactor' && userId === id);

/** Signs in with both steps. */
async function signInWith(person: Person, code: string) {
  return finishSignIn(hub.ctx, (await firstStep(person)).token, code, from);
}

describe('setting up', () => {
  test('needs the password and a code of the key, and returns ten recovery codes once', async () => {
    const wrongPassword = setUpSecondFactor(hub.as(ana), { key, code: codeNow(), password: 'wrong' });
    await expect(wrongPassword).rejects.toMatchObject({ code: 'sign_in_refused' });
    await expect(setUp(ana, '000000')).rejects.toMatchObject(refused('wrong'));
    expect(secondFactorOf(hub.as(ana))).toMatchObject({ since: null, recoveryCodesLeft: 0 });
    const codes = await setUp(ana, ` ${codeNow().slice(0, 3)} ${codeNow().slice(3)}`);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(secondFactorOf(hub.as(ana))).toEqual({
      since: hub.clock.now,
      recoveryCodesLeft: 10,
      isRequired: false,
    });
    await expect(setUp(ana)).rejects.toMatchObject({ code: 'conflict' });
    expect(noticesOf(ana)).toMatchObject([{ data: { change: 'on' } }]);
    expect([...allEntries(hub.db)].map(({ action }) => action)).toContain('secondFactor.setUp');
  });

  test.each([-20, -2, 2, 7])('says that a clock is wrong by %d steps', async (steps) => {
    const minutes = Math.ceil(Math.abs(steps) / 2);
    await expect(setUp(ana, codeNow(steps))).rejects.toMatchObject({
      code: 'factor_refused',
      details: { reason: 'skewed', minutes },
    });
  });

  test.each([-1, 0, 1])('accepts a clock that is wrong by %d steps', async (steps) => {
    expect(await setUp(ana, codeNow(steps))).toHaveLength(10);
  });

  test('stores neither the key nor a recovery code in readable form', async () => {
    const codes = await setUp(ana);
    const rows = [hub.db.select().from(authenticators).all(), hub.db.select().from(recoveryCodes).all()];
    const stored = JSON.stringify(rows);
    for (const secret of [key, readKey(key).toString('base64'), readKey(key).toString('hex'), ...codes])
      expect(stored).not.toContain(secret);
  });

  test('the key of one person cannot be moved to another', async () => {
    await setUp(ana);
    await setUp(olga);
    const [row] = hub.db.select().from(authenticators).all();
    hub.db.update(authenticators).set({ sealedKey: row!.sealedKey, lastStep: 0 }).run();
    nextStep();
    const outcomes = await Promise.allSettled([ana, olga].map((person) => signInWith(person, codeNow())));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('signing in', () => {
  test('takes two steps, and the first one opens nothing', async () => {
    await setUp(ana);
    nextStep();
    const half = await firstStep(ana);
    expect(half).toMatchObject({ isHalf: true, device: null });
    expect(await bySession(half)).toBeNull();
    expect(await authenticateHeld(hub.ctx, { sessionToken: half.token })).toBeNull();
    expect(hub.db.select().from(sessions).all()).toEqual([]);
    expect(JSON.stringify(hub.db.select().from(halfSignIns).all())).not.toContain(half.token);
    const whole = await finishSignIn(hub.ctx, half.token, codeNow(), from);
    expect(whole.isHalf).toBe(false);
    expect(await bySession(whole)).toMatchObject({ person: { id: ana.id } });
    expect(listSignIns(hub.as(ana))).toMatchObject([{ method: 'password', factor: 'code' }]);
    nextStep();
    await expect(finishSignIn(hub.ctx, half.token, codeNow(), from)).rejects.toMatchObject({
      code: 'link_expired',
    });
  });

  test('a link that works once does not replace the second step', async () => {
    await setUp(ana);
    const secret = createResetLink(hub.ctx, ana.email).split('/').at(-1)!;
    const { person } = await resetPassword(hub.ctx, secret, 'another long password');
    expect(await beginSession(hub.ctx, person, from)).toMatchObject({ isHalf: true });
  });

  test('refuses a code that was used, and those before it', async () => {
    await setUp(ana, codeNow(0));
    await expect(signInWith(ana, codeNow(0))).rejects.toMatchObject(refused('used'));
    await expect(signInWith(ana, codeNow(-1))).rejects.toMatchObject(refused('used'));
    nextStep();
    await signInWith(ana, codeNow());
    await expect(signInWith(ana, codeNow())).rejects.toMatchObject(refused('used'));
  });

  test('two sign-ins at once do not both use one code', async () => {
    await setUp(ana);
    nextStep();
    const halves = [await firstStep(ana), await firstStep(ana)];
    const outcomes = await Promise.allSettled(
      halves.map(({ token }) => finishSignIn(hub.ctx, token, codeNow(), from)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    [-2, false],
    [-1, true],
    [1, true],
    [2, false],
  ])('with a clock that is wrong by %d steps: %s', async (steps, isAccepted) => {
    await setUp(ana);
    hub.clock.advance(10 * codeStepMs);
    const outcome = signInWith(ana, codeNow(steps));
    if (isAccepted) expect(await bySession(await outcome)).not.toBeNull();
    // Says "wrong" and not "skewed": who guesses must not learn codes of a later time.
    else await expect(outcome).rejects.toMatchObject(refused('wrong'));
  });

  test('a recovery code works once, however it is typed', async () => {
    const [code, other] = await setUp(ana);
    const typed = ` ${code!.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `;
    await signInWith(ana, typed);
    expect(listSignIns(hub.as(ana))).toMatchObject([{ factor: 'recoveryCode' }]);
    await expect(signInWith(ana, code!)).rejects.toMatchObject(refused('wrong'));
    expect(secondFactorOf(hub.as(ana)).recoveryCodesLeft).toBe(9);
    await setUp(olga);
    await expect(signInWith(olga, other!)).rejects.toMatchObject(refused('wrong'));
  });

  test('waits ten minutes for the second step', async () => {
    await setUp(ana);
    const half = await firstStep(ana);
    hub.clock.advance(halfSignInMs - 1);
    describeHalfSignIn(hub.ctx, half.token);
    hub.clock.advance(1);
    expect(() => describeHalfSignIn(hub.ctx, half.token)).toThrow(
      expect.objectContaining({ code: 'link_expired' }),
    );
  });

  const endings: [string, () => unknown][] = [
    [
      'a changed password',
      () =>
        changePassword(hub.as(ana), { current: password, next: 'another long password', keepTokens: true }),
    ],
    ['a disabled account', () => updateUser(hub.as(olga), { userId: ana.id, disabled: true })],
    ['the reset of the factor', () => resetSecondFactor(hub.as(olga), ana.id)],
    ['a restored backup', () => inTransaction(hub.db, (tx) => endOldAccess(tx, hub.clock.now))],
  ];
  test.each(endings)('%s ends what was begun', async (_, end) => {
    await setUp(ana);
    nextStep();
    const half = await firstStep(ana);
    await end();
    await expect(finishSignIn(hub.ctx, half.token, codeNow(), from)).rejects.toMatchObject({
      code: 'link_expired',
    });
  });

  test('limits wrong codes by the minute and by the day, and writes them down', async () => {
    await setUp(ana);
    const half = await firstStep(ana);
    const guess = (address: string) => finishSignIn(hub.ctx, half.token, '000000', { ...from, address });
    const codesOf = async (address: string) => {
      let wrong = 0;
      for (let tries = 0; tries < 7; tries++) {
        const error = (await guess(address).catch((caught: unknown) => caught)) as { code: string };
        if (error.code === 'factor_refused') wrong++;
        else expect(error).toMatchObject({ code: 'throttled' });
      }
      return wrong;
    };
    expect(await codesOf('198.51.100.1')).toBe(5);
    expect(await codesOf('198.51.100.2')).toBe(5);
    expect(await codesOf('198.51.100.3')).toBe(0);
    const entries = [...allEntries(hub.db)].filter(({ action }) => action === 'sessions.refuse');
    expect(entries).toHaveLength(10);
    expect(entries[0]).toMatchObject({ subject: ana.id, details: expect.stringContaining('"step":"code"') });
  });

  test('a day allows a hundred wrong codes of strangers', async () => {
    await setUp(ana);
    let wrong = 0;
    for (let minute = 0; minute < 12; minute++) {
      hub.clock.advance(60_000);
      const half = await firstStep(ana);
      for (let tries = 0; tries < 11; tries++) {
        const address = `198.51.${minute}.${tries}`;
        const error = await finishSignIn(hub.ctx, half.token, '000000', { ...from, address }).catch(
          (caught: { code: string }) => caught,
        );
        if ('code' in error && error.code === 'factor_refused') wrong++;
      }
    }
    expect(wrong).toBe(100);
  });
});

test('a new password forgives wrong codes once a day, recovery codes still work, and the person gets a notification', async () => {
  const codes = await setUp(ana);
  const guessUp = async (typed: string) => {
    for (let minute = 0; minute < 20; minute++) {
      hub.clock.advance(60_000);
      const half = await beginSession(hub.ctx, ana, from);
      for (let tries = 0; tries < 5; tries++) {
        const guesser = { ...from, address: `198.51.${minute}.${tries}` };
        await finishSignIn(hub.ctx, half.token, typed, guesser).catch(() => undefined);
      }
    }
    hub.clock.advance(60_000);
  };
  const tryCode = async () => {
    const half = await beginSession(hub.ctx, ana, from);
    return finishSignIn(hub.ctx, half.token, codeNow(), from);
  };
  const reset = async (next: string) =>
    resetPassword(hub.ctx, createResetLink(hub.ctx, ana.email).split('/').at(-1)!, next);
  const told = () => noticesOf(ana).filter(({ data }) => data.change === 'wrongCode');
  await guessUp('000000');
  expect(told()).toHaveLength(1);
  await expect(tryCode()).rejects.toMatchObject({ code: 'throttled' });
  const half = await beginSession(hub.ctx, ana, from);
  await finishSignIn(hub.ctx, half.token, codes[0]!, from);
  await reset('another long password');
  await tryCode();
  await guessUp('000000');
  await reset('yet another password');
  await expect(tryCode()).rejects.toMatchObject({ code: 'throttled' });
  expect(told()).toHaveLength(1);
});

describe('changing', () => {
  test('removing needs password and code', async () => {
    await setUp(ana);
    nextStep();
    const proof = { password, code: codeNow() };
    await expect(removeSecondFactor(hub.as(ana), { ...proof, password: 'wrong' })).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    await expect(removeSecondFactor(hub.as(ana), { ...proof, code: '000000' })).rejects.toMatchObject(
      refused('wrong'),
    );
    await removeSecondFactor(hub.as(ana), proof);
    expect(await firstStep(ana)).toMatchObject({ isHalf: false });
    expect(hub.db.select().from(recoveryCodes).all()).toEqual([]);
    expect(noticesOf(ana).map(({ data }) => data.change)).toEqual(['on', 'off']);
  });

  test('wrong codes of a signed-in person are limited too', async () => {
    await setUp(ana);
    const guess = () => removeSecondFactor(hub.as(ana), { password, code: '000000' });
    for (let tries = 0; tries < 5; tries++) await expect(guess()).rejects.toMatchObject(refused('wrong'));
    await expect(guess()).rejects.toMatchObject({ code: 'throttled' });
  });

  test('new recovery codes void the old ones', async () => {
    const old = await setUp(ana);
    const codes = await renewCodes(hub.as(ana), { password, code: old[0]! });
    expect(codes).toHaveLength(10);
    await expect(signInWith(ana, old[1]!)).rejects.toMatchObject(refused('wrong'));
    await signInWith(ana, codes[0]!);
  });

  test('an owner resets that of others only, and the notification names them', async () => {
    await setUp(ana);
    await setUp(olga);
    const reset = (userId: string) => () => resetSecondFactor(hub.as(olga), userId);
    expect(reset(olga.id)).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(reset(hub.ctx.newId('user'))).toThrow(expect.objectContaining({ code: 'not_found' }));
    nextStep();
    const before = await signInWith(ana, codeNow());
    reset(ana.id)();
    expect(await bySession(before)).toBeNull();
    expect(reset(ana.id)).toThrow(expect.objectContaining({ code: 'nothing_changed' }));
    expect(await firstStep(ana)).toMatchObject({ isHalf: false });
    expect(noticesOf(ana).at(-1)).toMatchObject({ actorId: olga.id, data: { change: 'reset' } });
  });

  test('a restored backup keeps the authenticator and voids the recovery codes', async () => {
    const codes = await setUp(ana);
    inTransaction(hub.db, (tx) => endOldAccess(tx, hub.clock.now));
    await expect(signInWith(ana, codes[0]!)).rejects.toMatchObject(refused('wrong'));
    nextStep();
    await signInWith(ana, codeNow());
  });
});

describe('a role that requires it', () => {
  test.each(roles)('holds a %s until a second factor is set up; others and tokens go on', async (role) => {
    const project = hub.createProject();
    hub.addMember(project, ana, role);
    hub.addMember(
      project,
      olga,
      roles.find((other) => other !== role)!,
    );
    const [anas, olgas] = [await firstStep(ana), await firstStep(olga)];
    const { token } = createToken(hub.as(ana), { name: 'Script' });
    requireFactor(hub.as(olga), { roles: [role] });
    expect(await bySession(anas)).toBeNull();
    expect(await authenticateHeld(hub.ctx, { sessionToken: anas.token })).toMatchObject({
      person: { id: ana.id },
    });
    expect(await bySession(olgas)).not.toBeNull();
    expect(await authenticateHeld(hub.ctx, { sessionToken: olgas.token })).toBeNull();
    expect(await authenticate(hub.ctx, { authorization: `Bearer ${token}` })).not.toBeNull();
    expect(secondFactorOf(hub.as(ana)).isRequired).toBe(true);
    await setUp(ana);
    expect(await bySession(anas)).not.toBeNull();
    expect(await authenticateHeld(hub.ctx, { sessionToken: anas.token })).toBeNull();
  });

  test('holds owners, also after they removed theirs, until it is required no longer', async () => {
    await setUp(ana);
    nextStep();
    const session = await signInWith(ana, codeNow());
    requireFactor(hub.as(ana), { roles: ['owner', 'owner'] });
    expect(factorPolicy(hub.as(ana))).toEqual({ roles: ['owner'], withFactor: 1, people: 2 });
    expect(await bySession(session)).not.toBeNull();
    nextStep();
    await removeSecondFactor(hub.as(ana), { password, code: codeNow() });
    expect(await bySession(session)).toBeNull();
    requireFactor(hub.as(ana), { roles: [] });
    expect(await bySession(session)).not.toBeNull();
    signOut(hub.ctx, session.token);
    expect(await authenticateHeld(hub.ctx, { sessionToken: session.token })).toBeNull();
  });
});
