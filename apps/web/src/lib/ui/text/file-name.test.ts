import { describe, expect, test } from 'vitest';
import { splitName, widthClassOf } from './file-name.ts';

const title = 'NL_s02e04_the_one_with_a_very_long_title_of_the_trade';

function partsOf(name: string) {
  const parts = splitName(name);
  return (
    parts && {
      least: name.slice(0, parts.least),
      head: name.slice(0, parts.head),
      tail: name.slice(parts.tail),
    }
  );
}

describe('splitName', () => {
  test('keeps the beginning, the extension and the part before it', () => {
    expect(partsOf(`${title}_Nearfield_48k_24b.wav`)).toEqual({
      least: 'NL_s02e04_',
      head: 'NL_s02e04_the_one_with_a',
      tail: 'earfield_48k_24b.wav',
    });
  });

  test.each([
    ['_v004.[1001-1240, 1300-1420].exr', '_v004.[1001-1240, 1300-1420].exr'],
    ['.[1001-1240, 1300-1420].exr', '.[1001-1240, 1300-1420].exr'],
  ])('keeps version and frame numbers that end with %s', (end, tail) => {
    expect(partsOf(title + end)?.tail).toBe(tail);
  });

  test('keeps at least the last letters', () => {
    expect(partsOf(`${title}.1001.exr`)?.tail).toHaveLength(20);
    expect(partsOf(`${title}_v004`)?.tail).toHaveLength(20);
  });

  test('leaves names whole that fit on two lines of the narrowest place', () => {
    expect(splitName('NL_s02e04_v07_PM_2ch_48k_24b.wav')).toBeNull();
  });

  test('cuts a shorter name in one place only', () => {
    expect(partsOf('NL_s02e04_v07_PM_Nearfield_2ch_48k_24b.wav')).toEqual({
      least: 'NL_s02e04_',
      head: 'NL_s02e04_v07_PM_Nearf',
      tail: 'ield_2ch_48k_24b.wav',
    });
  });

  test('does not split a character', () => {
    const parts = partsOf('🎬'.repeat(60));
    expect(parts).toEqual({ least: '🎬'.repeat(10), head: '🎬'.repeat(24), tail: '🎬'.repeat(20) });
  });

  test('splits only names that then have a middle', () => {
    for (const name of [
      'x'.repeat(33),
      'x'.repeat(49),
      'x'.repeat(255),
      `${title}${'.[1001-1240]'.repeat(9)}.exr`,
    ]) {
      const parts = splitName(name);
      expect(parts && parts.tail - parts.head).toBeGreaterThanOrEqual(0);
      expect(parts && parts.head - parts.least).toBeGreaterThanOrEqual(0);
    }
  });
});

test.each([
  [48, 'tiny'],
  [49, 'short'],
  [59, 'medium'],
  [71, 'long'],
  [97, 'longer'],
  [137, 'huge'],
] as const)('a name of %i letters is %s', (length, expected) => {
  expect(widthClassOf('x'.repeat(length))).toBe(expected);
});
