import { beforeAll, expect, test } from 'vitest';
import type { EntryView } from '@turnover/domain/workspace/entries';
import type { EntrySelection as Class } from './entry-selection.svelte.ts';
import { stubRunes, testEntry } from './testing-runes.ts';

let EntrySelection: typeof Class;
beforeAll(async () => {
  stubRunes();
  ({ EntrySelection } = await import('./entry-selection.svelte.ts'));
});

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

test('one, one more, and one less', () => {
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

test('a range goes from the one chosen last, over rows that are not here', async () => {
  const { selection } = selectionOf(100_000, 200);
  selection.only(row(150), 150);
  expect(await selection.range(652)).toBe(true);
  expect([selection.count, selection.has('e651'), selection.has('e653')]).toEqual([503, true, false]);
  await selection.range(148);
  expect(selection.entries?.map(({ id }) => id)).toEqual(['e148', 'e149', 'e150']);
  await selection.range(152, true);
  expect(selection.count).toBe(5);
});

test('more than can be named one by one is refused, and nothing changes', async () => {
  const { selection } = selectionOf(100_000, 200);
  selection.only(row(0), 0);
  expect(await selection.range(10_000)).toBe(false);
  expect(selection.count).toBe(1);
  expect(await selection.range(9_999)).toBe(true);
  expect(selection.count).toBe(10_000);
});

test('everything but some travels as what is left out', () => {
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

test('everything that is here is named one by one', () => {
  const { selection } = selectionOf(3);
  selection.all();
  expect(selection.wire).toEqual({ entryIds: ['e0', 'e1', 'e2'] });
  expect([selection.isEverything, selection.bytes]).toEqual([true, 30]);
});

test('after a reload what is gone is no longer chosen', () => {
  const { selection, list } = selectionOf(3);
  selection.all();
  list.loaded = [{ ...row(2), sizeBytes: 15 }];
  list.total = 1;
  selection.follow();
  expect([selection.wire, selection.bytes]).toEqual([{ entryIds: ['e2'] }, 15]);
});

test('everything takes what the list holds, and no folder of another place', () => {
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
