import { expect, test } from 'vitest';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import {
  judge as checkWith,
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
async function judge(
  files: Parameters<typeof checkWith>[0],
  terms: PreFlightTerms | null,
  free: number | null = null,
): Promise<Checked> {
  const judged = await checkWith(files, terms, free);
  if (!judged) throw new Error('Nobody wanted to know.');
  return judged;
}
const pathsOf = (files: readonly { relativePath: string }[]) => files.map(({ relativePath }) => relativePath);

test('what is as asked for passes without a question', async () => {
  expect((await judge(chosen('mix.wav'), termsOf({ extensions: ['wav'] }))).isGood).toBe(true);
});

test('offered names are taken, one by one or all', async () => {
  const terms = termsOf({ strictNames: true });
  const one = renamed(chosen('Card A/mix 1.wav', 'mix 2.wav'), 'mix 2.wav', 'mix_2.wav');
  expect((await judge(one, terms)).fine).toBe(1);
  const all = withOfferedNames(await judge(one, terms));
  expect(pathsOf(all)).toEqual(['Card_A/mix_1.wav', 'mix_2.wav']);
  expect((await judge(all, terms)).isGood).toBe(true);
});

test('a name that another file has is not offered', async () => {
  const hidden = 'mix\u200b 2.wav';
  const alone = await judge(chosen(hidden), termsOf({}));
  expect(suggestionFor(alone.notes, hidden)).toBe('mix 2.wav');
  const both = await judge(chosen(hidden, 'mix 2.wav'), termsOf({}));
  expect(suggestionFor(both.notes, hidden)).toBeNull();
  expect(pathsOf(withOfferedNames(both))).toEqual([hidden, 'mix 2.wav']);
  const present = termsOf({}, ['mix 2.wav']);
  expect(suggestionFor((await judge(chosen(hidden), present)).notes, hidden)).toBeNull();
});

test('what does not fit is left out', async () => {
  const terms = termsOf({ extensions: ['wav'] });
  const files = chosen('mix.wav', 'notes.txt', 'cut.mov');
  const judged = await judge(files, terms);
  expect(judged.isBlocked).toBe(true);
  expect(pathsOf(without(files, new Set(judged.byPath.keys())))).toEqual(['mix.wav']);
});

test('what may come all the same goes with a reason, which nothing else gets', async () => {
  const terms = termsOf({ extensions: ['wav'], overridable: ['extension'] });
  const files = chosen('mix.wav', 'notes.txt');
  const judged = await judge(files, terms);
  expect(judged).toMatchObject({ needsReason: true, isBlocked: false, isGood: false });
  expect(withReason(judged, ' They asked for it ').map(({ override }) => override)).toEqual([
    undefined,
    'They asked for it',
  ]);
});

test('a name that is there already is told, and what is missing keeps nobody', async () => {
  const rules = { expected: { kind: 'list', files: [{ name: 'a.wav' }, { name: 'b.wav' }] } };
  const judged = await judge(chosen('A.wav'), termsOf(rules, ['a.wav']));
  expect([...judged.byPath.keys()]).toEqual(['A.wav']);
  expect([...judged.taken]).toEqual(['A.wav']);
  expect((await judge(replacing(chosen('A.wav'), judged.taken), termsOf(rules, ['a.wav']))).isGood).toBe(
    true,
  );
  expect(judged.later.map(({ details }) => details.name)).toEqual(['b.wav']);
});

test('every file is judged, however many do not fit, unless nobody wants to know any more', async () => {
  const terms = termsOf({ namePattern: '{n:digits(4)}.exr', overridable: ['name_pattern'] });
  const files = chosen(...Array.from({ length: 1200 }, (_, index) => `take ${index}.mov`));
  const judged = await judge(files, terms);
  expect(judged).toMatchObject({ fine: 0, needsReason: true });
  expect(new Set(withReason(judged, 'Agreed').map(({ override }) => override))).toEqual(new Set(['Agreed']));
  let isWanted = true;
  const answer = checkWith(files, terms, null, () => isWanted);
  isWanted = false;
  expect(await answer).toBeNull();
});

test('there has to be room for all of it, whatever the request asks for', async () => {
  expect((await judge(chosen('a.wav', 'b.wav'), null, 2)).isGood).toBe(true);
  expect((await judge(chosen('a.wav', 'b.wav'), null, 1)).whole).toMatchObject([{ rule: 'no_space' }]);
  expect((await judge(chosen('a.wav', 'b.wav'), termsOf({}), 1)).isBlocked).toBe(true);
});
