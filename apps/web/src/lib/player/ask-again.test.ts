import { expect, test } from 'vitest';
import { mayBeMade } from './ask-again.ts';

test.each([
  ['none', [], true],
  ['none', ['peaks'], false],
  ['waiting', [], false],
  ['ended', [], false],
] as const)('with status %s and previews %j, more may be made: %s', (status, previews, expected) => {
  expect(mayBeMade({ status, previews: [...previews] })).toBe(expected);
});
