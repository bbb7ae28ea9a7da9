import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frameNameOf,
  missingFrames,
  parseFrameName,
  sequenceKey,
  sequenceLabel,
  type FrameName,
} from './sequences.ts';

describe('a frame', () => {
  test.each<[string, FrameName]>([
    [
      'AGM_104_065_010_comp_NFX_v001.1001.exr',
      { pattern: 'AGM_104_065_010_comp_NFX_v001.####.exr', frame: 1001 },
    ],
    ['shot.0001.exr', { pattern: 'shot.####.exr', frame: 1 }],
    ['shot.8640.exr', { pattern: 'shot.####.exr', frame: 8640 }],
    ['nl_s02e04_v07_P3D65.00086400.dpx', { pattern: 'nl_s02e04_v07_P3D65.########.dpx', frame: 86_400 }],
    ['REEL1.0000001.TIF', { pattern: 'REEL1.#######.TIF', frame: 1 }],
    ['shot.00.tga', { pattern: 'shot.##.tga', frame: 0 }],
    ['plate_0101.dpx', { pattern: 'plate_####.dpx', frame: 101 }],
    ['plate-000101.tif', { pattern: 'plate-######.tif', frame: 101 }],
    ['Reel 1 final.0101.j2c', { pattern: 'Reel 1 final.####.j2c', frame: 101 }],
    ['a.0001.0002.exr', { pattern: 'a.0001.####.exr', frame: 2 }],
    ['映像.0001.exr', { pattern: '映像.####.exr', frame: 1 }],
    ['..0001.exr', { pattern: '..####.exr', frame: 1 }],
    ['a#b.0001.exr', { pattern: 'a#b.####.exr', frame: 1 }],
    ["x$&$1'.0007.exr", { pattern: "x$&$1'.####.exr", frame: 7 }],
    ['a.999999999.exr', { pattern: 'a.#########.exr', frame: 999_999_999 }],
  ])('is %j', (name, frame) => {
    expect(parseFrameName(name)).toEqual(frame);
  });

  test.each([
    'project_s01e01_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
    'NL_s02e04_locked_cut_v07.mov',
    'IMG_1234.jpg',
    'poster_2024.png',
    'cut.0001.mov',
    'shot.1001.exr.md5',
    'comp_v012.exr',
    'poster_v2.jpg',
    'key_art_010.png',
    'shot.1.exr',
    'shot1001.exr',
    '1001.exr',
    '.1001.exr',
    'shot.1001.',
    'shot.1001',
    'shot.-001.exr',
    'shot.10a1.exr',
    'shot.1001.exr ',
    'shot.١٠٠١.exr',
    'shot.１００１.exr',
    `shot.${'1'.repeat(10)}.exr`,
    `shot_${'1'.repeat(240)}.exr`,
    '',
  ])('is not %j', (name) => {
    expect(parseFrameName(name)).toBeNull();
  });

  test('gives its name back', () => {
    const names = fc
      .tuple(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((stem) => !stem.includes('/')),
        fc.constantFrom('.', '_', '-'),
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.integer({ min: 4, max: 9 }),
        fc.constantFrom('exr', 'DPX', 'tiff', 'Tga'),
      )
      .map(([stem, mark, frame, width, extension]) =>
        [stem, mark, String(frame).padStart(width, '0'), '.', extension].join(''),
      );
    fc.assert(
      fc.property(names, (name) => {
        const parsed = parseFrameName(name);
        expect(parsed && frameNameOf(parsed.pattern, parsed.frame)).toBe(name);
      }),
    );
  });

  test('a hostile name of the greatest length is read at once', () => {
    const hostile = ['.'.repeat(255), '.1'.repeat(127), '_0000'.repeat(51), `${'9.'.repeat(125)}.exr`];
    for (const name of hostile) expect(parseFrameName(name)).toBeNull();
  });
});

describe('a sequence', () => {
  test('is one for names that differ in case, another for another length of its numbers', () => {
    expect(sequenceKey('SHOT.####.EXR')).toBe(sequenceKey('shot.####.exr'));
    expect(sequenceKey('shot.####.exr')).not.toBe(sequenceKey('shot.#####.exr'));
    expect(sequenceKey('shot.####.exr')).not.toBe('shot.####.exr');
  });

  test.each([
    ['shot.####.exr', 1001, 1240, 'shot.[1001-1240].exr'],
    ['shot.####.exr', 1, 8640, 'shot.[0001-8640].exr'],
    ['shot.####.exr', 7, 7, 'shot.0007.exr'],
    ['a#.##.exr', 1, 2, 'a#.[01-02].exr'],
    ['x$&.####.exr', 1, 2, 'x$&.[0001-0002].exr'],
  ])('%j from %d to %d is labelled %j', (pattern, first, last, label) => {
    expect(sequenceLabel(pattern, first, last)).toBe(label);
  });

  test('knows how many of its frames are missing', () => {
    expect(missingFrames(1001, 1240, 240)).toBe(0);
    expect(missingFrames(1001, 1240, 237)).toBe(3);
    expect(missingFrames(0, 0, 1)).toBe(0);
  });
});
