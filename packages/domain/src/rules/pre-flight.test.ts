import { describe, expect, test } from 'vitest';
import { preFlight, type FileToCheck, type Override, type PreFlightInput } from './pre-flight.ts';
import { noRules, requestRulesSchema } from './request-types.ts';
import type { z } from 'zod';

const file = (path: string, sizeBytes = 1): FileToCheck => ({ path, sizeBytes });
type Rules = z.input<typeof requestRulesSchema>;

function problemsOf(files: string[], rules: Rules = {}, more: Partial<PreFlightInput> = {}) {
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
    expect(problemsOf([path], rules)).toEqual([[rule, 'blocking', path, suggestion]]);
  });

  test('reports a name that is used twice, among arriving and present files, in any case', () => {
    expect(problemsOf(['a.wav', 'A.WAV', 'b.wav'], {}, { present: [file('B.wav')] })).toEqual([
      ['name_duplicate', 'blocking', 'A.WAV', 'A (2).WAV'],
      ['name_duplicate', 'blocking', 'b.wav', 'b (2).wav'],
    ]);
  });

  test('does not check names of checksum lists against the rules', () => {
    expect(
      problemsOf(['checksum.txt', 'mix.md5'], { extensions: ['wav'], namePattern: '{n:digits}.wav' }),
    ).toEqual([]);
  });
});

describe('overrides', () => {
  const rules: Rules = { namePattern: '{n:digits}.wav', overridable: ['name_pattern'] };

  test('an override covers its own file, or all files when it has no path', () => {
    const overrides = [{ rule: 'name_pattern' as const, path: 'A.wav' }];
    expect(problemsOf(['a.wav', 'b.wav'], rules, { overrides }).map(([, verdict]) => verdict)).toEqual([
      'overridden',
      'overridable',
    ]);
    const all = [{ rule: 'name_pattern' as const, path: null }];
    expect(problemsOf(['a.wav', 'b.wav'], rules, { overrides: all }).map(([, verdict]) => verdict)).toEqual([
      'overridden',
      'overridden',
    ]);
  });

  test('a type cannot make a rule overridable that must never be', () => {
    expect(requestRulesSchema.safeParse({ overridable: ['name_invalid'] }).success).toBe(false);
  });

  test('reports empty files and missing space', () => {
    const input = { rules: noRules, present: [], at: 'begin', freeBytes: 9 } as const;
    const { findings } = preFlight({ ...input, files: [file('a', 0), file('b', 10)] });
    expect(findings.map(({ rule, details }) => [rule, details])).toEqual([
      ['empty_file', { name: 'a' }],
      ['no_space', { needed: 10, free: 9 }],
    ]);
  });
});

describe('a name that is already present', () => {
  const rules = requestRulesSchema.parse({ expected: { kind: 'count', min: 1, max: 1 } });
  const present = [file('mix.wav')];
  const found = (...files: FileToCheck[]) =>
    preFlight({ rules, present, files, at: 'begin' }).findings.map(({ rule, details }) => [
      rule,
      details.present,
    ]);

  test('is reported differently from a name that arrives twice', () => {
    expect(found(file('MIX.wav'))).toEqual([
      ['name_duplicate', 1],
      ['too_many_files', undefined],
    ]);
    expect(found(file('a.wav'), file('A.wav')).at(0)).toEqual(['name_duplicate', 0]);
  });

  test('is not reported when an arriving file replaces it', () => {
    expect(found({ ...file('MIX.wav'), replace: true })).toEqual([]);
    expect(found({ ...file('MIX.wav'), replace: true }, file('mix.wav')).at(0)).toEqual([
      'name_duplicate',
      0,
    ]);
  });
});

test('checks only the space when there are no rules', () => {
  const files = [file('.hidden', 6), file('empty', 0), file('other', 5)];
  const problems = (freeBytes: number | null) =>
    preFlight({ rules: null, files, present: [], at: 'begin', freeBytes }).findings;
  expect(problems(11)).toEqual([]);
  expect(problems(10)).toMatchObject([
    { rule: 'no_space', verdict: 'blocking', path: null, details: { needed: 11, free: 10 } },
  ]);
  expect(problems(null)).toEqual([]);
});

