import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSequence } from './frame-evidence.ts';
import { parseFrameName } from './frame-names.ts';
import { gapsText, sequenceLabel } from './frame-ranges.ts';
import { groupFrames } from './frame-sets.ts';

const numbers = (first: number, last: number, step = 1) =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
const names = (stem: string, list: readonly number[], width = 4, extension = 'exr') =>
  list.map((frame) => `${stem}${String(frame).padStart(width, '0')}.${extension}`);
const labels = (list: readonly string[]) =>
  groupFrames(list).sequences.map((each) => {
    const { missing, step, gaps } = each;
    return [
      sequenceLabel(each.pattern, each),
      missing,
      ...(missing > 0 ? [gapsText(gaps ?? [], missing, step)] : []),
    ];
  });

describe('grouping the names of a folder', () => {
  test.each<[string, string[], unknown[]]>([
    [
      'that outgrow their padding',
      ['shot.998.exr', 'shot.999.exr', 'shot.1000.exr', 'shot.1001.exr'],
      ['shot.[998-1001].exr', 0],
    ],
    ['with missing frames', ['s.9998.exr', 's.10001.exr'], ['s.[9998-10001].exr', 2, '9999–10000']],
    [
      'that begin before zero',
      ['file.0001.exr', 'file.-001.exr', 'file.-002.exr', 'file.0000.exr'],
      ['file.[-002-0001].exr', 0],
    ],
    ['with a hyphen before the number', ['shot-0010.exr', 'shot-0011.exr'], ['shot-[0010-0011].exr', 0]],
    [
      'in two ranges',
      names('a_', [...numbers(1001, 1040), ...numbers(1101, 1140)]),
      ['a_[1001-1040, 1101-1140].exr', 60, '1041–1100'],
    ],
    ['of every second frame', names('a.', numbers(1001, 1039, 2)), ['a.[1001-1039x2].exr', 0]],
    [
      'of every fourth frame, one of twenty missing',
      names(
        'a.',
        numbers(1, 77, 4).filter((frame) => frame !== 41),
      ),
      ['a.[0001-0037x4, 0045-0077x4].exr', 1, '41'],
    ],
    [
      'with gaps that only look like a step',
      names('a.', [1001, 1003, 1007]),
      ['a.[1001-1007].exr', 4, '1002, 1004–1006'],
    ],
    ['of numbers alone', ['1001.exr', '1002.exr'], ['[1001-1002].exr', 0]],
    ['numbered by timecode', ['00086400.dpx', '00086401.dpx'], ['[00086400-00086401].dpx', 0]],
    ['without a separator', ['shot1001.exr', 'shot1002.exr'], ['shot[1001-1002].exr', 0]],
    ['of a camera', ['A001C003_0001.ari', 'A001C003_0002.ari'], ['A001C003_[0001-0002].ari', 0]],
    ['of raw photographs', names('A001_', [1, 2, 3], 6, 'dng'), ['A001_[000001-000003].dng', 0]],
    [
      'with a space',
      names('comp final ', [1, 2], 4, 'png').concat('comp final 0003.png'),
      ['comp final [0001-0003].png', 0],
    ],
    ['with numbers that look like years', names('shot.', numbers(1998, 2003)), ['shot.[1998-2003].exr', 0]],
    [
      'with one number that looks like a width',
      names('plate_', [1918, 1919, 1920, 1921]),
      ['plate_[1918-1921].exr', 0],
    ],
  ])('finds a sequence %s', (_, list, expected) => {
    expect(labels(list)).toEqual([expected]);
  });

  test.each([
    ['a single file', 'shot.1001.exr'],
    ['widths', 'plate_1920.exr', 'plate_2048.exr', 'plate_4096.exr'],
    ['widths after a dot', 'plate.1920.exr', 'plate.3840.exr'],
    ['years', 'poster_2023.tif', 'poster_2024.tif', 'poster_2025.tif'],
    ['years after a dot', 'still.2019.jpg', 'still.2024.jpg'],
    ['dates', ...names('still_', numbers(20_240_301, 20_240_331), 8)],
    ['dates day first', 'still_05032024.tif', 'still_06032024.tif', 'still_07032024.tif'],
    ['short dates', 'still_240305.tif', 'still_240306.tif', 'still_240307.tif'],
    ['dates with marks', 'x_2024-03-05.tif', 'x_2024-03-06.tif', 'x_2024-03-07.tif'],
    [
      'times',
      'Screen 2026-11-28 at 19.08.07.png',
      'Screen 2026-11-28 at 19.08.08.png',
      'Screen 2026-11-28 at 19.08.09.png',
    ],
    ['depths of colour', 'plate.10.dpx', 'plate.12.dpx', 'plate.16.dpx'],
    ['frame rates', 'plate_24.exr', 'plate_25.exr', 'plate_23976.exr'],
    ['standards', 'grade_rec709.exr', 'grade_rec2020.exr'],
    ['versions', 'comp_v001.exr', 'comp_v002.exr', 'comp_v003.exr'],
    ['shots in tens', 'sh_0010.exr', 'sh_0020.exr', 'sh_0030.exr'],
    ['clips', 'A001C001.dng', 'A001C002.dng', 'A001C003.dng'],
    ['a camera that differs in other parts', 'A001C003_0001.ari', 'A001C004_0001.ari', 'B001C003_0001.ari'],
    ['variants of a picture', 'key_art_01.png', 'key_art_02.png', 'key_art_03.png'],
    ['the same frame twice', 'shot.0998.exr', 'shot.998.exr'],
  ])('finds no sequence: %s', (_, ...list) => {
    const { sequences, others } = groupFrames(list);
    expect(sequences).toEqual([]);
    expect(others.toSorted()).toEqual(list.toSorted());
  });

  test('reports the same frame in another padding', () => {
    const { sequences } = groupFrames([
      'shot.998.exr',
      'SHOT.0998.EXR',
      'shot.999.exr',
      'shot.00999.exr',
      'shot.1000.exr',
    ]);
    expect(sequences).toMatchObject([
      {
        pattern: 'SHOT.####.EXR',
        files: 5,
        count: 3,
        missing: 0,
        duplicates: [
          ['SHOT.0998.EXR', 'shot.998.exr'],
          ['shot.00999.exr', 'shot.999.exr'],
        ],
      },
    ]);
  });
});

