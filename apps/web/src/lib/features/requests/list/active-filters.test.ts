import { expect, test } from 'vitest';
import { activeFilters } from './active-filters.ts';
import { readQuery, type ListQuery } from './list-query.ts';

const plain = readQuery(new URLSearchParams());
const key = `user:usr_${'a'.repeat(26)}`;
const typeId = `typ_${'b'.repeat(26)}`;
const names = {
  statusWord: (status: string) => status.toUpperCase(),
  types: [{ id: typeId, name: 'Mixes' }],
  assignees: [{ key, type: 'person' as const, name: 'Hugo', detail: '' }],
};
const wordsOf = (changes: Partial<ListQuery>) =>
  activeFilters({ ...plain, ...changes }, names).map(({ words }) => words);

test('no filter is on by default, and search and order do not count as filters', () => {
  expect(wordsOf({ search: 'x', sort: 'name', descending: true, bucket: 'critical' })).toEqual([]);
});

test('names the active filters', () => {
  expect(
    wordsOf({ statuses: ['open', 'processed'], assignee: key, type: typeId, due: 'soon', group: 'type' }),
  ).toEqual([
    'OPEN',
    'PROCESSED',
    'Assigned to: Hugo',
    'Type: Mixes',
    'Due: Within 3 days',
    'Group by: Type',
  ]);
  expect(wordsOf({ assignee: 'me', type: 'none' })).toEqual([
    'Assigned to: Me and my company',
    'Type: No type',
  ]);
});

test('omits a person or type that is not listed', () => {
  expect(wordsOf({ assignee: key.replace('a', 'c'), type: typeId.replace('b', 'c') })).toEqual([
    'Assigned to: not in the list',
    'Type: not in the list',
  ]);
});

test('each filter can be removed, and the others stay', () => {
  const query: ListQuery = {
    ...plain,
    statuses: ['open', 'processed'],
    assignee: 'me',
    due: 'week',
    group: 'company',
  };
  const filters = activeFilters(query, names);
  expect(new Set(filters.map((each) => each.key)).size).toBe(filters.length);
  const rest = filters.reduce((left, { without }) => ({ ...left, ...without }), query);
  expect(activeFilters({ ...query, ...filters[0]!.without }, names).map((each) => each.key)).not.toContain(
    'open',
  );
  expect({ ...rest, statuses: [] }).toEqual(plain);
});