describe('notes', () => {
  const reportOf = (files: string[], more: Partial<PreFlightInput> = {}) =>
    preFlight({ rules: null, present: [], at: 'begin', ...more, files: files.map((path) => file(path)) });

  test('point out half-written files, hidden characters and look-alikes, and block nothing', () => {
    const files = ['a.mov.part', 'cut\u202f1.mov', 'cut 1.mov', 'cut\u00a01.mov'];
    for (const rules of [null, noRules]) {
      const { findings, counts } = reportOf(files, { rules });
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

  test('point out names that look like those of present files', () => {
    expect(reportOf(['\u0430.mov'], { present: [file('a.mov')] }).findings).toMatchObject([
      { rule: 'look_alike', verdict: 'note', details: { other: 'a.mov' } },
    ]);
    expect(reportOf(['A.mov'], { present: [file('b.mov')] }).findings).toEqual([]);
  });

  test('are not repeated at submit', () => {
    const present = ['.DS_Store', 'a.part', 'b\u200b.mov', 'b.mov'].map((path) => file(path));
    expect(preFlight({ rules: null, files: [], present, at: 'submit' }).findings).toEqual([]);
  });
});

test('refuses system litter even without rules, and checks it no further', () => {
  const files = [file('Card/@eaDir/a.mov/thumb.jpg', 0)];
  for (const rules of [null, noRules]) {
    expect(preFlight({ rules, files, present: [], at: 'begin' }).findings).toMatchObject([
      { rule: 'system_file', verdict: 'blocking', details: { name: '@eaDir', of: 'Synology' } },
    ]);
  }
});

describe('expected files', () => {
  const list: Rules = {
    expected: { kind: 'list', files: [{ name: 'mix.{c:L|R}.wav' }, { name: 'notes.pdf', optional: true }] },
    demandsManifest: true,
  };

  test('are reported as `later` at begin, and as blocking at submit', () => {
    expect(problemsOf(['notes.pdf'], list)).toEqual([
      ['expected_missing', 'later', null, null],
      ['manifest_missing', 'later', null, null],
    ]);
    expect(problemsOf([], list, { at: 'submit', present: [file('mix.l.wav')] })).toEqual([
      ['manifest_missing', 'blocking', null, null],
    ]);
    expect(problemsOf(['mix_R.WAV', 'x.txt'], list).slice(0, 2)).toEqual([
      ['unexpected_file', 'blocking', 'mix_R.WAV', 'mix.R.wav'],
      ['unexpected_file', 'blocking', 'x.txt', null],
    ]);
  });

  test('are counted without the checksum lists', () => {
    const counted: Rules = { expected: { kind: 'count', min: 2, max: 2 } };
    expect(problemsOf(['a.wav', 'a.md5'], counted)).toEqual([['too_few_files', 'later', null, null]]);
    expect(problemsOf(['a.wav', 'b.wav', 'c.wav'], counted)).toEqual([
      ['too_many_files', 'blocking', null, null],
    ]);
  });

  test('a packing list is expected like any other file of its package; other lists are not', () => {
    const files = [{ name: 'PKL{after:any}.xml' }, { name: '{title:any}.txt' }];
    const package_: Rules = { expected: { kind: 'list', files } };
    expect(problemsOf(['PKL_1.xml', 'checksum.txt'], package_)).toEqual([
      ['expected_missing', 'later', null, null],
    ]);
    expect(problemsOf(['PKL_1.xml', 'a.txt'], package_)).toEqual([]);
    const named: Rules = { demandsManifest: true };
    expect(problemsOf(['PKL_1.xml'], named)).toEqual([]);
  });

  test('missing frames are reported for each sequence of a folder, over present and arriving files', () => {
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
  const problems = (names: readonly string[], more: Rules = {}, overrides: Override[] = []) =>
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
  ])('gaps %s can be overridden with a reason in every type', (_, names, details) => {
    const [found] = problems(names, { overridable: [] });
    expect(found).toMatchObject({ rule: 'sequence_gap', verdict: 'overridable', details });
    const override = { rule: 'sequence_gap' as const, path: found!.path };
    expect(problems(names, {}, [override])).toMatchObject([{ verdict: 'overridden' }]);
  });

  test('that exist twice, with other padding or case, are reported', () => {
    const path = 's.####.exr';
    expect(problems(['s.0998.exr', 'S.998.EXR', 's.0999.exr'])).toMatchObject([
      {
        rule: 'frame_duplicate',
        verdict: 'overridable',
        path,
        details: { frames: 1, names: 's.0998.exr = S.998.EXR' },
      },
    ]);
    expect(problems(['b/s.0998.exr', 'b/s.998.exr', 'a/s.998.exr'])).toMatchObject([
      { rule: 'frame_duplicate', path: 'b/s.0998.exr' },
    ]);
  });

  test('are not years, widths or versions', () => {
    const names = [
      'p_1920.exr',
      'p_2048.exr',
      'y_2023.tif',
      'y_2025.tif',
      'c_v001.exr',
      'c_v003.exr',
      'one.1001.exr',
    ];
    expect(problems(names)).toEqual([]);
  });
});

test('the report on 75,000 wrong files lists the first 1,000 and counts all', () => {
  const files = Array.from({ length: 75_000 }, (_, number) => file(`.${number}`));
  const report = preFlight({ rules: noRules, files, present: [], at: 'begin' });
  expect(report.findings).toHaveLength(1000);
  expect(report.counts.blocking).toBe(75_000);
});
