import { describe, expect, test, vi } from 'vitest';
import { PairPlayback } from './pair-playback.svelte.ts';
import { Playback } from './playback.svelte.ts';
import type { Played } from './played.svelte.ts';

/** A film with 25 frames per second whose media moves only when the test moves it. */
function film(duration: number): Played {
  const playback = new Playback(
    () => ({ rate: '25', startFrame: 0 }),
    () => undefined,
  );
  playback.duration = duration;
  playback.play = (speed) => void (playback.speed = speed);
  return { playback } as Played;
}
function pair(one = 10, other = 10) {
  const [first, second] = [film(one), film(other)];
  return { first: first.playback, second: second.playback, both: new PairPlayback(first, second) };
}

test('both stand at the same moment after a seek and after steps of a frame', () => {
  const { first, second, both } = pair();
  both.seek(4);
  both.step(1);
  both.step(1);
  expect(first.seconds).toBeCloseTo(4.1, 5);
  expect(second.seconds).toBe(first.seconds);
  both.step(-1);
  expect(second.seconds).toBe(first.seconds);
});

describe.each(['first', 'second'] as const)('of different lengths, the %s one longer', (longer) => {
  function unequal() {
    const { first, second, both } = longer === 'first' ? pair(10, 3) : pair(3, 10);
    return longer === 'first' ? { both, long: first, short: second } : { both, long: second, short: first };
  }

  test('the shorter one stays at its end, and the timeline is that of the longer one', () => {
    const { short, both } = unequal();
    both.seek(8);
    both.step(1);
    expect([both.seconds, short.seconds, both.duration]).toEqual([8.06, 3, 10]);
  });

  test.each(['toggle', 'forwards'] as const)('a file that has ended is not started by %s', (how) => {
    const { long, short, both } = unequal();
    both.seek(8);
    both[how]();
    expect([long.speed, short.speed]).toEqual([1, 0]);
    long.seconds = 8.5;
    both.follow();
    expect(short.seconds).toBe(3);
  });

  test('the shorter file continues after a seek back into it', () => {
    const { long, short, both } = unequal();
    both.seek(8);
    both.forwards();
    both.forwards();
    both.seek(1);
    expect([long.speed, short.speed, short.seconds]).toEqual([2, 2, 1]);
  });

  test('when playing backwards, the shorter file waits until the other reaches its end', () => {
    vi.useFakeTimers();
    const { long, short, both } = unequal();
    both.seek(4);
    both.backwards();
    vi.advanceTimersByTime(500);
    both.follow();
    expect([long.seconds.toFixed(1), short.seconds]).toEqual(['3.5', 3]);
    vi.advanceTimersByTime(1000);
    both.follow();
    expect([long.seconds.toFixed(1), short.seconds.toFixed(1)]).toEqual(['2.5', '2.5']);
    both.pause();
    vi.useRealTimers();
  });

  test('after the end of the longer file, both start again from the beginning', () => {
    const { long, short, both } = unequal();
    both.seek(10);
    both.toggle();
    expect([long, short].map(({ seconds, speed }) => [seconds, speed])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});

test('corrects only a visible difference, and only while they play', () => {
  const { first, second, both } = pair();
  both.seek(4);
  first.seconds = 4.5;
  both.follow();
  expect(second.seconds).toBe(4);
  first.speed = 1;
  both.follow();
  expect(second.seconds).toBe(4.5);
  first.seconds = 4.55;
  both.follow();
  expect(second.seconds).toBe(4.5);
});

test('only the file in front is heard, and none when muted', () => {
  const { first, second, both } = pair();
  const heard = () => [first.muted, second.muted].map((isMuted) => !isMuted);
  both.hear();
  expect(heard()).toEqual([true, false]);
  both.swap();
  expect([both.front, heard()]).toEqual(['second', [false, true]]);
  both.toggleMuted();
  expect([both.muted, heard()]).toEqual([true, [false, false]]);
});

test('playing backwards and pausing apply to both', () => {
  vi.useFakeTimers();
  const { first, second, both } = pair();
  both.seek(5);
  both.backwards();
  vi.advanceTimersByTime(1000);
  both.follow();
  expect(first.seconds).toBeCloseTo(4, 5);
  expect(second.seconds).toBeCloseTo(4, 5);
  both.pause();
  expect([both.speed, second.speed]).toEqual([0, 0]);
  vi.useRealTimers();
});
