import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isStrictName, nameKey, nameProblem } from './names.ts';
import { freePath, numberedName } from './numbered-names.ts';

test.each([
  ['cut.mov', 'file', 'cut (2).mov', 'cut_2.mov'],
  ['cut', 'file', 'cut (2)', 'cut_2'],
  ['.profile', 'file', '.profile (2)', '.profile_2'],
  ['mix.final.wav', 'file', 'mix.final (2).wav', 'mix.final_2.wav'],
  ['Reel 1.2', 'folder', 'Reel 1.2 (2)', 'Reel 1.2_2'],
  ['shot.1001.exr', 'file', 'shot (2).1001.exr', 'shot_2.1001.exr'],
  ['shot.####.exr', 'sequence', 'shot (2).####.exr', 'shot_2.####.exr'],
  ['song 2.wav', 'file', 'song 2 (2).wav', 'song 2_2.wav'],
] as const)('%s as a %s', (name, kind, free, strict) => {
  expect(numberedName(name, 2, { kind })).toBe(free);
  expect(numberedName(name, 2, { kind, strict: true })).toBe(strict);
});

test('a name of the maximum length is shortened, but its extension is kept', () => {
  const numbered = numberedName(`${'映'.repeat(83)}.mov`, 12);
  expect(nameProblem(numbered)).toBeNull();
  expect(numbered).toMatch(/^映+ \(12\)\.mov$/);
});

test('uses the first free number in the folder of the path', () => {
  const taken = new Set(['reel.1/a (2).wav', 'reel.1/a (3).wav'].map(nameKey));
  expect(freePath('Reel.1/A.wav', (key) => taken.has(key))).toBe('Reel.1/A (4).wav');
  expect(freePath('Reel.1/A', () => false)).toBe('Reel.1/A (2)');
});

test('a strict name stays strict, and different numbers give different names', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[A-Za-z0-9_-]{1,40}(\.[a-z]{1,5})?$/),
      fc.nat({ max: 999 }),
      (name, number) => {
        fc.pre(isStrictName(name));
        const [one, other] = [
          numberedName(name, number, { strict: true }),
          numberedName(name, number + 1, { strict: true }),
        ];
        expect(isStrictName(one)).toBe(true);
        expect(nameKey(one)).not.toBe(nameKey(other));
      },
    ),
  );
});
