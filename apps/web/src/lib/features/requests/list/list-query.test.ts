import { expect, test } from 'vitest';
import { inputOf, isFiltered, readQuery, writeQuery, type ListQuery } from './list-query.ts';

const day = 24 * 3600_000;
const plain = readQuery(new URLSearchParams());
const companyKey = `company:com_${'a'.repeat(26)}`;

test('a plain address lists everything by due date', () => {
  expect(isFiltered(plain)).toBe(false);
  expect(writeQuery(plain)).toBe('?all=1');
  expect(inputOf('prj', plain, 0)).toEqual({ projectId: 'prj', sort: 'dueAt', descending: false });
});

test('reads a written query back from its address', () => {
  const query: ListQuery = {
    statuses: ['open', 'redelivery'],
    bucket: 'at_risk',
    assignee: companyKey,
    type: 'none',
    due: 'soon',
    search: 'reel & “x”',
    sort: 'name',
    descending: true,
    group: 'dueWeek',
  };
  expect(readQuery(new URLSearchParams(writeQuery(query)))).toEqual(query);
  expect(inputOf('prj', query, 10 * day + 5)).toMatchObject({
    status: ['open', 'redelivery'],
    bucket: 'at_risk',
    type: 'none',
    search: 'reel & “x”',
    assignee: { companyId: companyKey.slice(8) },
    dueFrom: 10 * day,
    dueBefore: 13 * day,
    group: 'dueWeek',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
});

test('ignores invalid values in the address', () => {
  const odd = 'status=gone&bucket=x&assignee=user:1&type=<b>&due=later&sort=size&group=mood';
  expect(readQuery(new URLSearchParams(odd))).toEqual(plain);
});
