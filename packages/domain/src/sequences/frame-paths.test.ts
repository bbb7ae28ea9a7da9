import { expect, test } from 'vitest';
import { framePlace } from './frame-paths.ts';

test.each([
  ['shot.1001.exr', { sequenceKey: '/shot.#.exr', frame: 1001 }],
  ['Reel 1/SHOT.0007.EXR', { sequenceKey: 'reel 1/shot.#.exr', frame: 7 }],
  ['a/b/-002.dpx', { sequenceKey: 'a/b/#.dpx', frame: -2 }],
  ['1001/x.exr', null],
  ['Reel 1/mix.wav', null],
  ['shot.1001.exr/readme.txt', null],
  ['', null],
])('%s', (path, place) => expect(framePlace(path)).toEqual(place));
