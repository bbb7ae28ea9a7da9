import { afterEach, expect, test, vi } from 'vitest';
import { FrameFeed, type FrameState, type Picture } from './frame-feed.ts';

const [width, height] = [1920, 1080];

/** Frames whose loading the test ends. */
function feedOf(size = { width, height }) {
  const open = new Set<Picture>();
  const loading = new Map<number, { end: (state?: FrameState) => void; signal: AbortSignal }>();
  const begun: number[] = [];
  let changes = 0;
  const feed = new FrameFeed({
    load: (frame, signal) =>
      new Promise((resolve) => {
        begun.push(frame);
        const end = (state?: FrameState) => {
          loading.delete(frame);
          if (state) return resolve(state);
          const picture: Picture = { ...size, close: () => void open.delete(picture) };
          open.add(picture);
          resolve({ is: 'ready', picture, isOriginal: true });
        };
        loading.set(frame, { end, signal });
      }),
    wordsFor: String,
    onchange: () => (changes += 1),
  });
  /** Ends what is loading, until nothing more begins. */
  async function settle(state?: FrameState) {
    while (loading.size > 0) {
      for (const { end } of [...loading.values()]) end(state);
      await Promise.resolve().then(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { feed, open, loading, begun, settle, changes: () => changes };
}
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

test('loads the most urgent first, and a few at a time', async () => {
  const { feed, begun, settle, changes } = feedOf();
  feed.look([5, 4, 3, 2, 1, 0, 9, 8]);
  expect(begun).toEqual([5, 4, 3, 2, 1, 0]);
  expect(feed.at(5).is).toBe('loading');
  expect(feed.isSettled(5)).toBe(false);
  await settle();
  expect(begun).toEqual([5, 4, 3, 2, 1, 0, 9, 8]);
  expect([feed.at(9).is, feed.isSettled(9), changes()]).toEqual(['ready', true, 8]);
});

test('holds no more than its memory, and frees what it lets go', async () => {
  const { feed, open, settle } = feedOf();
  feed.look(numbers(0, 100));
  await settle();
  expect(open.size).toBeLessThanOrEqual(25);
  expect(open.size).toBeGreaterThan(20);
  feed.look(numbers(1000, 100));
  await settle();
  expect(open.size).toBeLessThanOrEqual(25);
  expect(feed.at(0).is).toBe('loading');
  feed.end();
  expect(open.size).toBe(0);
});

test('holds fewer pictures the larger they are, but always some', async () => {
  const { feed, open, settle } = feedOf({ width: 16_384, height: 16_384 });
  feed.look(numbers(0, 50));
  await settle();
  expect(open.size).toBe(4);
  expect(feed.at(0).is).toBe('ready');
});

test('stops loading what is no longer looked at, and frees what arrives after all', async () => {
  const { feed, open, loading, settle } = feedOf();
  feed.look([1, 2]);
  const { signal, end } = loading.get(1)!;
  feed.look([7]);
  expect(signal.aborted).toBe(true);
  end();
  await settle();
  expect([feed.at(1).is, feed.at(7).is, open.size]).toEqual(['loading', 'ready', 1]);
});

test('a frame whose preview is being made waits until it is loaded again', async () => {
  const { feed, begun, settle } = feedOf();
  feed.look([1, 2]);
  await settle({ is: 'making' });
  expect([feed.beingMade, feed.isSettled(1)]).toEqual([[1, 2], false]);
  feed.again([1]);
  await settle();
  expect(begun).toEqual([1, 2, 1]);
  expect([feed.at(1).is, feed.beingMade]).toEqual(['ready', [2]]);
});

afterEach(() => void vi.useRealTimers());

test('a frame that did not arrive says why, stops no other, and is loaded again until it is let go', async () => {
  vi.useFakeTimers();
  const picture: Picture = { width, height, close: () => undefined };
  const load = vi.fn(async (frame: number): Promise<FrameState> => {
    if (frame === 2) return { is: 'missing' };
    if (load.mock.calls.length < 5) throw new TypeError('Failed to fetch');
    return { is: 'ready', picture, isOriginal: true };
  });
  const feed = new FrameFeed({ load, wordsFor: () => 'No connection.', onchange: () => undefined });
  feed.look([1, 2]);
  await vi.advanceTimersByTimeAsync(0);
  const failed = { is: 'failed', why: 'No connection.' };
  expect([feed.at(1), feed.at(2), feed.isSettled(1)]).toEqual([failed, { is: 'missing' }, true]);
  await vi.advanceTimersByTimeAsync(2000);
  expect([load.mock.calls.length, feed.at(1)]).toEqual([3, failed]);
  await vi.advanceTimersByTimeAsync(3999);
  expect(load).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(8001);
  expect(feed.at(1).is).toBe('ready');
  load.mockClear();
  load.mockRejectedValue(new TypeError('Failed to fetch'));
  feed.look([9]);
  await vi.advanceTimersByTimeAsync(0);
  feed.end();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(load).toHaveBeenCalledTimes(1);
});
