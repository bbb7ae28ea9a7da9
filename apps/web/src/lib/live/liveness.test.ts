import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graceMs, Liveness, lookEveryMs, type Staleness } from './liveness.ts';

let states: (Staleness | null)[];
let looks: number;
let isReachable: boolean;
let liveness: Liveness;

beforeEach(() => {
  vi.useFakeTimers();
  states = [];
  looks = 0;
  isReachable = true;
  liveness = new Liveness({
    onchange: (state) => states.push(state),
    look: () => looks++,
    isReachable: async () => isReachable,
  });
});
afterEach(() => vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a page that hears of changes soon is not stale', async () => {
  liveness.waiting();
  await pass(graceMs - 1);
  liveness.heard();
  await pass(10 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: [], looks: 0 });
});

test('a stream that is open and silent makes the page look by itself, until it hears', async () => {
  liveness.waiting();
  await pass(graceMs);
  expect({ states, looks }).toEqual({ states: ['blocked'], looks: 1 });
  // Each try to connect says that it waits.
  for (let tries = 0; tries < 3 * (lookEveryMs / 2_000); tries++) {
    liveness.waiting();
    await pass(2_000);
  }
  expect({ states, looks }).toEqual({ states: ['blocked'], looks: 4 });
  liveness.heard();
  await pass(10 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['blocked', null], looks: 4 });
});

test('a hub that does not answer is not asked for pages', async () => {
  isReachable = false;
  liveness.waiting();
  await pass(graceMs + 2 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['unreachable'], looks: 0 });
  isReachable = true;
  await pass(lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['unreachable', 'blocked'], looks: 1 });
});

test('somebody who asks gets a look at once, and the next one in its time', async () => {
  liveness.waiting();
  await pass(graceMs + lookEveryMs - 1);
  liveness.lookNow();
  await pass(0);
  expect(looks).toBe(2);
  await pass(lookEveryMs - 1);
  expect(looks).toBe(2);
  await pass(1);
  expect(looks).toBe(3);
});

test('asking and connecting at once do not look twice as often', async () => {
  liveness.lookNow();
  liveness.waiting();
  await pass(10 * lookEveryMs);
  expect(looks).toBe(11);
});

test('a hidden page asks for nothing', async () => {
  liveness.waiting();
  await pass(graceMs);
  liveness.stop();
  await pass(10 * lookEveryMs);
  expect(looks).toBe(1);
});

test('what is heard while the hub is being asked counts', async () => {
  let answer: (isReachable: boolean) => void = () => {};
  const slow = new Liveness({
    onchange: (state) => states.push(state),
    look: () => looks++,
    isReachable: () => new Promise((resolve) => (answer = resolve)),
  });
  slow.waiting();
  await pass(graceMs);
  slow.heard();
  answer(false);
  await pass(lookEveryMs);
  expect({ states, looks }).toEqual({ states: [], looks: 0 });
});
