import { expect, test } from 'vitest';
import { firstOrder, readOrder, writeOrder } from './entry-order.ts';

test.each(['name', '-name', 'size', '-changed', 'shared', '-state'])('reads %s back as written', (value) => {
  expect(writeOrder(readOrder(value))).toBe(value);
});

test.each([undefined, '', '-', 'colour', '--name', 'name; x'])('ignores %s', (value) => {
  expect(readOrder(value)).toEqual(firstOrder);
});
