/** Checks docs/security.md: each requirement of ASVS 5.0 at levels 1 and 2 has a row, and what is held names tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const lines = readFileSync(join(root, 'docs/security.md'), 'utf8').split('\n');
const rows = lines
  .filter((line) => /^\| +\d+\.\d+\.\d+ /.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([id = '', level = '', state = '', text = '', tests = '']) => ({ id, level, state, text, tests }));
const pathsOf = (tests: string) => [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => path!);

/** How many requirements of levels 1 and 2 the chapters of ASVS 5.0.0 have. */
const requirements = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];
const chapterOf = (id: string) => Number(id.split('.')[0]);

test('each requirement has one row', () => {
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(requirements.map((_, index) => rows.filter(({ id }) => chapterOf(id) === index + 1).length)).toEqual(
    requirements,
  );
});

test.each(rows)('$id has a level, a state and a reason', ({ level, state, text }) => {
  expect(['1', '2']).toContain(level);
  expect(['held', 'not applicable', 'not yet']).toContain(state);
  expect(text).toMatch(/\S\.$/);
});

test.each(rows)('$id names tests that exist, and only when it is held', ({ state, tests }) => {
  const paths = pathsOf(tests);
  expect(paths.length > 0).toBe(state === 'held');
  expect(paths.filter((path) => !/\.(test|spec)\.ts$/.test(path) || !existsSync(join(root, path)))).toEqual(
    [],
  );
});

test('the table of chapters counts the rows', () => {
  const counted = (of: typeof rows) =>
    ['held', 'not applicable', 'not yet'].map((state) =>
      String(of.filter((row) => row.state === state).length),
    );
  const summary = lines
    .filter((line) => /^\| +(\[V\d|all )/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    );
  expect(summary).toEqual([
    ...requirements.map((_, index) => counted(rows.filter(({ id }) => chapterOf(id) === index + 1))),
    counted(rows),
  ]);
});
