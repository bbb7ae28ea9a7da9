import { expect, test } from 'vitest';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import {
  checkFiles as checkWith,
  renamed,
  replacing,
  suggestionFor,
  without,
  withOfferedNames,
  withReason,
  type PreFlightTerms,
  type Checked,
} from './pre-flight.ts';

const chosen = (...paths: string[]) =>
  paths.map((relativePath) => ({ relativePath, file: new File(['x'], relativePath.split('/').at(-1)!) }));
const termsOf = (rules: object, present: string[] = []): PreFlightTerms => ({
  rules: requestRulesSchema.parse(rules),
  present: present.map((path) => ({ path, sizeBytes: 1 })),
  overrides: [],
});
async function check(
  files: Parameters<typeof checkWith>[0],
  terms: PreFlightTerms | null,
  free: number | null = null,
): Promise<Checked> {
  const checked = await checkWith(files, terms, free);
  if (!checked) throw new Error('The result was not wanted.');
  return checked;
}
const pathsOf = (files: readonly { relativePath: string }[]) => files.map(({ relativePath }) => relativePath);

test('files that match the rules pass without a question', async () => {
  expect((await check(chosen('mix.wav'), termsOf({ extensions: ['wav'] }))).isGood).toBe(true);
});

test('suggested names are taken, one by one or all at once', async () => {
  const terms = termsOf({ strictNames: true });
  const one = renamed(chosen('Card A/mix 1.wav', 'mix 2.wav'), 'mix 2.wav', 'mix_2.wav');
  expect((await check(one, terms)).fine).toBe(1);
  const all = withOfferedNames(await check(one, terms));
  expect(pathsOf(all)).toEqual(['Card_A/mix_1.wav', 'mix_2.wav']);
  expect((await check(all, terms)).isGood).toBe(true);
});

test('does not suggest a name that another file has', async () => {
  const hidden = 'mix\u200b 2.wav';
  const alone = await check(chosen(hidden), termsOf({}));
  expect(suggestionFor(alone.notes, hidden)).toBe('mix 2.wav');
  const both = await check(chosen(hidden, 'mix 2.wav'), termsOf({}));
  expect(suggestionFor(both.notes, hidden)).toBeNull();
  expect(pathsOf(withOfferedNames(both))).toEqual([hidden, 'mix 2.wav']);
  const present = termsOf({}, ['mix 2.wav']);
  expect(suggestionFor((await check(chosen(hidden), present)).notes, hidden)).toBeNull();
});

test('files that do not fit can be left out', async () => {
  const terms = termsOf({ extensions: ['wav'] });
  const files = chosen('mix.wav', 'notes.txt', 'cut.mov');
  const checked = await check(files, terms);
  expect(checked.isBlocked).toBe(true);
  expect(pathsOf(without(files, new Set(checked.byPath.keys())))).toEqual(['mix.wav']);
});

test('overridable files get the reason, and no other file does', async () => {
  const terms = termsOf({ extensions: ['wav'], overridable: ['extension'] });
  const files = chosen('mix.wav', 'notes.txt');
  const checked = await check(files, terms);
  expect(checked).toMatchObject({ needsReason: true, isBlocked: false, isGood: false });
  expect(withReason(checked, ' They asked for it ').map(({ override }) => override)).toEqual([
    undefined,
    'They asked for it',
  ]);
});

test('reports a name that exists; a missing file does not stop the upload', async () => {
  const rules = { expected: { kind: 'list', files: [{ name: 'a.wav' }, { name: 'b.wav' }] } };
  const checked = await check(chosen('A.wav'), termsOf(rules, ['a.wav']));
  expect([...checked.byPath.keys()]).toEqual(['A.wav']);
  expect([...checked.taken]).toEqual(['A.wav']);
  expect((await check(replacing(chosen('A.wav'), checked.taken), termsOf(rules, ['a.wav']))).isGood).toBe(
    true,
  );
  expect(checked.later.map(({ details }) => details.name)).toEqual(['b.wav']);
});

test('checks every file, however many do not fit, until the result is no longer wanted', async () => {
  const terms = termsOf({ namePattern: '{n:digits(4)}.exr', overridable: ['name_pattern'] });
  const files = chosen(...Array.from({ length: 1200 }, (_, index) => `take ${index}.mov`));
  const checked = await check(files, terms);
  expect(checked).toMatchObject({ fine: 0, needsReason: true });
  expect(new Set(withReason(checked, 'Agreed').map(({ override }) => override))).toEqual(new Set(['Agreed']));
  let isWanted = true;
  const answer = checkWith(files, terms, null, () => isWanted);
  isWanted = false;
  expect(await answer).toBeNull();
});

test('requires space for all files, with or without rules', async () => {
  expect((await check(chosen('a.wav', 'b.wav'), null, 2)).isGood).toBe(true);
  expect((await check(chosen('a.wav', 'b.wav'), null, 1)).whole).toMatchObject([{ rule: 'no_space' }]);
  expect((await check(chosen('a.wav', 'b.wav'), termsOf({}), 1)).isBlocked).toBe(true);
});
