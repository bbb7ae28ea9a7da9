import { expect, test } from 'vitest';
import type { EntryView } from '@turnover/domain/entries';
import { arrange, orderedBy } from './entry-order.ts';

function entry(name: string, more: Partial<EntryView> = {}): EntryView {
  return {
    id: name,
    parentId: null,
    kind: 'file',
    name,
    sizeBytes: 1,
    items: null,
    mediaKind: null,
    state: 'stored',
    createdAt: 0,
    updatedAt: 0,
    deletedAt: null,
    ...more,
  };
}

const entries = [
  entry('reel 10.mov', { sizeBytes: 5, updatedAt: 3 }),
  entry('reel 2.mov', { sizeBytes: 9, updatedAt: 1 }),
  entry('Mixes', { kind: 'folder', sizeBytes: null, items: 4, updatedAt: 2 }),
];
const names = (filter: string, column: 'name' | 'size' | 'changed', descending = false) =>
  arrange(entries, filter, { column, descending }, 'en').map(({ name }) => name);

test('folders come first, numbers count as numbers', () => {
  expect(names('', 'name')).toEqual(['Mixes', 'reel 2.mov', 'reel 10.mov']);
  expect(names('', 'name', true)).toEqual(['Mixes', 'reel 10.mov', 'reel 2.mov']);
});

test('by size and by change', () => {
  expect(names('', 'size')).toEqual(['Mixes', 'reel 10.mov', 'reel 2.mov']);
  expect(names('', 'changed', true)).toEqual(['Mixes', 'reel 10.mov', 'reel 2.mov']);
});

test('filtered without regard to case', () => {
  expect(names(' REEL 1', 'name')).toEqual(['reel 10.mov']);
});

test('the same column again turns the order round', () => {
  const once = orderedBy('size', { column: 'name', descending: false });
  expect(once).toEqual({ column: 'size', descending: false });
  expect(orderedBy('size', once)).toEqual({ column: 'size', descending: true });
});
