import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownOrigins } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { createOwner, findUser } from './accounts.ts';
import { authenticate, beginSession, signIn } from './sign-in.ts';
import { createResetLink, mailResetLink, newMailedReset, resetPassword } from './links.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { giveGuessBack, takeGuess } from './throttle.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const minute = 60_000;

/** Returns how many of `times` guesses are accepted for checking. */
function guess(times: number, email: string, addressOf: (index: number) => string | null): number {
  let taken = 0;
  for (let index = 0; index < times; index++) {
    try {
      takeGuess(hub.ctx, { email, address: addressOf(index) });
      taken++;
    } catch (error) {
      expect(error).toMatchObject({ code: 'throttled' });
    }
  }
  return taken;
}

test('one account allows at most ten guesses a minute, from all addresses together', () => {
  const times: number[] = [];
  for (let second = 0; second < 300; second++) {
    if (guess(1, 'ana@example.test', () => `10.0.${second % 250}.1`) === 1) times.push(hub.clock.now);
    hub.clock.advance(1000);
  }
  const most = Math.max(
    ...times.map((start) => times.filter((time) => time >= start && time < start + minute).length),
  );
  expect(most).toBeLessThanOrEqual(10);
  expect(times.length).toBeGreaterThan(10);
});

test('one address may make a limited number of guesses at all accounts together', () => {
  let taken = 0;
  for (let index = 0; index < 500; index++)
    taken += guess(1, `person${index}@example.test`, () => '10.0.0.1');
  expect(taken).toBe(30);
  expect(guess(1, 'ana@example.test', () => '10.0.0.2')).toBe(1);
});

test('a right guess is not counted, and does not allow further wrong ones', () => {
  const ana = { email: 'ana@example.test', address: '10.0.0.1' };
  for (let index = 0; index < 100; index++) giveGuessBack(hub.ctx, takeGuess(hub.ctx, ana));
  expect(guess(4, ana.email, () => ana.address)).toBe(4);
  giveGuessBack(hub.ctx, takeGuess(hub.ctx, ana));
  expect(guess(5, ana.email, () => ana.address)).toBe(1);
});

test('the error states how long to wait, and another spelling of the address does not help', () => {
  guess(5, 'ana@example.test', () => '10.0.0.1');
  hub.clock.advance(20_000);
  expect(() => takeGuess(hub.ctx, { email: ' ANA@example.test ', address: '::ffff:10.0.0.1' })).toThrow(
    expect.objectContaining({ code: 'throttled', details: { retryAfterSeconds: 40 } }),
  );
});

test('nobody is locked out after the clock was set back', () => {
  guess(5, 'ana@example.test', () => '10.0.0.1');
  hub.clock.advance(-24 * 60 * minute);
  expect(guess(1, 'ana@example.test', () => '10.0.0.1')).toBe(1);
});

