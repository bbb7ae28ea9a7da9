import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noRules, requestRulesSchema, type RequestRules } from '@turnover/domain/rules/request-types';
import { starterTypes } from '@turnover/domain/rules/starter-types';
import { limitsOfDraft, problemOfLimits } from './limit-draft.ts';
import { draftOf, problemOfNames, rulesOfDraft } from './type-draft.ts';

test.each(starterTypes.map((type) => [type.name, type] as const))(
  'the editor keeps %s unchanged',
  (_name, type) => {
    expect(requestRulesSchema.parse(rulesOfDraft(draftOf(type.rules, type)))).toEqual(type.rules);
  },
);

const everyField: RequestRules = {
  mediaKinds: ['audio', 'document'],
  extensions: ['wav', 'pdf'],
  namePattern: '{title:words}_{version:digits}.{ending:wav|pdf}',
  expected: {
    kind: 'list',
    files: [
      { name: 'mix.wav', optional: false },
      { name: 'notes.pdf', optional: true },
    ],
  },
  media: {
    codecs: ['PCM'],
    resolutions: ['1920x1080'],
    frameRates: ['24', '25'],
    sampleRates: ['48 kHz'],
    bitDepths: ['24 bit'],
    channelLayouts: ['5.1'],
    languages: ['en', 'es-419'],
  },
  signalLimits: {
    blackSeconds: 1.5,
    freezeSeconds: 4,
    silenceSeconds: 10,
    truePeakDbtp: -2,
    minLoudnessLufs: -29,
    maxLoudnessLufs: -25,
  },
  strictNames: true,
  demandsManifest: true,
  automaticSubmit: true,
  completeSequences: true,
  leftOutStages: ['preview', 'x-studio.loudness'],
  informingStages: ['encode', 'x-studio.virus'],
  overridable: ['extension', 'empty_file'],
};

test.each(Object.keys(requestRulesSchema.shape) as (keyof RequestRules)[])(
  'the editor keeps %s when it saves',
  (field) => {
    // A field at its default would look kept even if the editor dropped it.
    expect(everyField[field]).not.toEqual(noRules[field]);
    const saved = rulesOfDraft(draftOf(everyField, { name: 'Mix', description: '' }));
    expect(requestRulesSchema.parse(saved)[field]).toEqual(everyField[field]);
  },
);

test.each(Object.keys(requestRulesSchema.shape.media.def.innerType.shape) as (keyof RequestRules['media'])[])(
  'the editor keeps the media property %s when it saves',
  (property) => {
    const saved = rulesOfDraft(draftOf(everyField, { name: 'Mix', description: '' }));
    expect(everyField.media[property]).not.toEqual([]);
    expect(requestRulesSchema.parse(saved).media[property]).toEqual(everyField.media[property]);
  },
);

test.each([
  { kind: 'any' },
  { kind: 'count', min: 2, max: 9 },
  { kind: 'count', min: 2, max: null },
] as const)('the editor keeps the expected files %o when it saves', (expected) => {
  const saved = rulesOfDraft(draftOf({ ...everyField, expected }, { name: 'Mix', description: '' }));
  expect(requestRulesSchema.parse(saved).expected).toEqual(expected);
});

test('parses loosely typed text', () => {
  const draft = draftOf(requestRulesSchema.parse({}), { name: 'Mix', description: '' });
  const rules = rulesOfDraft({
    ...draft,
    extensions: '.WAV; aif,',
    expectedKind: 'list',
    expectedNames: 'mix.{c:L|R}.wav\n\n ? notes.pdf ',
    media: { ...draft.media, codecs: ' PCM, ' },
  });
  expect(rules).toMatchObject({
    extensions: ['wav', 'aif'],
    expected: {
      kind: 'list',
      files: [
        { name: 'mix.{c:L|R}.wav', optional: false },
        { name: 'notes.pdf', optional: true },
      ],
    },
    media: { codecs: ['PCM'] },
  });
  expect(rulesOfDraft({ ...draft, expectedKind: 'list', expectedNames: ' \n' }).expected).toEqual({
    kind: 'any',
  });
});

test.each(Object.keys(draftOf(noRules, { name: '', description: '' })))(
  'the editor has a field that changes %s',
  (field) => {
    const components = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.svelte'));
    const sources = components.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
    expect(sources.join('\n')).toMatch(new RegExp(`bind:\\w+=\\{draft\\.${field}\\b`));
  },
);

test('takes limits with a comma, and says which one is no number or out of its range', () => {
  const { limits } = draftOf(noRules, { name: '', description: '' });
  expect(limitsOfDraft({ ...limits, blackSeconds: ' 1,5 ' })).toMatchObject({
    blackSeconds: 1.5,
    freezeSeconds: null,
  });
  expect(problemOfLimits(limits)).toBeUndefined();
  for (const text of ['two', '0', '1e9', '-'])
    expect(problemOfLimits({ ...limits, blackSeconds: text })).toMatch(/^Longest black/);
  expect(problemOfLimits({ ...limits, minLoudnessLufs: '-20', maxLoudnessLufs: '-24' })).toMatch(/lowest/);
});

test('names the bad line of a list', () => {
  expect(problemOfNames('good.wav\n? {bad')).toMatch(/^Line 2/);
  expect(problemOfNames('good.wav\n')).toBeUndefined();
});
