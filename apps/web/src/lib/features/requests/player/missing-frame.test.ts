import { expect, test } from 'vitest';
import { isMissingFrame } from './missing-frame.ts';

const frame = { state: 'stored', name: 'shot.0001.exr' } as const;
const nothing = { hasSource: false, asked: undefined };

test('asks for the preview of a frame until its previews have ended', () => {
  expect(isMissingFrame(frame, nothing)).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'none' })).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'waiting' })).toBe(true);
  expect(isMissingFrame(frame, { ...nothing, asked: 'ended' })).toBe(false);
  expect(isMissingFrame(frame, { ...nothing, hasSource: true })).toBe(false);
});

test('asks for neither a film nor a frame whose bytes are not stored', () => {
  expect(isMissingFrame({ ...frame, name: 'film.mov' }, nothing)).toBe(false);
  expect(isMissingFrame({ ...frame, state: 'verifying' }, nothing)).toBe(false);
});