/** A naive implementation for frame numbers after a dot that cannot mean anything else. */
function naive(list: readonly { name: string; frame: number }[]) {
  const there = new Set(list.map(({ frame }) => frame));
  const [first, last] = [Math.min(...there), Math.max(...there)];
  const nearest = Math.min(...[...there].filter((frame) => frame > first)) - first;
  const steps = numbers(2, Math.max(2, nearest)).filter((step) =>
    [...there].every((frame) => (frame - first) % step === 0),
  );
  const greatest = steps.at(-1) ?? 1;
  const grid = numbers(first, last, greatest);
  const follows = there.size === grid.length || (there.size >= 10 && there.size / grid.length >= 0.9);
  const step = there.size >= 3 && greatest > 1 && follows ? greatest : 1;
  const missing = numbers(first, last, step).filter((frame) => !there.has(frame));
  return { first, last, count: there.size, step, missing };
}

const plain = fc.integer({ min: 0, max: 250 });
const spelled = (frame: number, width: number) =>
  frame < 0 ? `-${String(-frame).padStart(width - 1, '0')}` : String(frame).padStart(width, '0');

/** A date without its century, such as 300201. */
const shortDate = /^[1239]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const isOnlyANumber = (frame: number) =>
  frame < 0 ||
  (frame > 150 && frame < 480) ||
  (frame > 900 && frame !== 29_970 && !shortDate.test(String(frame)));

