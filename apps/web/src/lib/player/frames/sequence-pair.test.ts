import { expect, test } from 'vitest';
import { FramePlayback } from './frame-playback.svelte.ts';
import type { PlayedSequence } from './played-sequence.svelte.ts';
import { SequencePair } from './sequence-pair.svelte.ts';

function sequence(first: number, last: number) {
  const tools = { frames: () => ({ first, last, step: 1 }), framesASecond: () => 24, isSettled: () => true };
  return { playback: new FramePlayback(tools, first) } as PlayedSequence;
}

function pairOf(one: [number, number], other: [number, number]) {
  const [first, second] = [sequence(...one), sequence(...other)];
  const pair = new SequencePair(first, second);
  const frames = () => {
    pair.follow();
    return [first.playback.frame, second.playback.frame];
  };
  return { pair, frames };
}

test('shows the same frame number in both, wherever each begins', () => {
  const { pair, frames } = pairOf([1001, 1100], [1051, 1100]);
  pair.step(60);
  expect(frames()).toEqual([1061, 1061]);
  pair.seek(0);
  expect(frames()).toEqual([1001, 1051]);
});

test('follows the longer one, which may be the second', () => {
  const { pair, frames } = pairOf([1001, 1010], [1001, 1100]);
  expect(pair.duration).toBeCloseTo(100 / 24, 5);
  pair.step(50);
  expect(frames()).toEqual([1010, 1051]);
  pair.forwards();
  expect(pair.speed).toBe(1);
  pair.pause();
  expect(pair.speed).toBe(0);
  pair.swap();
  expect(pair.front).toBe('second');
});
