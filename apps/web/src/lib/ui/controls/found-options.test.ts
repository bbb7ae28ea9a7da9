import { expect, test } from 'vitest';
import { foundOptions } from './found-options.ts';

const options = [
  { label: 'Blue Door Sound (company)' },
  { label: 'Tomás Ortega', hint: 'Palabra Media' },
  { label: 'Pat Kowalski', hint: 'Blue Door Sound' },
];

test.each([
  ['', 3],
  ['tomas', 1],
  [' blue door ', 2],
  ['palabra', 1],
  ['nobody', 0],
])('“%s” finds %i', (text, count) => {
  expect(foundOptions(options, text)).toHaveLength(count);
});
