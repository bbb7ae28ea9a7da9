import { expect, test } from 'vitest';
import { findingInput, readMoment } from './findings.ts';

const problemOf = (timecodeIn: string | null, timecodeOut: string | null) =>
  findingInput.safeParse({ reason: 'audio_spec', timecodeIn, timecodeOut }).error?.issues[0]?.path[0] ?? null;

test.each([
  ['01:00:00:10', '01:00:00:10'],
  ['01:00:00;20', '01:00:00:21'],
  ['00:59:59:23', '01:00:00.500'],
  ['01:00:00:20', '01:00:00.500'],
  ['01:00:00.450', '01:00:00.5'],
  ['1:00:00:00', null],
  ['01:00:00:99', '01:00:00:100'],
  ['01:00:00', null],
  [null, null],
])('accepts %s to %s', (from, to) => expect(problemOf(from, to)).toBeNull());

test.each([
  ['1:00:00', '1:00', 'timecodeOut'],
  ['00:01:00;00', null, 'timecodeIn'],
  ['25:00:00:00', null, 'timecodeIn'],
  ['01:60:00:00', null, 'timecodeIn'],
  ['01:00:00:20', '01:00:00:19', 'timecodeOut'],
  ['01:00:00:20', '01:00:00;19', 'timecodeOut'],
  ['01:00:00.5', '01:00:00.450', 'timecodeOut'],
  [null, '01:00:00:00', 'timecodeOut'],
])('refuses %s to %s', (from, to, field) => expect(problemOf(from, to)).toBe(field));

test('counts the moment in frames and stores it in full when the frame rate is known', () => {
  expect(readMoment({ timecodeIn: '1:00:00:5', timecodeOut: '1:00:00.5' }, '25').moment).toEqual({
    timecodeIn: '01:00:00:05',
    timecodeOut: '01:00:00.500',
  });
  expect(readMoment({ timecodeIn: '01:00:00:20', timecodeOut: '01:00:00.5' }, '25').wrong).toEqual({
    field: 'timecodeOut',
    problem: 'order',
    nearest: '01:00:00:20',
  });
  expect(readMoment({ timecodeIn: '00:00:59;29', timecodeOut: '00:01:00:02' }, '29.97 DF').moment).toEqual({
    timecodeIn: '00:00:59;29',
    timecodeOut: '00:01:00;02',
  });
});

test('the error names the problem and the nearest valid timecode', () => {
  const finding = { reason: 'audio_spec', timecodeIn: '01:00:00:30', frameRate: '25' };
  expect(findingInput.safeParse(finding).error?.issues[0]).toMatchObject({
    path: ['timecodeIn'],
    message: 'There is no such frame at this frame rate. Nearest: 01:00:00:24.',
  });
});
