import { expect, test } from 'vitest';
import { FramePlayback } from './frame-playback.svelte.ts';
import { framesToLoad } from './sequence-clock.ts';

function playbackOf(frames = { first: 1001, last: 1010, step: 1 }, at = frames.first) {
  const missing = new Set<number>();
  const tools = {
    frames: () => frames,
    framesASecond: () => 24,
    isSettled: (frame: number) => !missing.has(frame),
  };
  return { playback: new FramePlayback(tools, at), notThere: missing };
}

test('steps by frames, and not beyond the ends', () => {
  const { playback } = playbackOf();
  playback.step(-1);
  expect(playback.frame).toBe(1001);
  playback.step(1);
  playback.step(1);
  expect(playback.frame).toBe(1003);
  playback.step(100);
  expect(playback.frame).toBe(1010);
});

test('begins with the given frame, or with the first when the sequence does not reach it', () => {
  expect(playbackOf(undefined, 1007).playback.frame).toBe(1007);
  expect(playbackOf(undefined, 5).playback.frame).toBe(1001);
});

test('plays at its rate, and begins anew after the end', () => {
  const { playback } = playbackOf();
  playback.toggle();
  for (let frame = 0; frame < 4; frame++) playback.advance(1 / 24);
  expect(playback.frame).toBe(1005);
  for (let frame = 0; frame < 20; frame++) playback.advance(1 / 24);
  expect([playback.frame, playback.speed]).toEqual([1010, 0]);
  playback.toggle();
  expect([playback.frame, playback.speed]).toEqual([1001, 1]);
});

test('waits for a picture that has not arrived, and skips no frame meanwhile', () => {
  const { playback, notThere } = playbackOf();
  notThere.add(1002);
  playback.toggle();
  for (let times = 0; times < 50; times++) playback.advance(1 / 24);
  expect([playback.frame, playback.waits]).toEqual([1001, true]);
  notThere.clear();
  playback.advance(1 / 24);
  expect([playback.frame, playback.waits]).toEqual([1002, false]);
  playback.pause();
  expect(playback.waits).toBe(false);
});

test('plays backwards to the first frame, faster with each press', () => {
  const { playback } = playbackOf(undefined, 1010);
  playback.backwards();
  playback.backwards();
  expect(playback.speed).toBe(-2);
  playback.advance(1 / 24);
  expect(playback.frame).toBe(1008);
  for (let times = 0; times < 20; times++) playback.advance(1 / 24);
  expect([playback.frame, playback.speed]).toEqual([1001, 0]);
});

test('a page that was hidden does not jump', () => {
  const { playback } = playbackOf({ first: 1, last: 100, step: 1 });
  playback.toggle();
  playback.advance(3600);
  expect(playback.frame).toBe(7);
});

test('shows each frame of a sequence with step 2 for two frames of time, and steps from one to the next', () => {
  const { playback } = playbackOf({ first: 1, last: 9, step: 2 });
  expect(playback.duration).toBeCloseTo(10 / 24, 5);
  playback.step(1);
  expect(playback.frame).toBe(3);
  playback.seek(3.5 / 24);
  expect(playback.frame).toBe(3);
  playback.seek(100);
  expect(playback.frame).toBe(9);
});

test('counts frames below zero', () => {
  const { playback } = playbackOf({ first: -3, last: 2, step: 1 });
  playback.step(1);
  expect(playback.frame).toBe(-2);
});

test.each([
  [1, 1],
  [1, 2],
  [1, 8],
  [2, 4],
  [3, -2],
])('every frame of step %i that it goes to at speed %i was loaded, and no time is lost', (step, speed) => {
  const frames = { first: 1, last: 1 + 203 * step, step };
  const loaded = new Set<number>();
  const tools = {
    frames: () => frames,
    framesASecond: () => 24,
    isSettled: (frame: number) => loaded.has(frame),
  };
  const playback = new FramePlayback(tools, speed > 0 ? frames.first : frames.last);
  const start = playback.frame;
  while (Math.abs(playback.speed) < Math.abs(speed)) playback[speed > 0 ? 'forwards' : 'backwards']();
  const load = () => {
    for (const frame of framesToLoad(frames, playback.frame, {
      stride: playback.speed || 1,
      ahead: 4,
      behind: 0,
    }))
      loaded.add(frame);
  };
  for (let tick = 0; tick < 60; tick++) {
    load();
    playback.advance(1 / 60);
  }
  const passed = Math.abs(playback.frame - start);
  expect(passed).toBeGreaterThan(24 * Math.abs(speed) - step * Math.abs(speed) - 0.01);
  expect(passed).toBeLessThanOrEqual(24 * Math.abs(speed));
  for (let tick = 0; tick < 60 * 30; tick++) {
    load();
    playback.advance(1 / 60);
  }
  expect([playback.frame, playback.speed]).toEqual([speed > 0 ? frames.last : frames.first, 0]);
});

test('keeps its number when lower frames arrive, and when the rate becomes known', () => {
  let frames = { first: 10, last: 20, step: 1 };
  let rate = 24;
  const playback = new FramePlayback(
    { frames: () => frames, framesASecond: () => rate, isSettled: () => true },
    13,
  );
  frames = { first: 1, last: 20, step: 1 };
  expect(playback.frame).toBe(13);
  rate = 50;
  expect([playback.frame, playback.seconds]).toEqual([13, 12.5 / 50]);
});

test('stops on whole frames, and returns the same frame for its own time', () => {
  for (const frames of [
    { first: 1, last: 100, step: 1 },
    { first: 1, last: 100, step: 3 },
  ]) {
    const { playback } = playbackOf(frames);
    for (const seconds of [0.999 / 24, 2.995 / 24, 3, 1.2345]) {
      playback.seek(seconds);
      expect(playback.frameAt(playback.seconds)).toBe(playback.frame);
      expect((playback.frame - 1) % frames.step).toBe(0);
    }
    playback.toggle();
    playback.advance(1 / 100);
    playback.pause();
    expect(playback.frameAt(playback.seconds)).toBe(playback.frame);
  }
});
