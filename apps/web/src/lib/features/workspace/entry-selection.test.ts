import { expect, test } from 'vitest';
import type { EntryView } from '@turnover/domain/workspace/entries';
import { EntrySelection } from './entry-selection.svelte.ts';
import { testEntry } from './testing-entry.ts';

const row = (index: number) => testEntry(`e${index}`, 10);

function selectionOf(total: number, here = total) {
  const list = {
    total,
    loaded: Array.from({ length: here }, (_, index) => row(index)) as EntryView[],
    isWhole: here === total,
    query: { order: { column: 'name' as const, descending: false }, filter: 'x' },
    rowOf: (id: string) => (Number(id.slice(1)) < here ? Number(id.slice(1)) : undefined),
    between: async (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => row(first + index)),
  };
  return { list, selection: new EntrySelection(list, 'folder') };
}

test('selects one row, adds one, and removes one', () => {
  const { selection } = selectionOf(5);
  selection.only(row(1), 1);
  expect(selection.single?.id).toBe('e1');
  selection.toggle(row(3), 3);
  expect([selection.count, selection.bytes, selection.single]).toEqual([2, 20, undefined]);
  selection.toggle(row(1), 1);
  expect(selection.wire).toEqual({ entryIds: ['e3'] });
  selection.clear();
  expect([selection.wire, selection.count]).toEqual([null, 0]);
});

test('a range starts at the row selected last and includes rows that are not loaded', async () => {
  const { selection } = selectionOf(100_000, 200);
  selection.only(row(150), 150);
  expect(await selection.range(652)).toBe(true);
  expect([selection.count, selection.has('e651'), selection.has('e653')]).toEqual([503, true, false]);
  await selection.range(148);
  expect(selection.entries?.map(({ id }) => id)).toEqual(['e148', 'e149', 'e150']);
  await selection.range(152, true);
  expect(selection.count).toBe(5);
});

test('refuses to select more rows than can be named one by one, and changes nothing', async () => {
  const { selection } = selectionOf(100_000, 200);
  selection.only(row(0), 0);
  expect(await selection.range(10_000)).toBe(false);
  expect(selection.count).toBe(1);
  expect(await selection.range(9_999)).toBe(true);
  expect(selection.count).toBe(10_000);
});

test('sends "everything except some" as its exceptions', () => {
  const { selection } = selectionOf(100_000, 200);
  selection.all();
  expect([selection.count, selection.isEverything, selection.bytes, selection.entries]).toEqual([
    100_000,
    true,
    null,
    null,
  ]);
  selection.toggle(row(7), 7);
  expect([selection.count, selection.has('e7'), selection.has('e8')]).toEqual([99_999, false, true]);
  expect(selection.wire).toEqual({ folderId: 'folder', filter: 'x', allExcept: ['e7'] });
  selection.toggle(row(7), 7);
  expect(selection.isEverything).toBe(true);
  selection.only(row(2), 2);
  expect(selection.wire).toEqual({ entryIds: ['e2'] });
});

test('names every row of a list that is completely loaded', () => {
  const { selection } = selectionOf(3);
  selection.all();
  expect(selection.wire).toEqual({ entryIds: ['e0', 'e1', 'e2'] });
  expect([selection.isEverything, selection.bytes]).toEqual([true, 30]);
});

test('a reload drops rows that are gone', () => {
  const { selection, list } = selectionOf(3);
  selection.all();
  list.loaded = [{ ...row(2), sizeBytes: 15 }];
  list.total = 1;
  selection.follow();
  expect([selection.wire, selection.bytes]).toEqual([{ entryIds: ['e2'] }, 15]);
});

test('"everything" includes what the list has loaded, and no folder from elsewhere', () => {
  const { selection } = selectionOf(1_000, 200);
  selection.all();
  expect([selection.takes('e3'), selection.takes('e900'), selection.has('e900')]).toEqual([
    true,
    false,
    true,
  ]);
  selection.toggle(row(3), 3);
  expect(selection.takes('e3')).toBe(false);
});
