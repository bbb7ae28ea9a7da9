import { expect, test, vi } from 'vitest';
import { stubRunes } from '#lib/ui/testing-runes.ts';
import type { Played } from './played.svelte.ts';

stubRunes();
const { PairPlayback } = await import('./pair-playback.svelte.ts');
const { Playback } = await import('./playback.svelte.ts');

/** A film of 25 frames a second whose media moves only when the test moves it. */
function film(duration: number): Played {
  const playback = new Playback(
    () => ({ rate: '25', startFrame: 0 }),
    () => undefined,
  );
  playback.duration = duration;
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

test('the shorter one stays at its end, and the timeline is as long as the longer', () => {
  const { second, both } = pair(10, 3);
  both.seek(8);
  expect([both.seconds, second.seconds, both.duration]).toEqual([8, 3, 10]);
});

test('only a difference that an eye could see is corrected, and only while they play', () => {
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

test('one is heard: the one in front, and none when they are muted', () => {
  const { first, second, both } = pair();
  const heard = () => [first.muted, second.muted].map((isMuted) => !isMuted);
  both.hear();
  expect(heard()).toEqual([true, false]);
  both.swap();
  expect([both.front, heard()]).toEqual(['second', [false, true]]);
  both.toggleMuted();
  expect([both.muted, heard()]).toEqual([true, [false, false]]);
});

test('playing backwards and pausing concern both', () => {
  vi.useFakeTimers();
  const { first, second, both } = pair();
  both.seek(5);
  both.backwards();
  vi.advanceTimersByTime(1000);
  expect(first.seconds).toBeCloseTo(4, 5);
  expect(second.seconds).toBeCloseTo(4, 5);
  both.pause();
  expect([both.speed, second.speed]).toEqual([0, 0]);
  vi.useRealTimers();
});