test('agrees with a naive implementation', () => {
  const sets = fc.tuple(
    fc.uniqueArray(plain, { minLength: 2, maxLength: 60 }),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    fc.constantFrom(-30, 9_900, 99_950),
  );
  fc.assert(
    fc.property(sets, ([relative, step, widths, offset]) => {
      const frames = relative.map((frame) => frame + offset);
      const list = frames.map((each, index) => {
        const frame = each * step;
        return { frame, name: `s.${spelled(frame, widths[index % widths.length]!)}.exr` };
      });
      // Colour depths, frame rates, picture sizes and dates alone are not a sequence.
      fc.pre(list.some(({ frame }) => isOnlyANumber(frame)));
      const { sequences, others } = groupFrames(list.map(({ name }) => name));
      const wanted = naive(list);
      expect(others).toEqual([]);
      expect(sequences).toHaveLength(1);
      const [read] = sequences as [(typeof sequences)[0]];
      expect(read).toMatchObject({ ...wanted, missing: wanted.missing.length, files: list.length });
      const [gaps, ranges] = [read.gaps ?? [], read.ranges ?? []];
      const listed = gaps.flatMap(([from, to]) => numbers(from, to, wanted.step));
      expect(listed).toEqual(wanted.missing.slice(0, listed.length));
      if (gaps.length < 50) expect(listed).toEqual(wanted.missing);
      const there = ranges.flatMap(([from, to]) => numbers(from, to, wanted.step));
      const all = [...new Set(frames.map((each) => each * step))].sort((one, other) => one - other);
      expect(there).toEqual(all.slice(0, there.length));
    }),
    { numRuns: 150 },
  );
});

const anyName = fc
  .tuple(
    fc.constantFrom('shot', 'plate', 'IMG_', 'v', 'a_2024-03-', 'A001C', ''),
    fc.constantFrom('.', '_', '-', ' ', '', '.-'),
    fc.oneof(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 995, max: 1006 }),
      fc.constantFrom(1920, 2048, 2023, 2024, 2025, 20_240_305, 20_240_306, 240_305, 24, 25, 10, 20, 30),
    ),
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom('exr', 'EXR', 'tif', 'png', 'jpg', 'dng', 'wav'),
  )
  .map(
    ([stem, mark, frame, width, extension]) =>
      `${stem}${mark}${String(frame).padStart(width, '0')}.${extension}`,
  );
const folders = fc.uniqueArray(anyName, { maxLength: 40, selector: (name) => name.toLowerCase() });

test('puts every name in exactly one place, in any order of arrival', () => {
  fc.assert(
    fc.property(
      folders.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
      ([list, shuffled]) => {
        const [one, other] = [groupFrames(list), groupFrames(shuffled)];
        const inOrder = ({ sequences, others }: typeof one) => ({
          sequences: sequences.toSorted((a, b) => (a.pattern < b.pattern ? -1 : 1)),
          others: others.toSorted(),
        });
        expect(inOrder(other)).toEqual(inOrder(one));
        expect(one.sequences.reduce((sum, { files }) => sum + files, one.others.length)).toBe(list.length);
        for (const { count, files } of one.sequences) expect(Math.min(count, files)).toBeGreaterThan(1);
      },
    ),
    { numRuns: 150 },
  );
});

test('a sequence stays one when more names arrive', () => {
  fc.assert(
    fc.property(folders, (list) => {
      const frames = list.flatMap((name) => parseFrameName(name) ?? []);
      for (const group of Map.groupBy(frames, ({ prefix, suffix }) =>
        `${prefix} ${suffix}`.toLowerCase(),
      ).values()) {
        const grown = group.map((_, index) => isSequence(group.slice(0, index + 1)));
        expect(grown).toEqual(grown.toSorted((one, other) => Number(one) - Number(other)));
      }
    }),
    { numRuns: 150 },
  );
});

test('groups 100,000 names', () => {
  const list = names('shot_010_comp_v001.', numbers(1001, 101_000));
  expect(labels(list.toReversed())).toEqual([['shot_010_comp_v001.[1001-101000].exr', 0]]);
});
