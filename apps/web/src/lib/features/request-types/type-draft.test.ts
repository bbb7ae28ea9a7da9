import { expect, test } from 'vitest';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { starterTypes } from '@turnover/domain/rules/starter-types';
import { draftOf, problemOfNames, rulesOfDraft } from './type-draft.ts';

test.each(starterTypes.map((type) => [type.name, type] as const))(
  '%s goes through the editor unchanged',
  (_name, type) => {
    expect(requestRulesSchema.parse(rulesOfDraft(draftOf(type.rules, type)))).toEqual(type.rules);
  },
);

test('what is typed loosely is read as it is meant', () => {
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

test('a bad line of the list is named', () => {
  expect(problemOfNames('good.wav\n? {bad')).toMatch(/^Line 2/);
  expect(problemOfNames('good.wav\n')).toBeUndefined();
});
