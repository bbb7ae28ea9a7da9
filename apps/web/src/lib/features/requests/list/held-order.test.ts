import { expect, test } from 'vitest';
import { heldOrder } from './held-order.ts';

const row = (id: string, status = 'open') => ({ id, status });

test('rows in the same order get the new data', () => {
  const next = [row('a', 'accepted'), row('b')];
  expect(heldOrder([row('a'), row('b')], next)).toEqual({ rows: next, gone: new Set(), isMoved: false });
  expect(heldOrder([], [])).toEqual({ rows: [], gone: new Set(), isMoved: false });
});

test('rows that moved, left or arrived do not change what is under the pointer', () => {
  const shown = [row('a'), row('b'), row('c')];
  const moved = heldOrder(shown, [row('c'), row('a', 'processed'), row('b')]);
  expect(moved).toEqual({
    rows: [row('a', 'processed'), row('b'), row('c')],
    gone: new Set(),
    isMoved: true,
  });
  const left = heldOrder(shown, [row('a'), row('c')]);
  expect(left).toEqual({ rows: shown, gone: new Set(['b']), isMoved: true });
  const came = heldOrder(shown, [row('new'), ...shown]);
  expect(came).toEqual({ rows: shown, gone: new Set(), isMoved: true });
  expect(heldOrder(shown, [])).toEqual({ rows: shown, gone: new Set(['a', 'b', 'c']), isMoved: true });
});
