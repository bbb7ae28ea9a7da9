import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hiddenIn, isInvisible, visibleName, visibleParts, type HiddenKind } from './hidden-characters.ts';

const labelsIn = (name: string) => hiddenIn(name).map(({ label }) => label);

describe('hidden characters', () => {
  test('are found with their position, code and label', () => {
    expect(hiddenIn('🎬 3.45\u202fPM.png')).toEqual([
      { index: 7, length: 1, kind: 'space', code: 'U+202F', label: 'NNBSP' },
    ]);
    expect(hiddenIn('a\u{e0041}b\u00ad')).toEqual([
      { index: 1, length: 2, kind: 'tag', code: 'U+E0041', label: 'TAG A' },
      { index: 4, length: 1, kind: 'zero_width', code: 'U+00AD', label: 'SHY' },
    ]);
  });

  test.each<[string, HiddenKind]>([
    ['a\u00a0b', 'space'],
    ['a\u2009b', 'space'],
    ['a\u2003b', 'space'],
    ['a\u205fb', 'space'],
    ['a\u1680b', 'space'],
    ['映画\u3000最終.mov', 'space'],
    ['a\u200bb', 'zero_width'],
    ['a\u200cb', 'zero_width'],
    ['a\u200db', 'zero_width'],
    ['a\u2060b', 'zero_width'],
    ['\ufeffa', 'zero_width'],
    ['a\u00adb', 'zero_width'],
    ['a\u034fb', 'zero_width'],
    ['a\u180eb', 'zero_width'],
    ['a\u2062b', 'zero_width'],
    ['a\ufe0fb', 'variation'],
    ['a\ufe00b', 'variation'],
    ['a\u{e0100}b', 'variation'],
    ['7\ufe0f.mov', 'variation'],
    ['a\u{e0061}\u{e007f}', 'tag'],
    ['\u{1f3f4}\u{e0067}', 'tag'], // a tag sequence without its end
    ['a\u3164', 'filler'],
    ['a\u115f', 'filler'],
    ['a\u1160', 'filler'],
    ['a\uffa0', 'filler'],
    ['a\u2800b', 'filler'],
    ['\u061ca', 'direction'],
    ['a\u200eb', 'direction'],
    ['a\u202ab', 'direction'],
    ['a\u2067b', 'direction'],
    ['a\u206ab', 'direction'],
    ['a\u206fb', 'direction'],
    ['a\tb', 'control'],
    ['a\u0085b', 'control'],
    ['a\ufff9b', 'control'],
    ['\u0301a', 'mark'],
    ['a \u20e3b', 'mark'],
    ['a\uf028', 'private'],
    ['a\u{10fffd}', 'private'],
    ['a\ufdd0', 'private'],
    ['s\u0441ene.mov', 'letter'],
    ['\u0391BC', 'letter'],
  ])('%j: %s', (name, kind) => {
    expect(hiddenIn(name).map((hidden) => hidden.kind)).toContain(kind);
  });

  test.each([
    'AGM_104_065_010_comp_NFX_v001.1001.exr',
    'e\u0301te\u0301.mov',
    'été à la plage.mov',
    'naïve “quoted” – dash.wav',
    '🎬 take 1 👩‍🎤.mov',
    '👨‍👩‍👧‍👦',
    '🏳️‍🌈.png',
    '👩🏽‍🚀',
    '❤️‍🔥',
    '1️⃣ first',
    '☎︎',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿 England',
    '🇨🇭',
    'می\u200cخواهم.mov', // Persian separates parts of a word with a non-joiner
    'ක්\u200dෂ.srt', // Sinhala joins letters with a joiner
    'न्\u200d.srt',
    '葛\u{e0100}城.mov', // a registered variant in a family name
    '\u8fba\ufe00',
    'ᠠ\u180b',
    'сцена_01.mov',
    'HDкачество.mov',
    'Δt.exr',
    'Ελλάδα v2.srt',
    'µ_v01.exr',
    'shot_а_v01.exr', // a complete Cyrillic word
    'Jürgen',
  ])('%j hides nothing', (name) => {
    expect(labelsIn(name)).toEqual([]);
    expect(visibleName(name)).toBe(name);
  });

  test('are each found when a mark follows one, or joiners are in a row', () => {
    expect(labelsIn('a\u200d\u200d')).toEqual(['ZWJ', 'ZWJ']);
    expect(labelsIn('👩\u200d\u200d🎤')).toEqual(['ZWJ', 'ZWJ']);
    expect(labelsIn('\u00a0\u0301')).toEqual(['NBSP', 'U+0301']);
    expect(labelsIn('🏴\u{e0067}\u{e0062}x\u{e007f}')).toEqual(['TAG g', 'TAG b', 'TAG']);
  });

  test('are written out in plain text', () => {
    expect(visibleName('Screen\u00adshot 3.45\u202fPM.png')).toBe('Screen⟨SHY⟩shot 3.45⟨NNBSP⟩PM.png');
    expect(visibleName('s\u0441ene.mov')).toBe('s⟨\u0441 CYRILLIC⟩ene.mov');
    expect(visibleName('\u202egpj.exe')).toBe('⟨RLO⟩gpj.exe');
  });

  const letters = fc.constantFrom(
    'a',
    'Z',
    '9',
    ' ',
    '.',
    '\u00a0',
    '\u200b',
    '\u200d',
    '\ufe0f',
    '🎬',
    '👩',
    '\u0301',
    '\u0441',
    '映',
    '\u0628',
    '\u200c',
    '\u{e0067}',
    '\u{e007f}',
    '\u{1f3f4}',
    '\u3164',
    '\u202e',
    '\ud800',
    '\uf028',
  );
  const names = fc.oneof(
    fc.array(letters, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );

  test('cut the name into parts that make up the same name', () => {
    fc.assert(
      fc.property(names, (name) => {
        const parts = visibleParts(name);
        expect(parts.map(({ text }) => text).join('')).toBe(name);
        expect(parts.flatMap(({ hidden }) => hidden ?? [])).toEqual(hiddenIn(name));
        for (const { index, length, code } of hiddenIn(name)) {
          const letter = name.slice(index, index + length);
          expect(letter.codePointAt(0)).toBe(Number.parseInt(code.slice(2), 16));
        }
      }),
    );
  });

  test('include all that Unicode marks as ignorable, between two Latin letters', () => {
    for (let point = 0x80; point <= 0xe0fff; point++) {
      if (point === 0x2fa20) point = 0xe0000; // skips a range of unassigned code points
      const letter = String.fromCodePoint(point);
      const isSpace = /\p{Zs}/u.test(letter);
      if (!isSpace && !/\p{Default_Ignorable_Code_Point}/u.test(letter)) continue;
      expect(hiddenIn(`a${letter}b`), point.toString(16)).toHaveLength(1);
    }
  });
});

test.each([
  ['', true],
  ['\u200b', true],
  ['\u3164 \u00a0', true],
  ['\u{e0061}', true],
  ['\u0301', false],
  ['a\u200b', false],
])('%j is invisible: %s', (name, expected) => {
  expect(isInvisible(name)).toBe(expected);
});
