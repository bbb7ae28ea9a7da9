import { expect, test } from 'vitest';
import { idPrefixes, idSchema, isId, makeId, type Noun } from './ids.ts';

const zeros = new Uint8Array(10);
const ones = new Uint8Array(10).fill(255);
const now = Date.UTC(2026, 10, 23);

test('an id belongs to its noun and to no other', () => {
  const nouns = Object.keys(idPrefixes) as Noun[];
  for (const noun of nouns) {
    const id = makeId(noun, now, ones);
    expect(nouns.filter((other) => isId(other, id))).toEqual([noun]);
    expect(idSchema(noun).parse(id)).toBe(id);
  }
});

test('ids sort by age, whatever their random part', () => {
  expect(makeId('upload', now, ones) < makeId('upload', now + 1, zeros)).toBe(true);
  const years = [1970, 1999, 2026, 2027, 2400, 9999].map((year) => makeId('job', Date.UTC(year, 0), zeros));
  expect(years).toEqual([...years].sort());
});

test('every random bit matters', () => {
  const ids = new Set([makeId('upload', now, zeros)]);
  for (let bit = 0; bit < 80; bit++) {
    const random = new Uint8Array(10);
    random[bit >> 3] = 1 << (bit & 7);
    ids.add(makeId('upload', now, random));
  }
  expect(ids.size).toBe(81);
});

const real = makeId('upload', now, ones);

test.each([
  '',
  'upl_',
  real.toUpperCase(),
  real.slice(0, -1),
  `${real}2`,
  `${real}\n`,
  ` ${real}`,
  real.replace('upl_', 'ast_'),
  `upl_${'1'.repeat(26)}`,
  `upl_../../../../etc/passwd222`,
  `upl_${'%2e'.repeat(8)}22`,
  `${real}\u0000.part`,
  `${real}.json`,
  `${real.slice(0, 29)}é`,
])('%j is not the id of an upload', (value) => {
  expect(isId('upload', value)).toBe(false);
  expect(idSchema('upload').safeParse(value).success).toBe(false);
});

test.each([0, 1, 255, 256, 1_700_000_000_000, 2 ** 48 - 1])(
  'holds the 48 bits of the time %d, and 80 of chance',
  (time) => {
    for (const random of [
      new Uint8Array(10),
      new Uint8Array(10).fill(255),
      Uint8Array.from({ length: 10 }, (_, at) => at * 27),
    ]) {
      let bits = BigInt(time);
      for (const byte of random) bits = (bits << 8n) | BigInt(byte);
      const letters = '234567abcdefghijklmnopqrstuvwxyz';
      let read = 0n;
      for (const letter of makeId('job', time, random).slice(4))
        read = (read << 5n) | BigInt(letters.indexOf(letter));
      expect(read).toBe(bits);
      expect(isId('job', makeId('job', time, random))).toBe(true);
    }
  },
);
