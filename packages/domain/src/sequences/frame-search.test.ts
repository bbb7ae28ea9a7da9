import { expect, test } from 'vitest';
import { frameSearches } from './frame-search.ts';

test.each([
  'shot.####.exr',
  'shot.[1001-1040].exr',
  'Shot.[1001-1040, 1101-1139x2].EXR',
  'shot.1001-1040#.exr',
  'shot.1001-1040,1101-1140@@@@.exr',
  'shot.%04d.exr',
  'shot.$F4.exr',
  'shot.[-002-0001].exr',
])('%j searches for a whole sequence', (text) => {
  expect(frameSearches(text)).toEqual([{ part: 'shot.#.exr', frames: null }]);
});

test('a name, or a part with a number, searches for one frame; a number at the end may be incomplete', () => {
  expect(frameSearches('Shot.1005.exr')).toEqual([{ part: 'shot.#.exr', frames: [[1005, 1005]] }]);
  expect(frameSearches('.0100')).toEqual([
    {
      part: '.#',
      frames: [
        [100, 100],
        [1000, 1009],
        [10_000, 10_099],
        [100_000, 100_999],
        [1_000_000, 1_009_999],
      ],
    },
  ]);
  expect(frameSearches('nl_010_comp.1005.e')).toEqual([{ part: 'nl_010_comp.#.e', frames: [[1005, 1005]] }]);
});

test('a hyphen is tried both as a separator and as a minus sign', () => {
  expect(frameSearches('file.-002.exr')).toEqual([
    { part: 'file.-#.exr', frames: [[2, 2]] },
    { part: 'file.#.exr', frames: [[-2, -2]] },
  ]);
  expect(frameSearches('shot-0010.exr')).toEqual([{ part: 'shot-#.exr', frames: [[10, 10]] }]);
});

test('other text searches for no sequence', () => {
  for (const text of ['comp', '', 'v', `${'9'.repeat(12)}`]) expect(frameSearches(text)).toEqual([]);
});
