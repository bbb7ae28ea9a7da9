import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchName, nameMismatch, suggestName } from './name-matching.ts';
import { compileNamePattern, exampleName, type NamePattern } from './name-patterns.ts';

function compiled(text: string): NamePattern {
  const result = compileNamePattern(text);
  if ('problem' in result) throw new Error(`${result.problem} at ${result.position}`);
  return result.pattern;
}

const mix =
  '{title:words}_{part:s01e01|r01|lp}_{version:version}_{asset:PM|ME|FXStem}[_{field:Nearfield|Theatrical}]_{layout:mono|2ch|6ch}_{rate:digits(2-3)}k_{bits:digits(2)}b_{rate of frames:23976|24|25}[.{channel:L|R|C|LFE|Ls|Rs}].wav';
const shot =
  '{show:letters(2-5)}_[{episode:digits(3)}_]{scene:digits(3)}_{shot:digits(3-4)}_{version:version(3)}[.{frame:digits(4-8)}].exr';

describe('matching a name', () => {
  test.each([
    [
      mix,
      'chefs_table_s01e01_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
      { title: 'chefs_table', channel: 'L' },
    ],
    [mix, 'Chefs_Table_S01E01_V04_FXSTEM_6ch_48k_24b_25.lfe.WAV', { asset: 'FXSTEM', channel: 'lfe' }],
    [mix, 'a_lp_v04_ME_mono_48k_24b_24.wav', { title: 'a', part: 'lp' }],
    [shot, 'AGM_104_065_0010_v001.1001.exr', { episode: '104', scene: '065', frame: '1001' }],
    [shot, 'AGM_065_0010_v001.exr', { scene: '065' }],
    ['{all:any}.mov', 'Été 1.mov', { all: 'Été 1' }],
    ['[{a:digits}[-{b:digits}]]x', '1-2x', { a: '1', b: '2' }],
    ['[{a:digits}[-{b:digits}]]x', 'x', {}],
  ])('%s matches %s', (text, name, values) => {
    expect(matchName(compiled(text), name)).toMatchObject(values);
    expect(nameMismatch(compiled(text), name)).toBeNull();
  });

  test.each([
    [mix, 'chefs table_s01e01_v04_PM_2ch_48k_24b_24.wav', 5, { type: 'literal', text: '_' }],
    [mix, 'chefs_s01e01_v04_XX_2ch_48k_24b_24.wav', 17, { type: 'choice', name: 'asset' }],
    [shot, 'AGM_104_065_0010_v01.exr', 17, { type: 'part', name: 'version' }],
    [shot, 'AGM_104_065_0010_v001.exr.tmp', 25, null],
    ['{n:digits(3)}', '12', 0, { type: 'part', name: 'n', min: 3 }],
  ])('%s does not match %s', (text, name, position, expected) => {
    expect(matchName(compiled(text), name)).toBeNull();
    const mismatch = nameMismatch(compiled(text), name)!;
    expect(mismatch.position).toBe(position);
    if (expected === null) expect(mismatch.expected).toBeNull();
    else expect(mismatch.expected).toMatchObject(expected);
  });

  test('suggests a name with correct separators, case and leading zeros', () => {
    expect(suggestName(compiled(shot), 'AGM 104-65_0010_V1.1001.EXR')).toBe('AGM_104_065_0010_v001.1001.exr');
    expect(suggestName(compiled(mix), 'chefs table-s01e01_v4_pm_2CH_48k_24b_24.ls.wav')).toBe(
      'chefs_table_s01e01_v04_PM_2ch_48k_24b_24.Ls.wav',
    );
    expect(suggestName(compiled('{name:words}.wav'), 'Été d’or.wav')).toBeNull();
    expect(suggestName(compiled('{name:words}.wav'), 'Été.wav')).toBe('Ete.wav');
    expect(suggestName(compiled(shot), 'nothing like it.mov')).toBeNull();
    expect(suggestName(compiled(shot), 'AGM_065_0010_v001.exr')).toBeNull();
  });
});

test.each([mix, shot, '{a:any}{b:any}', '{v:version(6)}', '{w:letters(250)}', '[a[b]]c'])(
  'the example of %s matches it',
  (text) => {
    const pattern = compiled(text);
    expect(matchName(pattern, exampleName(pattern))).not.toBeNull();
  },
);

test('matches patterns that would take a regular expression exponential time', () => {
  const pattern = compiled(`${Array.from({ length: 35 }, (_, index) => `{p${index}:any}`).join('')}!`);
  for (const letter of ['a', '0', '_']) expect(matchName(pattern, letter.repeat(256))).toBeNull();
  expect(matchName(pattern, `${'a'.repeat(255)}!`)).not.toBeNull();
  expect(nameMismatch(pattern, 'a'.repeat(256))).toMatchObject({ expected: { text: '!' } });
});

const piece = fc.oneof(
  fc.constantFrom('_', '.', 'mix', 'A'),
  fc.constantFrom('letters(1-3)', 'digits(2)', 'digits', 'word', 'words', 'version', 'any', 'L|R|LFE'),
);
const texts = fc
  .array(fc.record({ piece, optional: fc.boolean() }), { minLength: 1, maxLength: 8 })
  .map((pieces) =>
    pieces
      .map(({ piece, optional }, index) => {
        const text = /^[a-z]+\(|^(digits|word|words|version|any)$|\|/.test(piece)
          ? `{p${index}:${piece}}`
          : piece;
        return optional ? `[${text}]` : text;
      })
      .join(''),
  );

test('the example and the suggestion of any pattern match it', () => {
  fc.assert(
    fc.property(texts, fc.string({ maxLength: 30 }), (text, name) => {
      const pattern = compiled(text);
      expect(matchName(pattern, exampleName(pattern))).not.toBeNull();
      expect(nameMismatch(pattern, exampleName(pattern))).toBeNull();
      const suggested = suggestName(pattern, name);
      if (suggested !== null) expect(matchName(pattern, suggested)).not.toBeNull();
      expect(matchName(pattern, name) === null).toBe(nameMismatch(pattern, name) !== null);
    }),
    { numRuns: 500 },
  );
});
