import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchKey, sortKey } from './sort-keys.ts';

/** Compares text by its bytes, as the database does. */
const inOrder = (one: string, other: string) =>
  Buffer.compare(Buffer.from(sortKey(one)), Buffer.from(sortKey(other)));

test.each([
  ['take1', 'take2', 'take10', 'take010b', 'take100'],
  ['Reel 1', 'reel 2', 'REEL 10', 'Reel 11'],
  [
    'AGM_104_065_010_comp_NFX_v001.1001.exr',
    'AGM_104_065_010_comp_NFX_v001.1002.exr',
    'AGM_104_065_010_comp_NFX_v002.1001.exr',
    'AGM_104_065_010_comp_NFX_v010.1001.exr',
    'AGM_104_065_100_comp_NFX_v001.1001.exr',
  ],
  ['LH_BodyAndSoul_MASTER_48k_24b_6ch_C_v04.wav', 'LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav'],
  ['cut.mov', 'cut2.mov', 'cut10.mov', 'cuts.mov'],
  ['e', 'été', 'eu', 'F', 'ø', 'ж', '映', '🎬'],
  ['a', 'a0', 'a1', 'aa'],
  ['v1', 'v1.0', 'v1.0.1', 'v1.2', 'v1.10'],
  [`a${'9'.repeat(99)}`, `a1${'0'.repeat(99)}`, `a2${'0'.repeat(99)}`, `a1${'0'.repeat(250)}`],
  ['5', '٥'],
])('%j are in order', (...names) => {
  expect(names.toReversed().sort(inOrder)).toEqual(names);
});

test.each([
  ['Café', 'cafe'],
  ['cafe\u0301', 'CAFÉ'],
  ['take2', 'take02'],
  ['ＴＡＫＥ２', 'take2'],
  ['ﬁnal', 'final'],
  ['0', '000'],
])('%j and %j are found by the same text', (one, other) => {
  expect(searchKey(one)).toBe(searchKey(other));
});

test('an accented name comes after the same name without accents, and before the next one', () => {
  const names = ['cafe', 'CAFÉ', 'cafes'];
  expect(names.toReversed().sort(inOrder)).toEqual(names);
});

test('hostile names have keys', () => {
  for (const name of [
    '',
    '\u0000',
    '\ud800',
    '\u0301',
    'a'.repeat(4096),
    '⑽'.repeat(1000),
    'Z\u0301'.repeat(999),
  ])
    expect(typeof sortKey(name)).toBe('string');
});

test('numbers are ordered by value, the rest by letters', () => {
  const part = fc.oneof(
    fc.nat({ max: 3_000_000 }).map(String),
    fc.constantFrom('a', 'b', 'Take', '_', '.', ' '),
  );
  const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(Math.sign(inOrder(one, other))).toBe(
        Math.sign(naturally(one.toLowerCase(), other.toLowerCase())),
      );
    }),
    { numRuns: 2000 },
  );
});

/** Computes the expected order without keys: a run of digits counts as one letter that sorts at the place of 0. */
function naturally(one: string, other: string): number {
  const parts = (text: string) => text.match(/\d+|\D/g) ?? [];
  const [left, right] = [parts(one), parts(other)];
  for (const [index, part] of left.entries()) {
    const against = right[index];
    if (against === undefined) return 1;
    const areNumbers = /\d/.test(part) && /\d/.test(against);
    const order = areNumbers ? Number(part) - Number(against) : placeOf(part) - placeOf(against);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function placeOf(part: string): number {
  return (/\d/.test(part) ? '0' : part).codePointAt(0) ?? 0;
}
