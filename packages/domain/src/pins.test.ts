import { expect, test } from 'vitest';
import { pinInput } from './pins.ts';

const problemOf = (timecodeIn: string | null, timecodeOut: string | null) =>
  pinInput.safeParse({ reason: 'audio_spec', timecodeIn, timecodeOut }).error?.issues[0]?.path[0] ?? null;

test.each([
  ['01:00:00:10', '01:00:00:10'],
  ['01:00:00;20', '01:00:00:21'],
  ['00:59:59:23', '01:00:00.500'],
  ['01:00:00:20', '01:00:00.500'],
  ['01:00:00.45', '01:00:00.5'],
  ['01:00:00:99', '01:00:00:100'],
  ['01:00:00', null],
  [null, null],
])('from %s to %s', (from, to) => expect(problemOf(from, to)).toBeNull());

test.each([
  ['1:00:00:00', null, 'timecodeIn'],
  ['01:60:00:00', null, 'timecodeIn'],
  ['01:00:00:20', '01:00:00:19', 'timecodeOut'],
  ['01:00:00:20', '01:00:00;19', 'timecodeOut'],
  ['01:00:00.5', '01:00:00.45', 'timecodeOut'],
  [null, '01:00:00:00', 'timecodeOut'],
])('not from %s to %s', (from, to, field) => expect(problemOf(from, to)).toBe(field));
