import { expect, test } from 'vitest';
import { noRules } from '@turnover/domain/rules/request-types';
import { describeSpecified } from './specification-words.ts';

const type = (forPeople: string[], moreForPeople = 0) => ({
  name: 'UHD',
  source: 'UMDP house_uhd',
  rules: noRules,
  forPeople,
  moreForPeople,
});

test('a description has the source and what people check', () => {
  expect(describeSpecified(type([]))).toBe('UMDP house_uhd');
  expect(describeSpecified(type(['audio.loudness: -23']))).toBe(
    'UMDP house_uhd\n\nFor people:\n- audio.loudness: -23',
  );
});

test('a long list is cut to the length of a description, and says how many are left', () => {
  const lines = Array.from({ length: 100 }, (_, index) => `demand ${index}: ${'x'.repeat(80)}`);
  const text = describeSpecified(type(lines, 7));
  expect(text.length).toBeLessThanOrEqual(2000);
  const listed = text.split('\n').filter((line) => line.startsWith('- ')).length;
  expect(text.endsWith(`\n${107 - listed} more`)).toBe(true);
  expect(describeSpecified(type(lines.slice(0, 2), 7)).endsWith('\n7 more')).toBe(true);
});
