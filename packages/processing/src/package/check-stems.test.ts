import { expect, test } from 'vitest';
import { maxSiblings } from '@turnover/domain/media/stages';
import { checkStems } from './check-stems.ts';

const delivery = (...names: string[]) =>
  names.map((name) => ({ name, sizeBytes: 1, sha1: null, path: null }));

test('the first channel reports what is missing, and the others report nothing', () => {
  const siblings = delivery('mix.L.wav', 'mix.C.wav', 'mix.Ls.wav', 'notes.txt');
  expect(checkStems({ name: 'mix.L.wav', siblings })).toEqual({
    facts: { channels: 3 },
    problems: [{ code: 'stem_missing', measured: 'L, C, Ls', wanted: 'L, R, C, LFE, Ls, Rs' }],
  });
  expect(checkStems({ name: 'mix.C.wav', siblings })!.problems).toEqual([]);
});

test('a whole set has no problem, and a single file is no set', () => {
  expect(checkStems({ name: 'a.L.wav', siblings: delivery('a.L.wav', 'a.R.wav') })!.problems).toEqual([]);
  expect(checkStems({ name: 'a.L.wav', siblings: delivery('a.L.wav', 'b.R.wav') })).toBeNull();
});

test('nothing is said of a delivery that the stage does not see whole', () => {
  const many = Array.from({ length: maxSiblings }, (_, index) => `other ${index}.wav`);
  expect(checkStems({ name: 'mix_2ch.L.wav', siblings: delivery(...many) })).toBeNull();
});
