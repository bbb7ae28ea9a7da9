import { describe, expect, test } from 'vitest';
import { splitName } from './file-name.ts';

describe('splitName', () => {
  test('keeps the extension and the part before it', () => {
    expect(splitName('NL_s02e04_v07_PM_Nearfield_48k_24b.wav')).toEqual({
      head: 'NL_s02e04_v07_PM_Nearfield',
      tail: '_48k_24b.wav',
    });
  });

  test.each([
    ['NL_s02e04_010_comp.[1001-1240].exr', '.[1001-1240].exr'],
    ['shot_with_a_long_name.1001.exr', '.1001.exr'],
    ['shot_with_a_long_name_1001.exr', '_1001.exr'],
    ['shot_with_a_long_name-1001.exr', '-1001.exr'],
    ['shot_with_a_long_name.####.exr', '.####.exr'],
    ['shot_with_a_long_name.[1001-1240, 1300-1420].exr', '.[1001-1240, 1300-1420].exr'],
  ])('keeps the frame numbers of %s', (name, tail) => {
    expect(splitName(name).tail).toBe(tail);
  });

  test.each([
    ['shot_with_a_long_name_v004.mov', '_v004.mov'],
    ['shot_with_a_long_name.V12.mov', '.V12.mov'],
    ['shot_with_a_long_name_v004.1001.exr', '_v004.1001.exr'],
    ['shot_with_a_long_name_v004.[1001-1240].exr', '_v004.[1001-1240].exr'],
  ])('keeps the version of %s', (name, tail) => {
    expect(splitName(name).tail).toBe(tail);
  });

  test('leaves short names whole', () => {
    expect(splitName('mix.wav')).toEqual({ head: 'mix.wav', tail: '' });
  });

  test('leaves a name whole when its head would get too short', () => {
    expect(splitName('From 42761')).toEqual({ head: 'From 42761', tail: '' });
  });

  test('does not split a character', () => {
    const { head, tail } = splitName('🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬.mov');
    expect(head + tail).toBe('🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬🎬.mov');
    expect(tail).toBe('🎬🎬🎬🎬🎬🎬🎬🎬.mov');
  });

  test('returns a head and a tail that together are the name', () => {
    for (const name of ['.env', 'a', '', 'no extension at all here', 'x'.repeat(255)]) {
      const { head, tail } = splitName(name);
      expect(head + tail).toBe(name);
    }
  });
});
