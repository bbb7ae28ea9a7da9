import { expect, test } from 'vitest';
import { mediaProblem } from '@turnover/domain/media/media-problems';
import { checkFrames } from './check-frames.ts';

const group = (frames: string, count: number, layout = 'DPX, 2048×1152, 10 bit, RGB') => ({
  frames,
  count,
  layout,
});

test('reports no problem when all frames are alike', () => {
  expect(checkFrames({ layouts: [group('shot.[1001-1040].dpx', 40)] })).toEqual({
    facts: { frames: 40, layouts: 1 },
    problems: [],
  });
});

test('reports the minority of frames, wherever they are', () => {
  const first = group('shot.1001.dpx', 1, 'DPX, 1920×1080, 10 bit, RGB');
  const many = group('shot.[1002-1039].dpx', 38);
  const last = group('shot.1040.dpx', 1, 'DPX, 2048×1152, 8 bit, RGB');
  const wanted = 'shot.[1002-1039].dpx: DPX, 2048×1152, 10 bit, RGB';
  expect(checkFrames({ layouts: [first, many, last] })?.problems).toEqual([
    { code: 'frames_unalike', measured: 'shot.1001.dpx: DPX, 1920×1080, 10 bit, RGB', wanted },
    { code: 'frames_unalike', measured: 'shot.1040.dpx: DPX, 2048×1152, 8 bit, RGB', wanted },
  ]);
});

test('the first of two halves counts as the usual one', () => {
  const problems = checkFrames({ layouts: [group('a', 2), group('b', 2, 'other')] })?.problems;
  expect(problems?.[0]?.wanted).toMatch(/^a: /);
});

test('reports nothing when fewer than two frames were read', () => {
  expect(checkFrames({ layouts: [] })).toBeNull();
  expect(checkFrames({ layouts: null })).toBeNull();
  expect(checkFrames({ layouts: [group('shot.1001.dpx', 1)] })).toBeNull();
});

test('very long names and channels still fit into a problem', () => {
  const long = 'x'.repeat(300);
  const found = checkFrames({ layouts: [group(long, 2, long), group(`${long}2`, 1, `${long}2`)] });
  expect(mediaProblem.safeParse(found?.problems[0]).success).toBe(true);
});
