import { expect, test } from 'vitest';
import { mediaKind } from './media-kinds.ts';

test.each([
  ['Feature_2398.mov', 'picture'],
  ['FEATURE.MXF', 'picture'],
  ['feature_locked_v3.mov', 'locked_cut'],
  ['reel-1_cut_v2.mxf', 'locked_cut'],
  ['haircut.mov', 'picture'],
  ['frame.0086400.dpx', 'frame'],
  ['mix 5.1.wav', 'audio'],
  ['feature.es-419.ttml', 'timed_text'],
  ['poster.PSD', 'image'],
  ['delivery.mhl', 'manifest'],
  ['list.md5', 'manifest'],
  ['notes.pdf', 'document'],
  ['archive.zip', 'other'],
  ['README', 'other'],
  ['.mov', 'picture'],
  ['', 'other'],
  ['locked.txt', 'document'],
  ['strange.constructor', 'other'],
] as const)('%s is %s', (name, kind) => {
  expect(mediaKind(name)).toBe(kind);
});
