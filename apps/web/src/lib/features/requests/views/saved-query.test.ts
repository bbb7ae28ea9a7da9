import { expect, test } from 'vitest';
import type { SavedViewView } from '@turnover/domain/requests/saved-views';
import { readQuery, writeQuery, type ListQuery } from '../list/list-query.ts';
import { listQueryOf, openQuery, savedQueryOf } from './saved-query.ts';

const plain = listQueryOf(null);
const userKey = `user:usr_${'a'.repeat(26)}`;
const companyKey = `company:com_${'b'.repeat(26)}`;
const typeId = `typ_${'c'.repeat(26)}`;
const viewId = `svw_${'d'.repeat(26)}`;
const otherId = `svw_${'e'.repeat(26)}`;

const late: ListQuery = { ...plain, bucket: 'critical', assignee: 'me', group: 'company', descending: true };
const viewOf = (query: ListQuery, more: Partial<SavedViewView> = {}): SavedViewView => ({
  id: viewId,
  name: 'Late',
  query: savedQueryOf(query),
  missing: [],
  isDefault: false,
  ...more,
});
const open = (address: string, ...views: SavedViewView[]) => openQuery(new URLSearchParams(address), views);

test.each<Partial<ListQuery>>([
  {},
  { assignee: userKey, type: typeId },
  { assignee: companyKey, type: 'none' },
  { assignee: 'nobody', statuses: ['open', 'processed'], due: 'overdue', search: 'ñ&=“' },
])('a saved query is restored unchanged: %o', (changes) => {
  const query = { ...plain, ...changes };
  expect(listQueryOf(savedQueryOf(query))).toEqual(query);
  expect(readQuery(new URLSearchParams(writeQuery(query, viewId)))).toEqual(query);
});

test('an address without filters opens the view that it names', () => {
  const view = viewOf(late);
  expect(open(`view=${viewId}`, view)).toMatchObject({ query: late, view, isViewGone: false });
});

test('an empty address opens the default view, and one that asks for everything does not', () => {
  const view = viewOf(late, { isDefault: true });
  expect(open('', view, viewOf(plain, { id: otherId }))).toMatchObject({ query: late, view });
  expect(open('all=1', view)).toMatchObject({ query: plain, view: null, isViewGone: false });
  expect(open('status=open', view)).toMatchObject({
    query: { statuses: ['open'], bucket: null },
    view: null,
  });
  expect(open('')).toMatchObject({ query: plain, view: null, isViewGone: false });
});

test('the filters of an address override those of its view, even when they are empty', () => {
  const view = viewOf(late);
  expect(open(writeQuery({ ...late, due: 'week' }, viewId), view)).toMatchObject({
    query: { due: 'week' },
    view,
  });
  expect(open(writeQuery(plain, viewId), view)).toMatchObject({ query: plain, view, isViewGone: false });
});

test('a person who does not have the view sees what its address says', () => {
  expect(open(writeQuery(late, viewId))).toMatchObject({ query: late, view: null, isViewGone: false });
});

test.each(['svw_x', viewId, '', '<b>'])(
  'an address that names only %j, which does not exist, shows everything',
  (id) => {
    const standard = viewOf(late, { id: otherId, isDefault: true });
    expect(open(`view=${encodeURIComponent(id)}`, standard)).toMatchObject({
      query: plain,
      view: null,
      isViewGone: true,
    });
  },
);
