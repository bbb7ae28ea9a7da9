import { expect, test } from 'vitest';
import { firstOrder, orderedBy, readOrder, writeOrder } from './entry-order.ts';

test('the same column again turns the order round', () => {
  const once = orderedBy('size', firstOrder);
  expect(once).toEqual({ column: 'size', descending: false });
  expect(orderedBy('size', once)).toEqual({ column: 'size', descending: true });
});

test.each(['name', '-name', 'size', '-changed', 'shared', '-state'])(
  '%s is read as it was written',
  (value) => {
    expect(writeOrder(readOrder(value))).toBe(value);
  },
);

test.each([undefined, '', '-', 'colour', '--name', 'name; x'])('%s is no order', (value) => {
  expect(readOrder(value)).toEqual(firstOrder);
});
