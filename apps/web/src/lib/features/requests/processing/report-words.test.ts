import { expect, test } from 'vitest';
import { readerName } from './report-words.ts';

test.each([
  ['turnover', 'Turnover'],
  ['mediainfo 26.05', 'MediaInfo 26.05'],
  ['house-check 2', 'house-check 2'],
])('writes the name of the reader %s as %s', (reader, name) => {
  expect(readerName(reader)).toBe(name);
});
