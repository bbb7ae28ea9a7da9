// With a fake clock: each transfer reads as fast as it is let, and the exact moments of its reads are compared.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RateLimits, RateSchedule } from '@turnover/domain/server/rates';
import { RateLimiter } from './rate-limiter.ts';

const MB = 1_000_000;
const always = (bytesPerSecond: number | null): RateSchedule => ({ spans: [], otherwise: bytesPerSecond });
const noon = new Date(2026, 0, 5, 12).getTime();

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
});
afterEach(() => {
  vi.useRealTimers();
});

const limiterOf = (limits: Partial<RateLimits>) =>
  new RateLimiter(
    { total: always(null), person: always(null), ...limits },
    { clock: Date.now, elapsedMs: () => Date.now() - noon },
  );

/** Reads pieces until it is aborted. Returns the moments of the reads. */
function transfer(limiter: RateLimiter, personId: string, pieceBytes: number, pieces = Infinity) {
  const ending = new AbortController();
  const throttle = limiter.throttleOf(personId, ending.signal);
  const reads: number[] = [];
  const done = (async () => {
    await throttle(0);
    while (!ending.signal.aborted && reads.length < pieces) {
      reads.push(Date.now() - noon);
      await throttle(pieceBytes);
    }
  })();
  return { reads, done, end: () => ending.abort() };
}

test('one transfer has the whole rate, and its first piece is not delayed', async () => {
  const { reads, end } = transfer(limiterOf({ total: always(MB) }), 'ana', 100_000);
  await vi.advanceTimersByTimeAsync(1000);
  end();
  expect(reads).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
});

test('transfers share the rate, and each gets its turn', async () => {
  const limiter = limiterOf({ total: always(MB) });
  const all = ['ana', 'ben', 'cleo'].map((name) => transfer(limiter, name, 100_000));
  await vi.advanceTimersByTimeAsync(1000);
  for (const each of all) each.end();
  expect(all.map(({ reads }) => reads)).toEqual([
    [0, 100, 400, 700, 1000],
    [0, 200, 500, 800],
    [0, 300, 600, 900],
  ]);
});

test('the transfers of one person share their rate, and other people have their own', async () => {
  const limiter = limiterOf({ person: always(MB) });
  const all = ['ana', 'ana', 'ben'].map((name) => transfer(limiter, name, 100_000));
  await vi.advanceTimersByTimeAsync(400);
  for (const each of all) each.end();
  expect(all.map(({ reads }) => reads)).toEqual([
    [0, 100, 300],
    [0, 200, 400],
    [0, 100, 200, 300, 400],
  ]);
});

test('the lower of both rates holds', async () => {
  const { reads, end } = transfer(limiterOf({ total: always(MB), person: always(MB / 2) }), 'ana', 100_000);
  await vi.advanceTimersByTimeAsync(400);
  end();
  expect(reads).toEqual([0, 200, 400]);
});

test('a new request waits for the bytes of the one before', async () => {
  const limiter = limiterOf({ person: always(MB) });
  await Promise.all([
    transfer(limiter, 'ana', 300_000, 1).done,
    vi.advanceTimersByTimeAsync(0).then(async () => {
      const next = transfer(limiter, 'ana', 300_000, 1);
      await vi.advanceTimersByTimeAsync(1000);
      expect(next.reads).toEqual([300]);
    }),
  ]);
});

test('idle time earns nothing', async () => {
  const limiter = limiterOf({ total: always(MB) });
  await vi.advanceTimersByTimeAsync(60_000);
  const { reads, end } = transfer(limiter, 'ana', 100_000);
  await vi.advanceTimersByTimeAsync(200);
  end();
  expect(reads.map((at) => at - 60_000)).toEqual([0, 100, 200]);
});

test('when the hours change, a transfer that waits goes on with the new rate', async () => {
  const spans = [{ days: [1], fromMinute: 8 * 60, toMinute: 12 * 60 + 1, bytesPerSecond: MB / 10 }];
  const limiter = limiterOf({ total: { spans, otherwise: null } });
  await vi.advanceTimersByTimeAsync(59_500);
  const { reads, end } = transfer(limiter, 'ana', 10 * MB, 3);
  await vi.advanceTimersByTimeAsync(1000);
  end();
  expect(reads).toEqual([59_500, 60_500, 60_500]);
});

test('tiny pieces are not each followed by a timer', async () => {
  const { reads, end } = transfer(limiterOf({ total: always(MB) }), 'ana', 1000, 1000);
  await vi.advanceTimersByTimeAsync(100);
  end();
  expect(reads.length).toBeGreaterThanOrEqual(100);
  expect(new Set(reads).size).toBeLessThanOrEqual(6);
});

test('nothing waits without limits, and a wait ends with its transfer', async () => {
  const free = new RateLimiter(undefined, { clock: Date.now });
  expect(free.throttleOf('ana', new AbortController().signal)(1e12)).toBeUndefined();
  const { done, end } = transfer(limiterOf({ total: always(MB) }), 'ana', 100 * MB);
  await vi.advanceTimersByTimeAsync(100);
  end();
  await done;
});
