import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeText, isDamaged } from './text-encodings.ts';

const bytes = (...parts: (number[] | string)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)),
  );
const utf16 = (text: string, isBig = false) =>
  [...text].flatMap((letter) => {
    const code = letter.charCodeAt(0);
    return isBig ? [code >> 8, code & 255] : [code & 255, code >> 8];
  });

test.each<[string, Uint8Array, unknown]>([
  ['UTF-8', bytes('año'), { text: 'año', encoding: 'utf-8', isCertain: true }],
  [
    'UTF-8 with a mark',
    bytes([0xef, 0xbb, 0xbf], 'año'),
    { text: 'año', encoding: 'utf-8', isCertain: true },
  ],
  [
    'UTF-16 with a mark',
    bytes([0xff, 0xfe], utf16('año')),
    { text: 'año', encoding: 'utf-16le', isCertain: true },
  ],
  [
    'UTF-16, the other way',
    bytes([0xfe, 0xff], utf16('año', true)),
    { text: 'año', encoding: 'utf-16be', isCertain: true },
  ],
  [
    'UTF-16 without a mark',
    bytes(utf16('name;due')),
    { text: 'name;due', encoding: 'utf-16le', isCertain: true },
  ],
  [
    'UTF-16 without a mark, the other way',
    bytes(utf16('name;due', true)),
    { text: 'name;due', encoding: 'utf-16be', isCertain: true },
  ],
  [
    'Windows-1252',
    bytes('M', [0xfa], 'sica a', [0xf1], 'o'),
    { text: 'Música año', encoding: 'windows-1252', isCertain: false },
  ],
  [
    'its euro and dashes',
    bytes([0x80, 0x96, 0x93]),
    { text: '€–“', encoding: 'windows-1252', isCertain: false },
  ],
  [
    'a mark that lies',
    bytes([0xef, 0xbb, 0xbf, 0xfa]),
    { text: 'ï»¿ú', encoding: 'windows-1252', isCertain: false },
  ],
  ['nothing', bytes(), { text: '', encoding: 'utf-8', isCertain: true }],
  ['a workbook', bytes('PK', [3, 4, 20, 0]), { problem: 'workbook' }],
  ['an old workbook', bytes([0xd0, 0xcf, 0x11, 0xe0, 0]), { problem: 'workbook' }],
  ['a picture', bytes([0x89], 'PNG', [13, 10, 26, 10, 0, 0, 0, 13]), { problem: 'binary' }],
  ['half a character', bytes([0xff, 0xfe, 0x61]), { problem: 'binary' }],
  ['UTF-32', bytes([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), { problem: 'binary' }],
])('%s', (_name, read, expected) => expect(decodeText(read)).toEqual(expected));

test('decodes in the chosen encoding, or refuses the bytes', () => {
  expect(decodeText(bytes('M', [0x9c], 'sica'), 'macintosh')).toMatchObject({
    text: 'Música',
    isCertain: true,
  });
  expect(decodeText(bytes([0xcc, 0xe8, 0xea, 0xf1]), 'windows-1251')).toMatchObject({ text: 'Микс' });
  expect(decodeText(bytes([0xfa]), 'utf-8')).toEqual({ problem: 'other_encoding' });
  expect(decodeText(bytes('PK', [3, 4]), 'utf-8')).toEqual({ problem: 'workbook' });
});

describe('whatever the bytes are', () => {
  test('replaces no character: encoding as UTF-8 again gives the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (read) => {
        const result = decodeText(read);
        if (!('text' in result)) return;
        if (result.encoding !== 'utf-8') {
          if (result.encoding === 'windows-1252') expect(result.text).not.toContain('\ufffd');
          return;
        }
        const hasMark = read[0] === 0xef && read[1] === 0xbb && read[2] === 0xbf;
        expect(new TextEncoder().encode(result.text)).toEqual(read.slice(hasMark ? 3 : 0));
      }),
    );
  });

  test('decodes text as it was written', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', ';', '\n', 'é', 'ñ', '€', 'ю', '漢', '😀') });
    fc.assert(
      fc.property(letters, (text) => {
        expect(decodeText(bytes(text))).toEqual({ text, encoding: 'utf-8', isCertain: true });
        const wide = [...text]
          .join('')
          .split('')
          .flatMap((unit) => utf16(unit));
        expect(decodeText(bytes([0xff, 0xfe], wide))).toEqual({
          text,
          encoding: 'utf-16le',
          isCertain: true,
        });
      }),
    );
  });
});

test('recognises text that was damaged earlier', () => {
  expect(['M\ufffdsica', 'a\u0081', '\ud800', 'Música €', 'a\nb\tc'].map(isDamaged)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
