import { describe, expect, test } from 'vitest';
import { preFlight, type FileToCheck, type Override, type PreFlightInput } from './pre-flight.ts';
import { noRules, requestRulesSchema } from './request-types.ts';
import type { z } from 'zod';

const file = (path: string, sizeBytes = 1): FileToCheck => ({ path, sizeBytes });
type Rules = z.input<typeof requestRulesSchema>;

function flown(files: string[], rules: Rules = {}, more: Partial<PreFlightInput> = {}) {
  const input = { rules: requestRulesSchema.parse(rules), present: [], at: 'begin', ...more } as const;
  const report = preFlight({ ...input, files: files.map((path) => file(path)) });
  return report.findings.map(({ rule, verdict, path, suggestion }) => [rule, verdict, path, suggestion]);
}

describe('names', () => {
  test.each<[string, Rules, string, string | null]>([
    ['mix:1.wav', {}, 'name_invalid', 'mix_1.wav'],
    ['Reel 1/Été 2.mov', { strictNames: true }, 'name_not_strict', 'Reel_1/Ete_2.mov'],
    ['映画.mov', { strictNames: true }, 'name_not_strict', null],
    [
      `${'a'.repeat(130)}/${'b'.repeat(130)}.mov`,
      {},
      'path_too_long',
      `${'a'.repeat(130)}/${'b'.repeat(121)}.mov`,
    ],
    [`${'a'.repeat(250)}/shot_v02.1001.exr`, {}, 'path_too_long', null],
    [`${'a'.repeat(235)}/long_shot_name_v02.1001.exr`, {}, 'path_too_long', null],
    [
      `${'a'.repeat(230)}/long_shot_name_v02.1001.exr`,
      {},
      'path_too_long',
      `${'a'.repeat(230)}/long_shot_na_v02.1001.exr`,
    ],
    ['mix.mp3', { extensions: ['.WAV', 'aif'] }, 'extension', null],
    ['mix.wav', { mediaKinds: ['picture'] }, 'media_kind', null],
    ['SHOT 010.EXR', { namePattern: '{shot:words}.exr' }, 'name_pattern', 'SHOT_010.exr'],
    ['Card A/.notes', {}, 'hidden_file', null],
    ['Card A/.DS_Store', {}, 'system_file', null],
    ['Card A/Thumbs.db', {}, 'system_file', null],
    ['__MACOSX/mix.wav', {}, 'system_file', null],
    ['Card A/Icon\r', {}, 'system_file', null],
    ['.DS_Store', { overridable: ['hidden_file'] }, 'system_file', null],
  ])('%s', (path, rules, rule, suggestion) => {
    expect(flown([path], rules)).toEqual([[rule, 'blocking', path, suggestion]]);
  });

  test('two of a name are one too many, in the batch and with what is there, whatever their case', () => {
    expect(flown(['a.wav', 'A.WAV', 'b.wav'], {}, { present: [file('B.wav')] })).toEqual([
      ['name_duplicate', 'blocking', 'A.WAV', 'A_2.WAV'],
      ['name_duplicate', 'blocking', 'b.wav', 'b_2.wav'],
    ]);
  });

  test('lists of checksums may be called what they are called', () => {
    expect(
      flown(['checksum.txt', 'mix.md5'], { extensions: ['wav'], namePattern: '{n:digits}.wav' }),
    ).toEqual([]);
  });
});

describe('a rule', () => {
  const rules: Rules = { namePattern: '{n:digits}.wav', overridable: ['name_pattern'] };

  test('is hard unless it may be set aside, and set aside for the file it was set aside for', () => {
    const overrides = [{ rule: 'name_pattern' as const, path: 'A.wav' }];
    expect(flown(['a.wav', 'b.wav'], rules, { overrides }).map(([, verdict]) => verdict)).toEqual([
      'overridden',
      'overridable',
    ]);
    const all = [{ rule: 'name_pattern' as const, path: null }];
    expect(flown(['a.wav', 'b.wav'], rules, { overrides: all }).map(([, verdict]) => verdict)).toEqual([
      'overridden',
      'overridden',
    ]);
  });

  test('that is never to be set aside cannot be made so', () => {
    expect(requestRulesSchema.safeParse({ overridable: ['name_invalid'] }).success).toBe(false);
  });

  test('of an empty file and of the space', () => {
    const input = { rules: noRules, present: [], at: 'begin', freeBytes: 9 } as const;
    const { findings } = preFlight({ ...input, files: [file('a', 0), file('b', 10)] });
    expect(findings.map(({ rule, details }) => [rule, details])).toEqual([
      ['empty_file', { name: 'a' }],
      ['no_space', { needed: 10, free: 9 }],
    ]);
  });
});