describe('guesses do not lock people out of their own account', () => {
  const password = 'a long enough password';
  const olga = { email: 'olga@example.test', password };
  const home = { address: '203.0.113.5', userAgent: '' };
  /** Any number of attackers, each in a separate network. */
  const attacker = (index: number) => ({
    address: index % 2 ? `198.51.${index % 250}.7` : `2001:db8:0:${index.toString(16)}::1`,
    userAgent: '',
  });

  beforeEach(async () => {
    await createOwner(hub.ctx, { name: 'Olga', ...olga });
  });

  /** Uses up all guesses that strangers have, from many addresses. */
  function drain(email = olga.email) {
    for (let index = 0; index < 60; index++) guess(1, email, () => attacker(index).address);
    expect(guess(1, email, () => '192.0.2.1')).toBe(0);
  }

  test('a browser that signed in before can sign in from anywhere', async () => {
    const { device } = await signIn(hub.ctx, olga, home);
    drain();
    const abroad = { address: '192.0.2.99', userAgent: '', device };
    expect(await signIn(hub.ctx, olga, abroad)).toMatchObject({ device });
    // Its own wrong guesses are limited too.
    for (let index = 0; index < 5; index++) takeGuess(hub.ctx, { email: olga.email, ...abroad });
    await expect(signIn(hub.ctx, olga, abroad)).rejects.toMatchObject({ code: 'throttled' });
    hub.clock.advance(minute);
    drain();
    expect(await signIn(hub.ctx, olga, abroad)).toHaveProperty('token');
  });

  test('a new browser can sign in from a known address, however the address is written', async () => {
    await signIn(hub.ctx, olga, home);
    await signIn(hub.ctx, olga, { ...home, address: '2001:db8:aaaa:1::5' });
    drain();
    for (const address of ['203.0.113.5', '::ffff:203.0.113.5', '2001:DB8:aaaa:1:ffff::77']) {
      expect(await signIn(hub.ctx, olga, { ...home, address })).toHaveProperty('token');
    }
    await expect(signIn(hub.ctx, olga, { ...home, address: '203.0.113.6' })).rejects.toMatchObject({
      code: 'throttled',
    });
    await expect(signIn(hub.ctx, olga, { ...home, address: '2001:db8:aaaa:2::5' })).rejects.toMatchObject({
      code: 'throttled',
    });
  });

  test('one attacker leaves guesses for a new browser at a new address', async () => {
    expect(guess(40, olga.email, () => attacker(1).address)).toBe(5);
    // A whole /64 network counts as one attacker.
    expect(guess(40, olga.email, (index) => `2001:db8:0:2::${index.toString(16)}`)).toBe(5);
    hub.clock.advance(minute);
    expect(guess(40, olga.email, (index) => `2001:db8:0:2::${index.toString(16)}`)).toBe(5);
    expect(await signIn(hub.ctx, olga, home)).toHaveProperty('token');
  });

  test('somebody with a new browser and a new address can sign in by a mailed link while many attackers guess', async () => {
    drain();
    await expect(signIn(hub.ctx, olga, home)).rejects.toMatchObject({ code: 'throttled' });
    mailResetLink(hub.ctx, olga.email, home.address);
    const { id } = findUser(hub.db, olga.email)!;
    const secret = inTransaction(hub.db, (tx) => newMailedReset(tx, hub.ctx, id))!;
    const { person } = await resetPassword(hub.ctx, secret, 'a new long password');
    const { token, device } = await beginSession(hub.ctx, person, home);
    expect(await authenticate(hub.ctx, { sessionToken: token })).toMatchObject({ via: 'session' });
    expect(
      await signIn(hub.ctx, { ...olga, password: 'a new long password' }, { ...home, device }),
    ).toHaveProperty('token');
  });

  test('a browser is known only for accounts that signed in with it, and nobody can plant a secret', async () => {
    const ana = await createOwner(hub.ctx, { name: 'Ana', email: 'ana@example.test', password });
    const { device } = await signIn(hub.ctx, olga, home);
    drain(ana.email);
    const elsewhere = { address: '192.0.2.50', userAgent: '' };
    await expect(
      signIn(hub.ctx, { email: ana.email, password }, { ...elsewhere, device }),
    ).rejects.toMatchObject({ code: 'throttled' });
    for (const planted of ['chosen-by-the-attacker', '', 'x'.repeat(10_000)]) {
      hub.clock.advance(minute);
      const given = await signIn(hub.ctx, olga, { ...elsewhere, device: planted });
      expect(given.device).not.toBe(planted);
    }
    expect(JSON.stringify(hub.db.select().from(knownOrigins).all())).not.toContain(device);
  });

  test('a reset and disabling delete the known origins, and only a few are kept', async () => {
    for (let index = 0; index < 30; index++) {
      hub.clock.advance(minute);
      await beginSession(hub.ctx, findUser(hub.db, olga.email)!, attacker(index));
    }
    const kept = hub.db.select().from(knownOrigins).all();
    expect(kept.filter(({ kind }) => kind === 'device')).toHaveLength(20);
    expect(kept.filter(({ kind }) => kind === 'address')).toHaveLength(20);
    const link = createResetLink(hub.ctx, olga.email).split('/').at(-1)!;
    await resetPassword(hub.ctx, link, 'a new long password');
    expect(hub.db.select().from(knownOrigins).all()).toEqual([]);
  });

  test('strangers get at most ten guesses a minute, whatever they send and wherever they are', () => {
    const come = fc.record({
      waitMs: fc.integer({ min: 0, max: 9000 }),
      attacker: fc.integer({ min: 0, max: 40 }),
      device: fc.option(fc.string({ maxLength: 8 })),
    });
    fc.assert(
      fc.property(fc.array(come, { maxLength: 60 }), (comes) => {
        hub.clock.advance(10 * minute);
        const taken: number[] = [];
        for (const { waitMs, attacker: index, device } of comes) {
          hub.clock.advance(waitMs);
          try {
            takeGuess(hub.ctx, { email: olga.email, address: attacker(index).address, device });
            taken.push(hub.clock.now);
          } catch (error) {
            expect(error).toMatchObject({ code: 'throttled' });
          }
        }
        for (const start of taken) {
          expect(taken.filter((at) => at >= start && at < start + minute).length).toBeLessThanOrEqual(10);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('behind a proxy that everybody shares, only the account is counted', async () => {
    expect(guess(50, olga.email, () => null)).toBe(10);
    expect(guess(50, 'ana@example.test', () => null)).toBe(10);
    const { device } = await beginSession(hub.ctx, findUser(hub.db, olga.email)!, {
      ...home,
      address: null,
    });
    expect(await signIn(hub.ctx, olga, { address: null, userAgent: '', device })).toHaveProperty('token');
  });
});

describe('a mailed link for a new password', () => {
  const waiting = () =>
    hub.db.$client.prepare(`select count(*) from notifications where kind = 'account.reset'`).pluck().get();

  test('can be asked for a limited number of times, and reveals nothing about accounts', () => {
    hub.createPerson({ email: 'ana@example.test' });
    const ask = (email: string, address: string) => mailResetLink(hub.ctx, email, address);
    for (const email of ['ana@example.test', 'nobody@example.test']) {
      for (let index = 0; index < 3; index++) ask(email, '10.0.0.1');
      expect(() => ask(email, '10.0.0.1')).toThrow(expect.objectContaining({ code: 'throttled' }));
      for (let index = 0; index < 7; index++) ask(email, `10.1.0.${index}`);
      expect(() => ask(email, '10.2.0.1')).toThrow(expect.objectContaining({ code: 'throttled' }));
    }
    expect(waiting()).toBe(10);
    hub.clock.advance(60 * minute);
    ask('ana@example.test', '10.0.0.1');
    expect(waiting()).toBe(11);
  });

  test('is not promised without a mail server', () => {
    const ctx = { ...hub.ctx, mail: { configured: false } };
    expect(() => mailResetLink(ctx, 'ana@example.test', '10.0.0.1')).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
  });
});
