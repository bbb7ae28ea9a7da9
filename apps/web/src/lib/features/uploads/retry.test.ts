import { expect, test } from 'vitest';
import { isCutShort, isWorthRetrying, retryDelaysMs } from './retry.ts';

test('retries go on for more than a day', () => {
  const together = retryDelaysMs.reduce((sum, delayMs) => sum + delayMs, 0);
  expect(together).toBeGreaterThan(24 * 3600 * 1000);
  expect(retryDelaysMs.every((delayMs, index) => delayMs >= (retryDelaysMs[index - 1] ?? 0))).toBe(true);
});

test.each([
  [0, true],
  [409, true],
  [423, true],
  [460, true],
  [503, true],
  [507, true],
  [401, false],
  [404, false],
  [410, false],
  [413, false],
])('retries after %i: %s', (status, expected) => {
  expect(isWorthRetrying(status)).toBe(expected);
});

test.each([
  [0, true],
  [408, true],
  [499, true],
  [504, true],
  [520, true],
  [524, true],
  [413, false],
  [502, false],
  [503, false],
])('a %i may mean that a piece took too long: %s', (status, expected) => {
  expect(isCutShort(status)).toBe(expected);
});
