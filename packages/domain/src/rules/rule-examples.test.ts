import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { preFlight, type PreFlightInput } from './pre-flight.ts';
import { requestRulesSchema } from './request-types.ts';
import { preFlightRules, type PreFlightRule } from './rule-codes.ts';

/** A delivery that breaks one rule. */
type Example = {
  rules?: z.input<typeof requestRulesSchema>;
  files: readonly string[];
  sizeBytes?: number;
  freeBytes?: number;
};

const frames = { completeSequences: true };

/** Every code needs an example, so that the editor cannot show a checkbox for a rule that no check reports. */
const examples: Record<PreFlightRule, Example> = {
  name_invalid: { files: ['mix:1.wav'] },
  name_duplicate: { files: ['mix.wav', 'MIX.WAV'] },
  path_too_long: { files: [`${'a'.repeat(130)}/${'b'.repeat(130)}.mov`] },
  no_space: { files: ['mix.wav'], sizeBytes: 2, freeBytes: 1 },
  name_not_strict: { rules: { strictNames: true }, files: ['Été.mov'] },
  name_pattern: { rules: { namePattern: '{shot:digits}.exr' }, files: ['shot.exr'] },
  extension: { rules: { extensions: ['wav'] }, files: ['mix.mp3'] },
  media_kind: { rules: { mediaKinds: ['picture'] }, files: ['mix.wav'] },
  hidden_file: { files: ['.notes'] },
  empty_file: { files: ['mix.wav'], sizeBytes: 0 },
  unexpected_file: {
    rules: { expected: { kind: 'list', files: [{ name: 'mix.wav', optional: true }] } },
    files: ['notes.wav'],
  },
  too_many_files: { rules: { expected: { kind: 'count', min: 1, max: 1 } }, files: ['a.wav', 'b.wav'] },
  too_few_files: { rules: { expected: { kind: 'count', min: 2 } }, files: ['a.wav'] },
  expected_missing: { rules: { expected: { kind: 'list', files: [{ name: 'mix.wav' }] } }, files: [] },
  sequence_gap: { rules: frames, files: ['shot.1001.exr', 'shot.1002.exr', 'shot.1004.exr'] },
  frame_duplicate: {
    rules: frames,
    files: ['shot.1001.exr', 'shot.1002.exr', 'shot.1003.exr', 'shot.01002.exr'],
  },
  manifest_missing: { rules: { demandsManifest: true }, files: ['mix.wav'] },
  system_file: { files: ['.DS_Store'] },
  unfinished_file: { files: ['mix.wav.part'] },
  hidden_characters: { files: ['mix\u200b.wav'] },
  look_alike: { files: ['mix.wav', 'mіx.wav'] },
};

const moments = ['begin', 'submit'] as const;

function rulesBroken({ rules = {}, files, sizeBytes = 1, freeBytes = 1000 }: Example): Set<PreFlightRule> {
  const input: Omit<PreFlightInput, 'at'> = {
    rules: requestRulesSchema.parse(rules),
    files: files.map((path) => ({ path, sizeBytes })),
    present: [],
    freeBytes,
  };
  return new Set(moments.flatMap((at) => preFlight({ ...input, at }).findings.map(({ rule }) => rule)));
}

describe('each rule code', () => {
  test.each(preFlightRules)('%s is reported for a delivery that breaks it', (rule) => {
    expect(rulesBroken(examples[rule])).toContain(rule);
  });
});

test('a type demands a QC report and a PSE certificate beside the programme (docs/checks.md)', () => {
  const names = ['{title:words}.mov', '{title:words}_QC.pdf', '{title:words}_PSE.pdf'];
  const rules = { expected: { kind: 'list' as const, files: names.map((name) => ({ name })) } };
  const whole = ['NL_204.mov', 'NL_204_QC.pdf', 'NL_204_PSE.pdf'];
  expect(rulesBroken({ rules, files: whole })).toEqual(new Set());
  for (const missing of whole) {
    const files = whole.filter((name) => name !== missing);
    expect(rulesBroken({ rules, files }), missing).toEqual(new Set(['expected_missing']));
  }
});