describe('a name that is there', () => {
  const rules = requestRulesSchema.parse({ expected: { kind: 'count', min: 1, max: 1 } });
  const present = [file('mix.wav')];
  const found = (...files: FileToCheck[]) =>
    preFlight({ rules, present, files, at: 'begin' }).findings.map(({ rule, details }) => [
      rule,
      details.present,
    ]);

  test('is told apart from one that comes twice', () => {
    expect(found(file('MIX.wav'))).toEqual([
      ['name_duplicate', 1],
      ['too_many_files', undefined],
    ]);
    expect(found(file('a.wav'), file('A.wav')).at(0)).toEqual(['name_duplicate', 0]);
  });

  test('makes way for what replaces it, which counts in its place', () => {
    expect(found({ ...file('MIX.wav'), replace: true })).toEqual([]);
    expect(found({ ...file('MIX.wav'), replace: true }, file('mix.wav')).at(0)).toEqual([
      'name_duplicate',
      0,
    ]);
  });
});

test('without rules, there is room for all of them or there is not', () => {
  const files = [file('.hidden', 6), file('empty', 0), file('other', 5)];
  const judged = (freeBytes: number | null) =>
    preFlight({ rules: null, files, present: [], at: 'begin', freeBytes }).findings;
  expect(judged(11)).toEqual([]);
  expect(judged(10)).toMatchObject([
    { rule: 'no_space', verdict: 'blocking', path: null, details: { needed: 11, free: 10 } },
  ]);
  expect(judged(null)).toEqual([]);
});

describe('what is only pointed out', () => {
  const told = (files: string[], more: Partial<PreFlightInput> = {}) =>
    preFlight({ rules: null, present: [], at: 'begin', ...more, files: files.map((path) => file(path)) });

  test('half-written files, hidden characters and look-alikes may come, whatever is asked for', () => {
    const files = ['a.mov.part', 'cut\u202f1.mov', 'cut 1.mov', 'cut\u00a01.mov'];
    for (const rules of [null, noRules]) {
      const { findings, counts } = told(files, { rules });
      expect(counts).toEqual({ blocking: 0, overridable: 0, overridden: 0, later: 0, note: 5 });
      expect(
        findings.map(({ rule, path, details, suggestion }) => [rule, path, details, suggestion]),
      ).toEqual([
        ['unfinished_file', 'a.mov.part', { name: 'a.mov.part', of: 'a browser' }, null],
        ['hidden_characters', files[1], { name: 'cut⟨NNBSP⟩1.mov', characters: 'NNBSP' }, 'cut 1.mov'],
        ['look_alike', files[2], { other: 'cut⟨NNBSP⟩1.mov' }, null],
        ['hidden_characters', files[3], { name: 'cut⟨NBSP⟩1.mov', characters: 'NBSP' }, 'cut 1.mov'],
        ['look_alike', files[3], { other: 'cut⟨NNBSP⟩1.mov' }, null],
      ]);
    }
  });

  test('look-alikes of what is there, too', () => {
    expect(told(['\u0430.mov'], { present: [file('a.mov')] }).findings).toMatchObject([
      { rule: 'look_alike', verdict: 'note', details: { other: 'a.mov' } },
    ]);
    expect(told(['A.mov'], { present: [file('b.mov')] }).findings).toEqual([]);
  });

  test('at the submit nothing is: it was let in', () => {
    const present = ['.DS_Store', 'a.part', 'b\u200b.mov', 'b.mov'].map((path) => file(path));
    expect(preFlight({ rules: null, files: [], present, at: 'submit' }).findings).toEqual([]);
  });
});

test('what a system left is refused without rules as well, and judged by nothing else', () => {
  const files = [file('Card/@eaDir/a.mov/thumb.jpg', 0)];
  for (const rules of [null, noRules]) {
    expect(preFlight({ rules, files, present: [], at: 'begin' }).findings).toMatchObject([
      { rule: 'system_file', verdict: 'blocking', details: { name: '@eaDir', of: 'Synology' } },
    ]);
  }
});

