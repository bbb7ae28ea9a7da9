import { expect, test } from 'vitest';
import { readGigabytes, writeGigabytes } from './gigabytes.ts';

test.each([
  ['', null],
  ['  ', null],
  ['0', 0],
  ['500', 500e9],
  [' 1.5 ', 1.5e9],
  ['1,5', 1.5e9],
  ['0.001', 1e6],
  ['999999', 999_999e9],
  ['-1', undefined],
  ['1e9', undefined],
  ['1.2345', undefined],
  ['1000000', undefined],
  ['ten', undefined],
  ['٣', undefined],
])('reads %o as %s bytes', (text, bytes) => {
  expect(readGigabytes(text)).toBe(bytes);
});

test.each(['', '0', '0.001', '1.5', '500', '999999'])('writes %o as it was typed', (text) => {
  expect(writeGigabytes(readGigabytes(text) ?? null)).toBe(text);
});
