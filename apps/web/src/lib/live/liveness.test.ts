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

test('a page that receives updates soon is not stale', async () => {
  liveness.waiting();
  await pass(graceMs - 1);
  liveness.heard();
  await pass(10 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: [], looks: 0 });
});

test('an open but silent stream makes the page reload by itself until updates arrive', async () => {
  liveness.waiting();
  await pass(graceMs);
  expect({ states, looks }).toEqual({ states: ['blocked'], looks: 1 });
  // Each attempt to connect calls `waiting`.
  for (let tries = 0; tries < 3 * (lookEveryMs / 2_000); tries++) {
    liveness.waiting();
    await pass(2_000);
  }
  expect({ states, looks }).toEqual({ states: ['blocked'], looks: 4 });
  liveness.heard();
  await pass(10 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['blocked', null], looks: 4 });
});

test('loads no pages while the hub does not answer', async () => {
  isReachable = false;
  liveness.waiting();
  await pass(graceMs + 2 * lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['unreachable'], looks: 0 });
  isReachable = true;
  await pass(lookEveryMs);
  expect({ states, looks }).toEqual({ states: ['unreachable', 'blocked'], looks: 1 });
});

test('a look on request happens at once, and the next one at the usual time', async () => {
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

test('looking on request while connecting does not double the looks', async () => {
  liveness.lookNow();
  liveness.waiting();
  await pass(10 * lookEveryMs);
  expect(looks).toBe(11);
});

test('a hidden page sends no queries', async () => {
  liveness.waiting();
  await pass(graceMs);
  liveness.stop();
  await pass(10 * lookEveryMs);
  expect(looks).toBe(1);
});

test('an update that arrives during the check counts', async () => {
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
