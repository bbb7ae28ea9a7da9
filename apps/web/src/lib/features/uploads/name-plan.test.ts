import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameKey, parseRelativePath } from '@turnover/domain/names/names';
import {
  noAnswers,
  planNames,
  problemsIn,
  withNames,
  type NameAnswers,
  type PlanTerms,
} from './name-plan.ts';

const drop = (paths: string[], emptyFolders: string[] = []) => ({
  files: paths.map((relativePath) => ({ relativePath, file: new File([], 'x') })),
  emptyFolders,
});
const free: PlanTerms = { taken: new Set(), maxPath: null };
const takenAt = (...paths: string[]): PlanTerms => ({ ...free, taken: new Set(paths.map(nameKey)) });
const answered = (names: Record<string, string>, leftOut: string[] = []): NameAnswers => ({
  names: new Map(Object.entries(names)),
  leftOut: new Set(leftOut),
});
const pathsAfter = (read: ReturnType<typeof drop>, terms = free, answers = noAnswers) =>
  withNames(read, planNames(read, terms), answers).files.map(({ relativePath }) => relativePath);

describe('names that cannot be kept', () => {
  test('of a folder are one question, however many files it holds', () => {
    const read = drop(Array.from({ length: 2_000 }, (_, index) => `Some Club e. V./a/${index}.mov`));
    const questions = planNames(read, free);
    expect(questions).toMatchObject([
      {
        kind: 'folder',
        folder: 'Some Club e. V.',
        offered: 'Some Club e. V',
        problem: 'ending',
        collidesWith: null,
      },
    ]);
    expect(pathsAfter(read)[7]).toBe('Some Club e. V/a/7.mov');
    expect(problemsIn(read, questions, noAnswers, free).size).toBe(0);
  });

  test('of files are one question for their folder', () => {
    const read = drop(['Card/10:30.mov', 'Card/10:31.mov', 'Card/fine.mov', 'top?.mov']);
    expect(planNames(read, free).map(({ kind, folder, count }) => [kind, folder, count])).toEqual([
      ['files', '', 1],
      ['files', 'Card', 2],
    ]);
    expect(pathsAfter(read)).toEqual(['Card/10-30.mov', 'Card/10-31.mov', 'Card/fine.mov', 'top_.mov']);
  });

  test('asks nothing when no name is bad', () => {
    const read = drop(['Card/a.mov', 'Card\u00a02/b.mov'], ['Empty']);
    expect(planNames(read, free)).toEqual([]);
    expect(withNames(read, [], noAnswers)).toBe(read);
  });

  test('of nested folders are corrected at every level, empty folders included', () => {
    const read = drop(['A./B:/c?.mov'], ['A./D ']);
    expect(pathsAfter(read)).toEqual(['A/B-/c_.mov']);
    expect(withNames(read, planNames(read, free), noAnswers).emptyFolders).toEqual(['A/D']);
  });
});

describe('names that would collide', () => {
  test('numbers a corrected folder whose name another dropped folder has, and names that folder', () => {
    const read = drop(['Club/a.mov', 'Club./a.mov', 'CLUB /a.mov']);
    const questions = planNames(read, free);
    expect(questions.map(({ offered, collidesWith }) => [offered, collidesWith])).toEqual([
      ['CLUB (2)', 'CLUB'],
      ['Club (3)', 'Club'],
    ]);
    expect(new Set(pathsAfter(read))).toEqual(new Set(['Club/a.mov', 'CLUB (2)/a.mov', 'Club (3)/a.mov']));
  });

  test('numbers a folder whose parents differ only in case', () => {
    const read = drop(['a/a-/a', 'A/a:/a']);
    expect(new Set(pathsAfter(read))).toEqual(new Set(['a/a-/a', 'A/a- (2)/a']));
  });

  test('numbers a folder whose name exists at the target', () => {
    const read = drop(['Club./a.mov']);
    expect(planNames(read, takenAt('club'))).toMatchObject([{ offered: 'Club (2)', collidesWith: 'Club' }]);
  });

  test('numbers a file before its frame number and extension', () => {
    const read = drop(['a/10:30.1001.exr', 'a/10-30.1001.exr', 'a/10|30.1001.exr']);
    expect(pathsAfter(read).sort()).toEqual([
      'a/10-30 (2).1001.exr',
      'a/10-30 (3).1001.exr',
      'a/10-30.1001.exr',
    ]);
  });

  test('refuses an edited folder name that is taken or invalid', () => {
    const read = drop(['Club/a.mov', 'Verein./b.mov']);
    const questions = planNames(read, free);
    const problems = (name: string, terms = free) =>
      Object.fromEntries(problemsIn(read, questions, answered({ 'folder Verein.': name }), terms));
    expect(problems('club')).toEqual({ 'folder Verein.': 'same_name' });
    expect(problems('Other', takenAt('other'))).toEqual({ 'folder Verein.': 'same_name' });
    expect(problems('Verein:')).toEqual({ 'folder Verein.': 'reserved' });
    expect(problems('a/b')).toEqual({ 'folder Verein.': 'slash' });
    expect(problems('Other')).toEqual({});
    expect(pathsAfter(read, free, answered({ 'folder Verein.': 'Other' }))).toEqual([
      'Club/a.mov',
      'Other/b.mov',
    ]);
  });

  test('refuses an edited file name that is taken', () => {
    const read = drop(['a/b?.mov', 'a/c.mov']);
    const questions = planNames(read, free);
    expect(
      Object.fromEntries(problemsIn(read, questions, answered({ 'file a/b?.mov': 'C.mov' }), free)),
    ).toEqual({
      'file a/b?.mov': 'same_name',
    });
  });
});

