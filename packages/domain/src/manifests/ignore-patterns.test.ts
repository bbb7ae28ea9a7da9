import { expect, test } from 'vitest';
import { ignoreMatcher, maxIgnorePatterns, maxStepsPerPath } from './ignore-patterns.ts';

test.each<[pattern: string, fitting: string[], unfitting: string[]]>([
  ['.DS_Store', ['.DS_Store', 'a/b/.DS_Store'], ['DS_Store', '.DS_Store2']],
  ['ascmhl/', ['ascmhl/0001.mhl', 'a/ascmhl/README.txt'], ['ascmhl', 'a/ascmhl']],
  ['ascmhl', ['ascmhl', 'ascmhl/x'], ['xascmhl', 'ascmhl2/x']],
  ['*.tmp', ['a.tmp', 'x/.tmp', 'x/y.tmp/z.mov'], ['a.tmp2', 'tmp']],
  ['/1/c.txt', ['1/c.txt'], ['2/1/c.txt']],
  ['1/c.txt', ['1/c.txt', '1/c.txt/x'], ['2/1/c.txt']],
  ['1/*', ['1/a', '1/b/c'], ['2/1/a', '1']],
  ['**/cache', ['cache', 'a/cache/x', 'a/b/cache'], ['caches']],
  ['cache/**', ['cache/a', 'cache/a/b'], ['cache', 'x/cache/a']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/bx']],
  ['plate.[0-9]?.exr', ['plate.1x.exr', 'a/plate.22.exr'], ['plate.x1.exr']],
  ['[!a-c].txt', ['d.txt'], ['a.txt', 'dd.txt']],
  ['\\#mine', ['#mine'], ['mine']],
  ['a[', ['a['], ['a']],
  ['Größe*', ['Größe 1'], ['GröÃŸe']],
])('%s', (pattern, fitting, unfitting) => {
  const match = ignoreMatcher([pattern]);
  for (const path of fitting) expect([path, match(path)]).toEqual([path, pattern]);
  for (const path of unfitting) expect([path, match(path)]).toEqual([path, null]);
});

test('the last line that fits decides, but nothing returns from a folder that is left out', () => {
  const match = ignoreMatcher(['*.tmp', '!keep.tmp', 'cache/', '!cache/keep.tmp', '# a remark', '', '/']);
  expect(match('a.tmp')).toBe('*.tmp');
  expect(match('x/keep.tmp')).toBeNull();
  expect(match('cache/keep.tmp')).toBe('cache/');
  expect(match('# a remark')).toBeNull();
});

test('hostile patterns take no long', () => {
  const lines = [
    `${'*a'.repeat(240)}b`,
    `${'**/'.repeat(160)}x`,
    `[${'z-a'.repeat(100)}]`,
    '*'.repeat(400) + 'b',
  ];
  const match = ignoreMatcher(lines);
  expect(match('a'.repeat(4000))).toBeNull();
  expect(match('a/'.repeat(500) + 'a')).toBeNull();
  const many = ignoreMatcher(Array.from({ length: maxIgnorePatterns + 1 }, (_, at) => `f${at}`));
  expect(many(`f${maxIgnorePatterns - 1}`)).not.toBeNull();
  expect(many(`f${maxIgnorePatterns}`)).toBeNull();
  expect(ignoreMatcher(['x'.repeat(501)])('x'.repeat(501))).toBeNull();
});

test('a path takes a bounded number of steps, whatever the patterns are', () => {
  const taken = (lines: readonly string[], path: string) => {
    let steps = 0;
    ignoreMatcher(lines, (each) => (steps = each))(path);
    return steps;
  };
  const deep = `${'a/'.repeat(250)}a`;
  const times = (line: string) => Array.from({ length: maxIgnorePatterns }, (_, at) => `${line}${at}`);
  expect(taken(times(`${'**/*/'.repeat(74)}z`), deep)).toBe(0);
  expect(taken(times(`${'**/*/'.repeat(4)}z`), deep)).toBeLessThan(maxStepsPerPath * 1.01);
  expect(taken(times('*a'.repeat(200)), 'a'.repeat(4000))).toBeLessThan(maxStepsPerPath * 1.01);
  expect(taken(times('*.tmp'), 'Reels/A001/A001_C001_0101AB.mov')).toBeLessThan(maxStepsPerPath / 5);
});

test('a pattern of too many parts is left out, and a path of too many steps is kept', () => {
  expect(ignoreMatcher(['a/'.repeat(20)])(`${'a/'.repeat(20)}x`)).not.toBeNull();
  expect(ignoreMatcher(['a/'.repeat(21)])(`${'a/'.repeat(21)}x`)).toBeNull();
  expect(ignoreMatcher([`${'**/a/'.repeat(4)}x`])('a/a/a/a/x')).not.toBeNull();
  expect(ignoreMatcher([`${'**/a/'.repeat(5)}x`])('a/a/a/a/a/x')).toBeNull();
  const slow = Array.from({ length: 100 }, (_, at) => `*a*a*a*${at}`);
  expect(ignoreMatcher(['a*', ...slow])('a'.repeat(4000))).toBeNull();
});
