import { expect, test } from 'vitest';
import { isMissingFrame } from './missing-frame.ts';

const frame = { state: 'stored', name: 'shot.0001.exr' } as const;
const nothing = { hasSource: false, asked: undefined };

test('a frame without previews is asked for until its previews have ended', () => {
  expect(isMissingFrame(frame, nothing)).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'none' })).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'waiting' })).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'ended' })).toBe(false);
  expect(isMissingFrame(frame, { ...nothing, hasSource: true })).toBe(false);
});

test('neither a film nor a frame whose bytes are not stored is asked for', () => {
  expect(isMissingFrame({ ...frame, name: 'film.mov' }, nothing)).toBe(false);
  expect(isMissingFrame({ ...frame, state: 'verifying' }, nothing)).toBe(false);
});
