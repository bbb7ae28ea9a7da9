import { afterEach, beforeEach, expect, test } from 'vitest';
import { testHub, type TestHub } from './testing.ts';
import { giveGuessBack, takeGuess } from './throttle.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const minute = 60_000;

/** How many of `times` guesses are let through. */
function guess(times: number, email: string, addressOf: (index: number) => string): number {
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

test('one account takes at most ten guesses in any minute, from however many addresses', () => {
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

test('one address takes a bounded number of guesses at however many accounts', () => {
  let taken = 0;
  for (let index = 0; index < 500; index++)
    taken += guess(1, `person${index}@example.test`, () => '10.0.0.1');
  expect(taken).toBe(30);
  expect(guess(1, 'ana@example.test', () => '10.0.0.2')).toBe(1);
});

test('a right guess does not count, and buys no further wrong ones', () => {
  const ana = { email: 'ana@example.test', address: '10.0.0.1' };
  for (let index = 0; index < 100; index++) giveGuessBack(hub.ctx, takeGuess(hub.ctx, ana));
  expect(guess(4, ana.email, () => ana.address)).toBe(4);
  giveGuessBack(hub.ctx, takeGuess(hub.ctx, ana));
  expect(guess(5, ana.email, () => ana.address)).toBe(1);
});

test('the refusal says how long to wait, and writing the address differently is no way around', () => {
  guess(5, 'ana@example.test', () => '10.0.0.1');
  hub.clock.advance(20_000);
  expect(() => takeGuess(hub.ctx, { email: ' ANA@example.test ', address: '::ffff:10.0.0.1' })).toThrow(
    expect.objectContaining({ code: 'throttled', details: { retryAfterSeconds: 40 } }),
  );
});

test('a clock that was set back locks nobody out', () => {
  guess(5, 'ana@example.test', () => '10.0.0.1');
  hub.clock.advance(-24 * 60 * minute);
  expect(guess(1, 'ana@example.test', () => '10.0.0.1')).toBe(1);
});
