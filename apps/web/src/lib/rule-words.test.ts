import { expect, test } from 'vitest';
import { wordsForProblem } from './rule-words.ts';

test('a delivery without files is not said to have 0 of them', () => {
  const words = (files: number, min: number) =>
    wordsForProblem('too_few_files', { path: null, details: { files, min } });
  expect(words(0, 1)).toBe('No file yet; at least 1 is expected');
  expect(words(0, 3)).toBe('No files yet; at least 3 are expected');
  expect(words(1, 3)).toBe('1 of at least 3 files');
});
