import { expect, test } from 'vitest';
import { maxSiblings } from '@turnover/domain/media/stages';
import { checkStems } from './check-stems.ts';

const delivery = (...names: string[]) =>
  names.map((name) => ({ name, sizeBytes: 1, sha1: null, isChecksumList: false, path: null }));

test('the first channel reports what is missing, and the others report nothing', () => {
  const siblings = delivery('mix.L.wav', 'mix.C.wav', 'mix.Ls.wav', 'notes.txt');
  expect(checkStems({ name: 'mix.L.wav', siblings })).toEqual({
    facts: { channels: 3 },
    problems: [{ code: 'stem_missing', measured: 'L, C, Ls', wanted: 'L, R, C, LFE, Ls, Rs' }],
  });
  expect(checkStems({ name: 'mix.C.wav', siblings })!.problems).toEqual([]);
});

test('reports no problem for a complete set, nor for a single file', () => {
  expect(checkStems({ name: 'a.L.wav', siblings: delivery('a.L.wav', 'a.R.wav') })!.problems).toEqual([]);
  expect(checkStems({ name: 'a.L.wav', siblings: delivery('a.L.wav', 'b.R.wav') })).toBeNull();
});

test('reports nothing for a delivery that the stage sees only in part', () => {
  const many = Array.from({ length: maxSiblings }, (_, index) => `other ${index}.wav`);
  expect(checkStems({ name: 'mix_2ch.L.wav', siblings: delivery(...many) })).toBeNull();
});
