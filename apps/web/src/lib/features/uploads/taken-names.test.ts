import { expect, test } from 'vitest';
import type { CheckedNameView } from '@turnover/domain/workspace/checked-names';
import { isSame, sortByTaken, withAnswers } from './taken-names.ts';

const present = {
  sizeBytes: 3,
  modifiedAt: 1000 as number | null,
  arrivedAt: 2000,
  state: 'stored' as 'uploading' | 'verifying' | 'stored',
  by: null,
  canReplace: true,
};
const chosen = (relativePath: string, lastModified = 1000) => ({
  file: new File(['abc'], relativePath, { lastModified }),
  relativePath,
});

/** A target with a folder `Card`, one file in it, and one file beside it. Records the queries. */
function target() {
  const asked: string[] = [];
  const there: Record<string, Pick<CheckedNameView, 'taken' | 'present'>> = {
    Card: { taken: 'folder', present: null },
    'Card/a.wav': { taken: 'file', present },
    'b.wav': { taken: 'file', present },
  };
  const check = async (paths: readonly string[]) => {
    asked.push(...paths);
    return paths.map((path) => ({ path, ...(there[path] ?? { taken: null, present: null }) }));
  };
  return { asked, check };
}
const paths = (files: readonly { relativePath: string }[]) => files.map(({ relativePath }) => relativePath);

test('distinguishes the same file from another one with its name', async () => {
  const files = [chosen('Card/a.wav'), chosen('b.wav', 1001), chosen('c.wav')];
  const { free, alreadyThere, taken } = await sortByTaken(files, target().check);
  expect([paths(free), paths(alreadyThere)]).toEqual([['c.wav'], ['Card/a.wav']]);
  expect(taken).toMatchObject([{ chosen: { relativePath: 'b.wav' }, kind: 'file', present }]);
});

test('does not ask about files in a folder that does not exist', async () => {
  const { asked, check } = target();
  const files = [chosen('New/deep/a.wav'), chosen('Card/new/b.wav'), chosen('Card/a.wav')];
  await sortByTaken(files, check);
  expect(asked).toEqual(['New', 'Card', 'Card/new', 'Card/a.wav']);
});

test('asks about many files in several calls', async () => {
  const calls: number[] = [];
  const files = Array.from({ length: 1200 }, (_, index) => chosen(`${index}.wav`));
  const { free } = await sortByTaken(files, async (some) => {
    calls.push(some.length);
    return [];
  });
  expect([calls, free.length]).toEqual([[500, 500, 200], 1200]);
});

test.each([
  ['another size', { sizeBytes: 4 }],
  ['another date', { modifiedAt: 1001 }],
  ['no date', { modifiedAt: null }],
  ['bytes that are still on their way', { state: 'uploading' as const }],
])('a file with %s is not the same', (_, difference) => {
  expect(isSame(present, chosen('a.wav').file)).toBe(true);
  expect(isSame({ ...present, ...difference }, chosen('a.wav').file)).toBe(false);
});

test('sends files that were answered with Replace or Keep both, and skips the others', async () => {
  const files = [chosen('b.wav', 5), chosen('Card/a.wav', 5), chosen('c.wav')];
  const sorted = await sortByTaken(files, target().check);
  const sent = withAnswers(sorted, ({ chosen: { relativePath } }) =>
    relativePath === 'b.wav' ? 'replace' : 'skip',
  );
  expect(sent).toEqual([files[2], { ...files[0], ifTaken: 'replace' }]);
});