test('leaving out a folder leaves out everything in it', () => {
  const read = drop(['Club./a/b.mov', 'Card/c?.mov', 'Card/d.mov'], ['Club./e']);
  const answers = answered({}, ['folder Club.', 'files Card']);
  expect(pathsAfter(read, free, answers)).toEqual(['Card/d.mov']);
  expect(withNames(read, planNames(read, free), answers).emptyFolders).toEqual([]);
});

describe('paths that are too long', () => {
  const terms = { ...free, maxPath: 60 };

  test('are fixed by shorter file names when that is enough', () => {
    const read = drop([`Card/${'long_'.repeat(12)}v02.1001.exr`, 'Card/short.exr']);
    const questions = planNames(read, terms);
    expect(questions).toMatchObject([{ kind: 'files', folder: 'Card', problem: 'path_too_long', count: 1 }]);
    expect(pathsAfter(read, terms)[0]).toMatch(/^Card\/(long_)+\w*_v02\.1001\.exr$/);
    expect(pathsAfter(read, terms)[0]!.length).toBeLessThanOrEqual(60);
  });

  test('are otherwise fixed by shorter folder names, with one question for each folder of files', () => {
    const folder = `${'Camera_'.repeat(5)}/${'Reel_'.repeat(6)}`;
    const read = drop(Array.from({ length: 500 }, (_, index) => `${folder}/shot.${1000 + index}.exr`));
    const questions = planNames(read, terms);
    expect(questions).toMatchObject([{ kind: 'path', folder, count: 500 }]);
    const after = pathsAfter(read, terms);
    expect(Math.max(...after.map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(new Set(after).size).toBe(500);
    expect(problemsIn(read, questions, noAnswers, terms).size).toBe(0);
    const long = answered({ [`path ${folder}`]: 'x'.repeat(70) });
    expect(Object.fromEntries(problemsIn(read, questions, long, terms))).toEqual({
      [`path ${folder}`]: 'path_too_long',
    });
  });
});

test('for any drop, the suggestions are valid and no two files or folders become one', () => {
  const name = fc.constantFrom(
    'a',
    'A',
    'a.',
    'a ',
    'a:',
    'a-',
    'b',
    'b?',
    'con',
    '..x ',
    'c.mov',
    'c?.mov',
    'c_.mov',
    '\u202ed',
  );
  const paths = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 4 }), {
    maxLength: 14,
    selector: (segments) => nameKey(segments.join('/')),
  });
  fc.assert(
    fc.property(paths, fc.array(name, { maxLength: 3 }), (all, there) => {
      const joined = all.map((segments) => segments.join('/'));
      // As on a disk, no file has the path of a folder.
      const files = joined.filter(
        (path) => !joined.some((other) => nameKey(other).startsWith(`${nameKey(path)}/`)),
      );
      const read = drop(files);
      const terms = takenAt(...there);
      const questions = planNames(read, terms);
      const after = withNames(read, questions, noAnswers).files.map(({ relativePath }) => relativePath);
      expect(after).toHaveLength(files.length);
      expect(new Set(after.map(nameKey)).size).toBe(files.length);
      for (const path of after) expect(parseRelativePath(path)).toHaveProperty('segments');
      expect(Object.fromEntries(problemsIn(read, questions, noAnswers, terms))).toEqual({});
      const foldersOf = (each: string[]) =>
        new Set(each.map((path) => nameKey(path.slice(0, Math.max(0, path.lastIndexOf('/'))))));
      // Folders that differ only in case may get different names, because the hub would merge them; different folders
      // never merge.
      expect(foldersOf(after).size).toBeGreaterThanOrEqual(foldersOf(files).size);
    }),
    { numRuns: 300 },
  );
});