describe('what is expected', () => {
  const list: Rules = {
    expected: { kind: 'list', files: [{ name: 'mix.{c:L|R}.wav' }, { name: 'notes.pdf', optional: true }] },
    demandsManifest: true,
  };

  test('is told as missing before, and is missing at submit', () => {
    expect(flown(['notes.pdf'], list)).toEqual([
      ['expected_missing', 'later', null, null],
      ['manifest_missing', 'later', null, null],
    ]);
    expect(flown([], list, { at: 'submit', present: [file('mix.l.wav')] })).toEqual([
      ['manifest_missing', 'blocking', null, null],
    ]);
    expect(flown(['mix_R.WAV', 'x.txt'], list).slice(0, 2)).toEqual([
      ['unexpected_file', 'blocking', 'mix_R.WAV', 'mix.R.wav'],
      ['unexpected_file', 'blocking', 'x.txt', null],
    ]);
  });

  test('is counted without the lists of checksums', () => {
    const counted: Rules = { expected: { kind: 'count', min: 2, max: 2 } };
    expect(flown(['a.wav', 'a.md5'], counted)).toEqual([['too_few_files', 'later', null, null]]);
    expect(flown(['a.wav', 'b.wav', 'c.wav'], counted)).toEqual([['too_many_files', 'blocking', null, null]]);
  });

  test('missing frames are told for each sequence of a folder, over what is there and what comes', () => {
    const rules: Rules = { completeSequences: true };
    const present = [file('a/shot.1001.exr'), file('b/shot.1001.exr')];
    const report = preFlight({
      rules: requestRulesSchema.parse(rules),
      present,
      at: 'submit',
      files: [1003, 1007].map((frame) => file(`a/shot.${frame}.exr`)),
    });
    expect(report.findings).toMatchObject([
      { rule: 'sequence_gap', path: 'a/shot.####.exr', details: { missing: 4, gaps: '1002, 1004–1006' } },
    ]);
  });
});

describe('frames', () => {
  const judged = (names: readonly string[], more: Rules = {}, overrides: Override[] = []) =>
    preFlight({
      rules: requestRulesSchema.parse({ completeSequences: true, ...more }),
      overrides,
      present: names.map((name) => file(name)),
      files: [],
      at: 'submit',
    }).findings;
  const range = (first: number, last: number, step = 1) =>
    Array.from(
      { length: Math.floor((last - first) / step) + 1 },
      (_, index) => `s.${first + index * step}.exr`,
    );

  test.each<[string, string[], object]>([
    ['that outgrow their padding', ['s.9998.exr', 's.10001.exr'], { missing: 2, gaps: '9999–10000' }],
    ['in two ranges', [...range(1001, 1040), ...range(1101, 1140)], { missing: 60, gaps: '1041–1100' }],
    ['of every second', range(1001, 1039, 2), { missing: 19, gaps: '', step: 2, first: 1001, last: 1039 }],
    [
      'of every second, but one',
      range(1001, 1039, 2).toSpliced(5, 1),
      { missing: 20, gaps: '1011', step: 2 },
    ],
    ['before zero', ['s.-003.exr', 's.-001.exr', 's.0001.exr', 's.0002.exr'], { missing: 2, gaps: '-2, 0' }],
  ])('%s may be set aside with a reason, whatever the type says', (_, names, details) => {
    const [found] = judged(names, { overridable: [] });
    expect(found).toMatchObject({ rule: 'sequence_gap', verdict: 'overridable', details });
    const override = { rule: 'sequence_gap' as const, path: found!.path };
    expect(judged(names, {}, [override])).toMatchObject([{ verdict: 'overridden' }]);
  });

  test('there twice in other padding or case are told', () => {
    const path = 's.####.exr';
    expect(judged(['s.0998.exr', 'S.998.EXR', 's.0999.exr'])).toMatchObject([
      {
        rule: 'frame_duplicate',
        verdict: 'overridable',
        path,
        details: { frames: 1, names: 's.0998.exr = S.998.EXR' },
      },
    ]);
    expect(judged(['b/s.0998.exr', 'b/s.998.exr', 'a/s.998.exr'])).toMatchObject([
      { rule: 'frame_duplicate', path: 'b/s.0998.exr' },
    ]);
  });

  test('are no years, widths and versions', () => {
    const names = [
      'p_1920.exr',
      'p_2048.exr',
      'y_2023.tif',
      'y_2025.tif',
      'c_v001.exr',
      'c_v003.exr',
      'one.1001.exr',
    ];
    expect(judged(names)).toEqual([]);
  });
});

test('a delivery of 75,000 wrong files is told in a bounded report with its whole number', () => {
  const files = Array.from({ length: 75_000 }, (_, number) => file(`.${number}`));
  const report = preFlight({ rules: noRules, files, present: [], at: 'begin' });
  expect(report.findings).toHaveLength(1000);
  expect(report.counts.blocking).toBe(75_000);
});
