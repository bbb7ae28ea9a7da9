import { expect, test } from 'vitest';
import { codeAt, readKey, stepOf, stepsOfCode, writeKey } from './totp.ts';

const key = Buffer.from('12345678901234567890');

// Appendix B of RFC 6238, for SHA-1. It has eight digits; the last six are the code of six digits.
test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('at %d seconds the code ends with %s', (seconds, code) => {
  expect(codeAt(key, stepOf(seconds * 1000))).toBe(code.slice(-6));
});

// Appendix D of RFC 4226.
test('the first codes are those of RFC 4226', () => {
  const codes = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
  expect(codes.map((_, step) => codeAt(key, step))).toEqual(codes);
});

test('finds the steps of a code around a step, and nothing for another text', () => {
  expect(stepsOfCode(key, '969429', 4, 1)).toEqual([3]);
  expect(stepsOfCode(key, '969429', 5, 1)).toEqual([]);
  expect(stepsOfCode(key, '96942', 4, 1)).toEqual([]);
  expect(stepsOfCode(key, '９６９４２９', 4, 1)).toEqual([]);
});

// Section 10 of RFC 4648 for ten bytes: "foobar" has no whole number of letters.
test('writes keys in base32, and reads them', () => {
  expect(writeKey(key)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  expect(writeKey(Buffer.from('fooba'))).toBe('MZXW6YTB');
  expect(readKey(writeKey(key))).toEqual(key);
});
