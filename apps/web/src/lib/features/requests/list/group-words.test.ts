import { expect, test } from 'vitest';
import { groupName } from './group-words.ts';

/** A Sunday evening, at the end of its week. */
const now = new Date(2026, 10, 29, 23, 30).getTime();
const week = (name: string, at = now) =>
  groupName({ key: name, kind: 'week', name, count: 1 }, 'dueWeek', at);

test('weeks are named by how near they are', () => {
  expect(week('2026-11-16')).toBe('Last week');
  expect(week('2026-11-23')).toBe('This week');
  expect(week('2026-11-30')).toBe('Next week');
  expect(week('2026-12-07')).toBe('Week of 7 Dec');
  expect(week('2027-01-04')).toBe('Week of 4 Jan 2027');
  expect(week('2026-11-30', now + 3600_000)).toBe('This week');
});

test('other groups show their name, or say what they lack', () => {
  const none = { key: 'none', kind: 'none', name: null, count: 2 } as const;
  expect(groupName({ key: 'com', kind: 'named', name: 'Blue Door', count: 2 }, 'company', now)).toBe(
    'Blue Door',
  );
  expect(groupName(none, 'company', now)).toBe('No company');
  expect(groupName(none, 'type', now)).toBe('No type');
  expect(groupName(none, 'dueWeek', now)).toBe('No due date');
  expect(groupName({ ...none, kind: 'several' }, 'company', now)).toBe('Several companies');
  expect(groupName({ ...none, kind: 'finished' }, 'dueWeek', now)).toBe('Finished');
});
