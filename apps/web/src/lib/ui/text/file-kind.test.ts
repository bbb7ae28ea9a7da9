import { expect, test } from 'vitest';
import { fileKindOf } from './file-kind.ts';

test.each([
  ['NL_s02e04_locked_cut_v07.MOV', 'video'],
  ['mix.L.wav', 'audio'],
  ['comp.[1001-1240].exr', 'sequence'],
  ['sub_es-419.ttml', 'text'],
  ['checksum.txt', 'manifest'],
  ['notes.txt', 'document'],
  ['README', 'other'],
])('%s is shown as %s', (name, kind) => {
  expect(fileKindOf(name)).toBe(kind);
});
