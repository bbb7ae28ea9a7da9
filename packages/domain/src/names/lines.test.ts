import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { personNameSchema } from '../people/accounts.ts';
import { companyNameSchema } from '../people/companies.ts';
import { projectNameSchema, createProjectInput } from '../people/projects.ts';
import { createReasonInput } from '../requests/reasons.ts';
import { createRequestTypeInput } from '../rules/request-types.ts';
import { createRequestInput, overrideRuleInput, promiseInput } from '../requests/requests.ts';
import { tokenNameInput } from '../people/tokens.ts';
import { lineOfText, lineProblem, tidyLine } from './lines.ts';

const problemOf = (text: string, max = 120) => lineProblem(tidyLine(text), max)?.problem ?? null;

test.each([
  ['Ana\nRuiz', 'line_break'],
  ['Ana\r\nRuiz', 'line_break'],
  ['Ana\u2028Ruiz', 'line_break'],
  ['Ana\u0085Ruiz', 'line_break'],
  ['Ana\vRuiz', 'line_break'],
  ['Ana\tRuiz', 'hidden'],
  ['Ana\u0000', 'hidden'],
  ['Ana\u001b[31m', 'hidden'],
  ['An\u200ba', 'hidden'],
  ['An\u00ada', 'hidden'],
  ['\u2060', 'hidden'],
  ['Ana \u{e0041}', 'hidden'],
  ['\u3164', 'hidden'],
  ['\u2800\u2800', 'hidden'],
  ['Ana\u202egpj', 'direction'],
  ['Ana\u2067', 'direction'],
  ['Ana\u061c', 'direction'],
  ['', 'empty'],
  ['   ', 'empty'],
  ['\u00a0\u2003\u3000', 'empty'],
  ['\n \t', 'empty'],
  ['a'.repeat(121), 'too_long'],
  ['🎬'.repeat(61), 'too_long'],
  ['\ud800', 'not_unicode'],
])('refuses %j as a line: %s', (text, problem) => {
  expect(problemOf(text)).toBe(problem);
});

test.each([
  ['  Ana Ruiz \n', 'Ana Ruiz'],
  ['Ana\u00a0Ruiz', 'Ana Ruiz'],
  ['映画\u3000最終', '映画 最終'],
  ['Zoe\u0308', 'Zoë'],
])('stores %j as %j', (text, kept) => {
  expect(lineOfText(120).parse(text)).toBe(kept);
});

test.each([
  'Ana María Núñez-O’Brien',
  'می\u200cخواهم',
  '👩‍🎤 Team',
  'Ελλάδα',
  'X',
  'न्\u200dय',
  'محمد علی',
  'Яandex',
])('accepts the name %j', (text) => {
  expect(lineOfText(120).parse(text)).toBe(text);
});

test('the sentence names the character, or the length', () => {
  const sentence = (text: string) => lineOfText(5).safeParse(text).error?.issues[0]?.message;
  expect(sentence('a\u202eb')).toBe(
    'Remove the character U+202E RLO: it turns the direction of the text around it.',
  );
  expect(sentence('a\u200bb')).toContain('U+200B');
  expect(sentence('abcdefg')).toBe('Shorten it to at most 5 characters; it has 7.');
  expect(sentence('a\nb')).toBe('Write it on one line: remove the line breaks.');
});

describe('fields that hold one line', () => {
  const id = (prefix: string) => `${prefix}_${'a'.repeat(26)}`;
  const fields: Record<string, (text: string) => boolean> = {
    person: (text) => personNameSchema.safeParse(text).success,
    project: (text) => projectNameSchema.safeParse(text).success,
    subtitle: (text) => createProjectInput.safeParse({ name: 'x', subtitle: text }).success,
    company: (text) => companyNameSchema.safeParse(text).success,
    token: (text) => tokenNameInput.safeParse({ name: text }).success,
    request: (text) =>
      createRequestInput.safeParse({ projectId: id('prj'), name: text, assignees: [] }).success,
    type: (text) => createRequestTypeInput.safeParse({ projectId: id('prj'), name: text, rules: {} }).success,
    reason: (text) =>
      createReasonInput.safeParse({
        name: text,
        description: '',
        prevention: '',
        cure: '',
        severity: 'note',
      }).success,
    promise: (text) =>
      promiseInput.safeParse({ requestId: id('req'), promisedAt: null, reason: text }).success,
    override: (text) =>
      overrideRuleInput.safeParse({ requestId: id('req'), rule: 'extension', reason: text }).success,
  };

  test.each(Object.entries(fields))('%s', (_field, takes) => {
    expect(takes('As it should be')).toBe(true);
    for (const wrong of ['two\nlines', 'a\u202eb', 'a\u200bb', 'a\u0007b', 'x'.repeat(4001)]) {
      expect(takes(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});

test('accepted text has no line breaks, hidden characters or outer spaces, and is accepted again unchanged', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .array(
        fc.constantFrom(
          'a',
          ' ',
          '\u00a0',
          '\n',
          '\u2028',
          '\u200d',
          '\u200b',
          '\u202e',
          '👩',
          'é',
          'e\u0301',
        ),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (typed) => {
      const parsed = lineOfText(20).safeParse(typed);
      if (!parsed.success) return;
      const { data } = parsed;
      expect(data).toBe(data.trim());
      expect(data).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]/u);
      expect(data.length).toBeGreaterThan(0);
      expect(lineOfText(20).parse(data)).toBe(data);
    }),
    { numRuns: 300 },
  );
});
