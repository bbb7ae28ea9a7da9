import { expect, test } from 'vitest';
import { nextIndex } from './roving-rows.ts';

test.each([
  ['ArrowDown', 0, 1],
  ['ArrowDown', 19, 19],
  ['ArrowUp', 0, 0],
  ['PageDown', 3, 13],
  ['PageUp', 3, 0],
  ['Home', 7, 0],
  ['End', 7, 19],
  ['a', 7, undefined],
])('%s from %i leads to %s', (key, from, to) => {
  expect(nextIndex(key, from, 20)).toBe(to);
});

test('returns no row for an empty list', () => {
  expect(nextIndex('End', 0, 0)).toBeUndefined();
});
