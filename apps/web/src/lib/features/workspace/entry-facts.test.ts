import { expect, test } from 'vitest';
import { factsOf } from './entry-facts.ts';
import { testEntry } from './testing-entry.ts';

test('says times as the list does, and the seconds only in the title', () => {
  const now = new Date(2026, 10, 26, 14).getTime();
  const at = new Date(2026, 10, 24, 9, 5, 7).getTime();
  const facts = factsOf({ ...testEntry('a.wav'), createdAt: at, updatedAt: at }, now);
  expect(facts.filter(({ title }) => title)).toEqual([
    expect.objectContaining({ value: 'Tue 24 Nov, 09:05', title: expect.stringContaining('09:05:07') }),
    expect.objectContaining({ value: 'Tue 24 Nov, 09:05' }),
  ]);
});
