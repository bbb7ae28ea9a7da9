import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameKey } from './names.ts';
import { lookAlike, lookAlikeKey, lookAlikesAmong, storedLookAlikeKey } from './look-alikes.ts';

describe('two names', () => {
  test.each([
    ['Screenshot 3.45\u202fPM.png', 'Screenshot 3.45 PM.png'],
    ['a\u00a0b', 'a\u2009b'],
    ['a b', 'a  b'],
    ['a.mov', 'a\u200b.mov'],
    ['a.mov', '\ufeffa.mov'],
    ['mix.wav', 'mi\u00adx.wav'],
    ['a\u3164.mov', 'a.mov'],
    ['☺\ufe0f.png', '☺.png'],
    ['a\u{e0061}.mov', 'a.mov'],
    ['e\u0301t\u00e9\u00a0.mov', '\u00e9te\u0301 .mov'],
    ['take\u20112.wav', 'take-2.wav'],
    ['take\u20132.wav', 'take-2.wav'],
    ['it\u2019s.mov', "it's.mov"],
    ['a\u2026.txt', 'a\u2024\u2024\u2024\u2024txt'],
    ['\u2163.mov', 'IV.mov'],
    ['Ａ１.mov', 'A1.mov'],
    ['\u0430.mov', 'a.mov'],
    ['\u0410\u0412\u0421.mov', 'ABC.mov'],
    ['s\u0441ene.mov', 'scene.mov'],
    ['\u039fK.mov', 'OK.mov'],
    ['\u0451.mov', '\u00eb.mov'], // the letter with its dots as one character
    ['می\u200cخواهم', 'میخواهم'],
  ])('%j and %j look alike', (one, other) => {
    expect(lookAlikeKey(one)).toBe(lookAlikeKey(other));
    expect(lookAlike(one, other)).toBe(nameKey(one) !== nameKey(other));
  });

  test.each([
    ['cut.mov', 'cut.mxf'],
    ['café', 'cafe'],
    ['shot.0001.exr', 'shot.1.exr'],
    ['SH010.exr', 'SHO1O.exr'],
    ['l.mov', '1.mov'],
    ['ab', 'a b'],
    ['x²', 'x2'],
    ['mix.wav', 'mix .wav'],
    ['\u0436.mov', 'x.mov'],
    ['映画.mov', '映晝.mov'],
    ['a_b', 'a-b'],
  ])('%j and %j do not look alike', (one, other) => {
    expect(lookAlike(one, other)).toBe(false);
    expect(lookAlikeKey(one)).not.toBe(lookAlikeKey(other));
  });

  test('that are the same name are not look-alikes, but share a key', () => {
    expect(lookAlike('café', 'CAFE\u0301')).toBe(false);
    const letters = fc.constantFrom(
      'a',
      'É',
      'e\u0301',
      'ß',
      'SS',
      '\u0412',
      '\u0432',
      'ŉ',
      '\u200b',
      'ﬁ',
      'İ',
      '`',
      '\u0345',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), (parts) => {
        const name = parts.join('');
        for (const same of [name.normalize('NFD'), name.normalize('NFC'), nameKey(name)]) {
          if (nameKey(same) === nameKey(name)) expect(lookAlikeKey(same)).toBe(lookAlikeKey(name));
        }
      }),
    );
  });

  test('look alike whatever characters are hidden in them', () => {
    const hidden = fc.constantFrom(
      '\u200b',
      '\u2060',
      '\ufeff',
      '\u00ad',
      '\u034f',
      '\ufe0f',
      '\u3164',
      '\u{e0041}',
      '\u200d',
    );
    const plain = fc.stringMatching(/^[a-z0-9._-]{1,12}$/);
    fc.assert(
      fc.property(plain, hidden, fc.nat(12), (name, letter, at) => {
        const odd = name.slice(0, at) + letter + name.slice(at);
        expect(lookAlike(name, odd)).toBe(true);
        expect(storedLookAlikeKey(name)).toBeNull();
        expect(storedLookAlikeKey(odd)).toBe(lookAlikeKey(name));
      }),
    );
  });

  test('the key of a key is the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (name) => {
        expect(lookAlikeKey(lookAlikeKey(name))).toBe(lookAlikeKey(name));
      }),
    );
  });
});

test('finds the names in a list that look like another one', () => {
  const names = ['a b', 'a\u00a0b', 'A B', 'c', 'a\u202fb', 'd'];
  expect([...lookAlikesAmong(names)]).toEqual([
    ['a\u00a0b', 'a b'],
    ['a b', 'a\u00a0b'],
    ['a\u202fb', 'a b'],
  ]);
});
