import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Admission, type Place } from './admission.ts';

/** A transfer that leaves when it is asked to make way, either at once or only when the test says so. */
class Transfer {
  bytesPerSecond: number;
  wasAsked = false;
  readonly place: Place;

  constructor(place: Place, bytesPerSecond: number, leavesAtOnce: boolean) {
    this.place = place;
    this.bytesPerSecond = bytesPerSecond;
    this.#leavesAtOnce = leavesAtOnce;
    place.run(this);
  }

  readonly #leavesAtOnce: boolean;

  makeWay(): void {
    this.wasAsked = true;
    if (this.#leavesAtOnce) setImmediate(() => this.place.leave());
  }
}

const fast = 1_000_000;

async function enter(admission: Admission, userId: string, { speed = fast, leaves = true } = {}) {
  const place = await admission.enter(userId);
  return place && new Transfer(place, speed, leaves);
}

async function enterMany(admission: Admission, userId: string, times: number, options = {}) {
  const entered: Transfer[] = [];
  for (let count = 0; count < times; count++) {
    const transfer = await enter(admission, userId, options);
    if (transfer) entered.push(transfer);
  }
  return entered;
}

test('limits places per person and in total, and reserves some for people who have none', async () => {
  const admission = new Admission({ perUser: 4, total: 6, kept: 2, maxWaitMs: 1 });
  const ada = await enterMany(admission, 'ada', 9);
  expect(ada).toHaveLength(4);
  expect(await enter(admission, 'ben')).not.toBeNull();
  expect(await enter(admission, 'cleo')).not.toBeNull();
  ada[0]!.place.leave();
  ada[0]!.place.leave();
  // The freed place is one of the reserved ones.
  expect(await enter(admission, 'ada')).toBeNull();
  expect(await enter(admission, 'dora')).not.toBeNull();
});

test('a ninth person gets a place although eight people hold all they can get', async () => {
  const admission = new Admission({ perUser: 32, total: 256, kept: 32 });
  const held: Transfer[][] = [];
  for (let person = 0; person < 8; person++) held.push(await enterMany(admission, `slow ${person}`, 40));
  const left = held.map((transfers) => transfers.filter(({ wasAsked }) => !wasAsked).length);
  // Each newcomer made the others give up places, down to equal shares.
  expect(Math.max(...left) - Math.min(...left)).toBeLessThanOrEqual(1);
  expect(left.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(225);
  const newcomer = await Promise.race([
    enter(admission, 'new'),
    new Promise((resolve) => setImmediate(resolve)),
  ]);
  expect(newcomer).toBeInstanceOf(Transfer);
});

test('when all places are taken, the person with the most gives up their slowest transfer', async () => {
  const admission = new Admission({ perUser: 5, total: 8, kept: 0 });
  const greedy = await enterMany(admission, 'greedy', 5);
  const modest = await enterMany(admission, 'modest', 3);
  greedy[3]!.bytesPerSecond = 10;
  modest[0]!.bytesPerSecond = 0;
  const newcomer = await enter(admission, 'new');
  expect(newcomer).not.toBeNull();
  expect(greedy.map(({ wasAsked }) => wasAsked)).toEqual([false, false, false, true, false]);
  expect(modest.some(({ wasAsked }) => wasAsked)).toBe(false);
  // Up to an equal share and no further: 3, 3 and 2.
  expect(await enter(admission, 'new')).not.toBeNull();
  expect(await enter(admission, 'new')).toBeNull();
});

test('a newcomer waits until the other transfer has left, and is refused when that takes too long', async () => {
  const admission = new Admission({ perUser: 4, total: 4, kept: 0, maxWaitMs: 40 });
  const [first] = await enterMany(admission, 'greedy', 4, { leaves: false });
  const waiting = enter(admission, 'new');
  await new Promise((resolve) => setTimeout(resolve, 10));
  first!.place.leave();
  expect(await waiting).not.toBeNull();
  expect(await enter(admission, 'other')).toBeNull();
});

test('when everybody has one place, only a very slow transfer makes way', async () => {
  const admission = new Admission({ perUser: 4, total: 3, kept: 0, maxWaitMs: 5 });
  const [one] = await enterMany(admission, 'one', 1);
  await enterMany(admission, 'two', 1);
  await enterMany(admission, 'three', 1);
  expect(await enter(admission, 'new')).toBeNull();
  one!.bytesPerSecond = 1000;
  expect(await enter(admission, 'new')).not.toBeNull();
  expect(one!.wasAsked).toBe(true);
});

test('a place that gets its transfer after it was asked to yield makes way at once', async () => {
  const admission = new Admission({ perUser: 4, total: 2, kept: 0, maxWaitMs: 20 });
  const places = [(await admission.enter('greedy'))!, (await admission.enter('greedy'))!];
  // Neither has a transfer yet, so neither can be asked.
  expect(await admission.enter('new')).toBeNull();
  const transfers = places.map((place) => new Transfer(place, fast, true));
  expect(await enter(admission, 'new')).not.toBeNull();
  expect(transfers.filter(({ wasAsked }) => wasAsked)).toHaveLength(1);
});

test('never exceeds the total, and never refuses a person without a place while another has two', async () => {
  const people = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.record({ who: people, speed: fc.integer({ min: 0, max: 100_000 }), leaves: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const admission = new Admission({ perUser: 4, total: 7, kept: 1, maxWaitMs: 200 });
      const running = new Set<{ who: string; transfer: Transfer }>();
      const countOf = (who: string) => [...running].filter((each) => each.who === who).length;
      for (const { who, speed, leaves } of steps) {
        if (leaves) {
          const [first] = [...running].filter((each) => each.who === who);
          if (first) running.delete(first);
          first?.transfer.place.leave();
          continue;
        }
        const most = Math.max(0, ...[...running].map((each) => countOf(each.who)));
        const transfer = await enter(admission, who, { speed });
        for (const each of running) if (each.transfer.wasAsked) running.delete(each);
        if (transfer) running.add({ who, transfer });
        else if (most >= 2) expect(countOf(who)).toBeGreaterThan(0);
        expect(running.size).toBeLessThanOrEqual(7);
        expect(countOf(who)).toBeLessThanOrEqual(4);
      }
    }),
    { numRuns: 40 },
  );
});
