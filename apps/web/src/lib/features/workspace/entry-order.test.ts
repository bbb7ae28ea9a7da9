import { expect, test } from 'vitest';
import { firstOrder, orderedBy, readOrder, writeOrder } from './entry-order.ts';

test('the same column again reverses the order', () => {
  const once = orderedBy('size', firstOrder);
  expect(once).toEqual({ column: 'size', descending: false });
  expect(orderedBy('size', once)).toEqual({ column: 'size', descending: true });
});

test.each(['name', '-name', 'size', '-changed', 'shared', '-state'])('reads %s back as written', (value) => {
  expect(writeOrder(readOrder(value))).toBe(value);
});

test.each([undefined, '', '-', 'colour', '--name', 'name; x'])('ignores %s', (value) => {
  expect(readOrder(value)).toEqual(firstOrder);
});
