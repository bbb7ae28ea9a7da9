import { expect, test } from 'vitest';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import {
  checkFiles,
  filesToSend,
  isBlocked,
  isGood,
  noAnswers,
  skippingMisfits,
  type PreFlightTerms,
  type Checked,
  type UploadAnswers,
} from './pre-flight.ts';
import type { ChosenFile } from './target.ts';

const chosen = (...paths: string[]): ChosenFile[] =>
  paths.map((relativePath) => ({ relativePath, file: new File(['x'], relativePath.split('/').at(-1)!) }));
const termsOf = (rules: object, present: string[] = []): PreFlightTerms => ({
  rules: requestRulesSchema.parse(rules),
  present: present.map((path) => ({ path, sizeBytes: 1 })),
  overrides: [],
});
const anything = { freeBytes: null, mayReplace: true };
async function check(
  files: readonly ChosenFile[],
  terms: PreFlightTerms | null,
  answers: UploadAnswers = noAnswers,
  rest: { freeBytes?: number; mayReplace?: boolean } = {},
): Promise<Checked> {
  const checked = await checkFiles({ ...anything, files, terms, answers, ...rest });
  if (!checked) throw new Error('The result was not wanted.');
  return checked;
}
const about = (file: ChosenFile, answer: object): UploadAnswers => ({
  single: new Map([[file.file, answer]]),
});
const pathsOf = (checked: Checked) => filesToSend(checked).map(({ relativePath }) => relativePath);

test('files that match the rules pass without a question', async () => {
  expect(isGood(await check(chosen('mix.wav'), termsOf({ extensions: ['wav'] })))).toBe(true);
});

test('a file that does not fit gets the suggested name, unless the person keeps its own', async () => {
  const files = chosen('Card A/mix 1.wav', 'mix 2.wav');
  const terms = termsOf({ strictNames: true });
  const checked = await check(files, terms);
  expect(pathsOf(checked)).toEqual(['Card_A/mix_1.wav', 'mix_2.wav']);
  expect(checked).toMatchObject({ open: 0, counts: { fit: 0, renamed: 2 } });
  expect(isGood(checked)).toBe(false);
  const kept = await check(files, terms, about(files[1]!, { as: 'mix 2.wav' }));
  expect(kept.files.map(({ outcome }) => outcome)).toEqual(['add', 'open']);
  expect(isBlocked(kept)).toBe(true);
});

test('a name with a note only is kept, and never becomes one that another file has', async () => {
  const hidden = 'mix\u200b 2.wav';
  const alone = await check(chosen(hidden), termsOf({}));
  expect(alone.files).toMatchObject([{ as: hidden, offered: 'mix 2.wav', outcome: 'add' }]);
  const both = await check(chosen(hidden, 'mix 2.wav'), termsOf({}));
  expect(both.files[0]!.offered).toBeNull();
  const present = await check(chosen(hidden), termsOf({}, ['mix 2.wav']));
  expect(present.files[0]!.offered).toBeNull();
});

test('files that do not fit can be skipped together', async () => {
  const files = chosen('mix.wav', 'notes.txt', 'cut.mov');
  const terms = termsOf({ extensions: ['wav'] });
  const checked = await check(files, terms);
  expect(checked.open).toBe(2);
  const skipped = await check(files, terms, skippingMisfits(checked));
  expect(skipped.files.map(({ outcome }) => outcome)).toEqual(['add', 'skip', 'skip']);
  expect(pathsOf(skipped)).toEqual(['mix.wav']);
  expect(isBlocked(skipped)).toBe(false);
});

test('overridable files get the reason, and other files do not', async () => {
  const terms = termsOf({ extensions: ['wav'], overridable: ['extension'] });
  const files = chosen('mix.wav', 'notes.txt', 'cue.txt');
  expect(await check(files, terms)).toMatchObject({ open: 2, counts: { fit: 1, reason: 2 } });
  const blank = await check(files, terms, about(files[1]!, { override: '  ' }));
  expect(blank.open).toBe(2);
  const answers = { ...about(files[1]!, { override: ' They asked for it ' }), override: 'All of them' };
  expect(filesToSend(await check(files, terms, answers)).map(({ override }) => override)).toEqual([
    undefined,
    'They asked for it',
    'All of them',
  ]);
});

test('asks about a taken name: replace, keep both, or skip', async () => {
  const files = chosen('A.wav', 'A (2).wav');
  const terms = termsOf({}, ['a.wav']);
  const outcomeOf = async (onCollision?: 'replace' | 'keepBoth' | 'skip', mayReplace = true) => {
    const checked = await check(files, terms, { single: new Map(), onCollision }, { mayReplace });
    return [checked.files[0]!.outcome, ...pathsOf(checked)];
  };
  expect(await outcomeOf()).toEqual(['open', 'A (2).wav']);
  expect(await outcomeOf('replace')).toEqual(['replace', 'A.wav', 'A (2).wav']);
  expect(await outcomeOf('replace', false)).toEqual(['open', 'A (2).wav']);
  expect(await outcomeOf('keepBoth')).toEqual(['add', 'A (3).wav', 'A (2).wav']);
  expect(await outcomeOf('skip')).toEqual(['skip', 'A (2).wav']);
  const replaced = await check(files, terms, about(files[0]!, { onCollision: 'replace' }));
  expect(filesToSend(replaced).map(({ replace }) => replace)).toEqual([true, undefined]);
});

test('a missing file does not stop the upload', async () => {
  const rules = { expected: { kind: 'list', files: [{ name: 'a.wav' }, { name: 'b.wav' }] } };
  const checked = await check(chosen('a.wav'), termsOf(rules));
  expect(isGood(checked)).toBe(true);
  expect(checked.later.map(({ details }) => details.name)).toEqual(['b.wav']);
});

test('checks every file, however many do not fit, until the result is no longer needed', async () => {
  const terms = termsOf({ namePattern: '{n:digits(4)}.exr', overridable: ['name_pattern'] });
  const files = chosen(...Array.from({ length: 1200 }, (_, index) => `take ${index}.mov`));
  const checked = await check(files, terms, { single: new Map(), override: 'Agreed' });
  expect(checked.counts.reason).toBe(1200);
  const reasons = filesToSend(checked).map(({ override }) => override);
  expect([reasons.length, new Set(reasons)]).toEqual([1200, new Set(['Agreed'])]);
  let isWanted = true;
  const answer = checkFiles({ ...anything, files, terms, answers: noAnswers }, () => isWanted);
  isWanted = false;
  expect(await answer).toBeNull();
});

test('requires space for the files that are sent, with or without rules', async () => {
  const files = chosen('a.wav', 'b.wav');
  expect(isGood(await check(files, null, noAnswers, { freeBytes: 2 }))).toBe(true);
  const full = await check(files, null, noAnswers, { freeBytes: 1 });
  expect(full.whole).toMatchObject([{ rule: 'no_space' }]);
  expect(isBlocked(await check(files, termsOf({}), noAnswers, { freeBytes: 1 }))).toBe(true);
  const one = await check(files, null, about(files[1]!, { skip: true }), { freeBytes: 1 });
  expect(isBlocked(one)).toBe(false);
});
