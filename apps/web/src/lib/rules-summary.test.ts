import { expect, test } from 'vitest';
import { noRules, requestRulesSchema, type RequestRules } from '@turnover/domain/rules/request-types';
import * as m from '@turnover/messages/messages';
import { factsOfRules, lineOfRules } from './rules-summary.ts';

/** `overridable` states how strict the other rules are, so it is no fact of its own. */
const examples: Record<Exclude<keyof RequestRules, 'overridable'>, Partial<RequestRules>> = {
  mediaKinds: { mediaKinds: ['audio'] },
  extensions: { extensions: ['wav'] },
  namePattern: { namePattern: 'mix.wav' },
  expected: { expected: { kind: 'count', min: 2, max: null } },
  media: { media: { ...noRules.media, codecs: ['PCM'] } },
  signalLimits: { signalLimits: { ...noRules.signalLimits, blackSeconds: 1 } },
  strictNames: { strictNames: true },
  demandsManifest: { demandsManifest: true },
  automaticSubmit: { automaticSubmit: true },
  completeSequences: { completeSequences: true },
  leftOutStages: { leftOutStages: ['preview'] },
  informingStages: { informingStages: ['preview'] },
};
const fields = Object.entries(examples).map(([field, rules]) => [field, { ...noRules, ...rules }] as const);

test('every field of the rules has an example', () => {
  expect(Object.keys(examples).sort()).toEqual(
    Object.keys(requestRulesSchema.shape)
      .filter((field) => field !== 'overridable')
      .sort(),
  );
});

test.each(fields)('the facts show %s', (_, rules) => {
  expect(factsOfRules(rules)).toHaveLength(1);
});

// The line omits media, which nothing checks before the upload.
test.each(fields.filter(([field]) => field !== 'media'))('the line shows %s', (_, rules) => {
  expect(lineOfRules(rules)).not.toBe(m.types_no_rules());
});

test('expected files are counted without the optional ones', () => {
  const files = ['ASSETMAP.xml', 'PKL.xml'].map((name) => ({ name, optional: false }));
  const optional = { name: 'VOLINDEX.xml', optional: true };
  const wordsOf = (expected: RequestRules['expected']) => factsOfRules({ ...noRules, expected })[0]!.value;
  expect(wordsOf({ kind: 'list', files })).toBe('2 expected files');
  expect(wordsOf({ kind: 'list', files: [...files, optional] })).toBe('2 expected files, 1 optional');
});
