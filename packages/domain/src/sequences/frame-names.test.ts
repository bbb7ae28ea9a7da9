import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frameNameOf,
  nameOf,
  paddedNumber,
  parseFrameName,
  parsePattern,
  patternOf,
  sequenceKey,
} from './frame-names.ts';

describe('the number before the extension', () => {
  test.each<[string, string, number]>([
    ['AGM_104_065_010_comp_NFX_v001.1001.exr', 'AGM_104_065_010_comp_NFX_v001.####.exr', 1001],
    ['shot.0001.exr', 'shot.####.exr', 1],
    ['nl_s02e04_v07_P3D65.00086400.dpx', 'nl_s02e04_v07_P3D65.########.dpx', 86_400],
    ['REEL1.0000001.TIF', 'REEL1.#######.TIF', 1],
    ['shot.00.tga', 'shot.##.tga', 0],
    ['shot.1.exr', 'shot.#.exr', 1],
    ['plate_0101.dpx', 'plate_####.dpx', 101],
    ['plate-000101.tif', 'plate-######.tif', 101],
    ['Reel 1 final 0101.j2c', 'Reel 1 final ####.j2c', 101],
    ['shot1001.exr', 'shot####.exr', 1001],
    ['1001.exr', '####.exr', 1001],
    ['00086400.dpx', '########.dpx', 86_400],
    ['A001C003_0001.ari', 'A001C003_####.ari', 1],
    ['A001C003_210305_R1AB.0000123.arx', 'A001C003_210305_R1AB.#######.arx', 123],
    ['A001_C002.000001.DNG', 'A001_C002.######.DNG', 1],
    ['IMG_0001.CR2', 'IMG_####.CR2', 1],
    ['映像0001.exr', '映像####.exr', 1],
    ['a.0001.0002.exr', 'a.0001.####.exr', 2],
    ['..0001.exr', '..####.exr', 1],
    ['a#b.0001.exr', 'a#b.####.exr', 1],
    ["x$&$1'.0007.exr", "x$&$1'.####.exr", 7],
    ['a.999999999.exr', 'a.#########.exr', 999_999_999],
    ['a.0000000001.exr', 'a.##########.exr', 1],
    ['file.-002.exr', 'file.####.exr', -2],
    ['file_-0010.dpx', 'file_#####.dpx', -10],
    ['file--0010.exr', 'file-#####.exr', -10],
    ['-0010.exr', '#####.exr', -10],
    ['shot-0010.exr', 'shot-####.exr', 10],
    ['shot2-0010.exr', 'shot2-####.exr', 10],
    ['file.-000.exr', 'file.####.exr', 0],
    ['MOV0001.tga', 'MOV####.tga', 1],
  ])('of %j: pattern %j, frame %d', (name, pattern, frame) => {
    const parsed = parseFrameName(name)!;
    expect([patternOf(parsed), parsed.frame, nameOf(parsed)]).toEqual([pattern, frame, name]);
  });

  test.each([
    ['clips hold many frames', 'A001_C002.0001.mov', 'A001_C002_0001.r3d', 'a.0001.mxf', 'a.0001.braw'],
    ['other material', 'cut.0001.wav', 'shot.1001.exr.md5', 'shot.1001.exr.part', 'notes.0001.txt'],
    [
      'versions',
      'comp_v001.exr',
      'comp.v0012.exr',
      'compV2.exr',
      'v001.dpx',
      'poster_v2.jpg',
      'a_ver003.tif',
      'rev2.png',
    ],
    ['second numbers of versions', 'comp_v1.2.exr', 'v2_10.dpx'],
    ['codes', 'A001C003.dng', 'ep101.png', 'sc012.tif', 'C01.exr', 'take3.exr'],
    ['sizes', 'plate_1920x1080.exr', 'plate.2048X1556.dpx'],
    ['photographs', 'IMG_1234.jpg', 'DSC_0001.jpeg', 'DSCF0001.JPG', 'PXL_0001.heic', 'Screenshot 12.png'],
    ['tiles', 'wood_udim.1001.exr', 'UDIM_1001.tif', 'wood.udim.1011.png'],
    [
      'names without a number there',
      'shot.1001.',
      'shot.1001',
      'shot.10a1.exr',
      'shot.1001 (2).exr',
      'shot.1001.exr ',
      '',
    ],
    ['digits of other scripts', 'shot.١٠٠١.exr', 'shot.１００１.exr'],
    ['hidden files, and signs of patterns', '.1001.exr', 'a#0001.exr'],
    ['too large', `shot.${'1'.repeat(10)}.exr`, `shot.${'0'.repeat(21)}.exr`, `shot_${'1'.repeat(240)}.exr`],
  ])('is not a frame number: %s', (_, ...names) => {
    for (const name of names) expect([name, parseFrameName(name)]).toEqual([name, null]);
  });

  test('gives the same name back for any prefix', () => {
    const names = fc
      .tuple(
        fc.string({ unit: 'grapheme', maxLength: 30 }).filter((stem) => !/[/]/.test(stem)),
        fc.constantFrom('.', '_', '-', ' ', '.-', '_-', ''),
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom('exr', 'DPX', 'tiff', 'Tga', 'ari', 'dng', 'jp2'),
      )
      .map(([stem, mark, frame, width, extension]) =>
        [stem, mark, String(frame).padStart(width, '0'), '.', extension].join(''),
      );
    fc.assert(
      fc.property(names, (name) => {
        const parsed = parseFrameName(name);
        if (!parsed) return;
        const { prefix, width, suffix } = parsePattern(patternOf(parsed))!;
        expect(nameOf(parsed)).toBe(name);
        expect({ prefix, width, suffix }).toEqual({
          prefix: parsed.prefix,
          suffix: parsed.suffix,
          width: parsed.number.length,
        });
        if (!parsed.number.startsWith('-0') || parsed.frame !== 0)
          expect(frameNameOf(patternOf(parsed), parsed.frame)).toBe(name);
      }),
      { numRuns: 300 },
    );
  });

  test('parses hostile names of the maximum length', () => {
    const hostile = [
      '.'.repeat(4096),
      '.1'.repeat(2048),
      '_0000'.repeat(800),
      `${'9.'.repeat(2000)}exr`,
      `${'-'.repeat(4000)}1.exr`,
    ];
    for (const name of hostile) parseFrameName(name);
    expect(parseFrameName(`${'a-'.repeat(2000)}0001.exr`)?.frame).toBe(1);
  });
});

test('pads numbers as printf does', () => {
  expect([7, 12_345, -2, -12_345, 0].map((frame) => paddedNumber(frame, 4))).toEqual([
    '0007',
    '12345',
    '-002',
    '-12345',
    '0000',
  ]);
});

test('a sequence has one key for any case and padding of its frames', () => {
  const key = (name: string) => sequenceKey(parseFrameName(name)!);
  expect(key('SHOT.0998.EXR')).toBe(key('shot.10001.exr'));
  expect(key('file.-002.exr')).toBe(key('file.0001.exr'));
  expect(
    new Set(['shot.1001.exr', 'shot_1001.exr', 'shot1001.exr', 'shot.1001.dpx', '1001.exr'].map(key)).size,
  ).toBe(5);
});

test.each(['shot.exr', 'shot.mov', '', '####', 'a.####b.exr'])('%j is not a pattern', (text) => {
  expect(parsePattern(text)).toBeNull();
});
