import { expect, test } from 'vitest';
import { needsALook, reportOn } from './drop-report.ts';

const read = (paths: string[], more: object = {}) => ({
  files: paths.map((relativePath) => ({ relativePath, file: new File([], 'x') })),
  emptyFolders: [] as string[],
  unreadable: [],
  litter: [] as string[],
  ...more,
});

test('a drop without problems, or with system litter only, needs no report', () => {
  expect(needsALook(reportOn(read(['a.mov', 'b 1.mov', 'été.mov']), { isRequest: false }))).toBe(false);
  expect(needsALook(reportOn(read(['a.mov'], { litter: ['.DS_Store'] }), { isRequest: true }))).toBe(false);
});

test('reports hidden, partial and look-alike names, within the drop and compared with existing files', () => {
  const paths = ['a\u202f1.mov', 'a 1.mov', 'b.mov.part', 'c.mov'];
  const report = reportOn(read(paths), { isRequest: false, alike: [['c.mov', '\u0441.mov']] });
  expect(report).toMatchObject({
    files: 4,
    hidden: ['a\u202f1.mov'],
    unfinished: ['b.mov.part'],
    alike: [
      ['a 1.mov', 'a\u202f1.mov'],
      ['a\u202f1.mov', 'a 1.mov'],
      ['c.mov', '\u0441.mov'],
    ],
  });
  expect(needsALook(report)).toBe(true);
});

test('finds a letter of another alphabet among plain names', () => {
  const { alike } = reportOn(read(['a.mov', '\u0430.mov']), { isRequest: false });
  expect(new Map(alike)).toEqual(
    new Map([
      ['\u0430.mov', 'a.mov'],
      ['a.mov', '\u0430.mov'],
    ]),
  );
});

test('only a request leaves out empty folders', () => {
  const drop = read(['a.mov'], { emptyFolders: ['Docs'] });
  expect(reportOn(drop, { isRequest: false }).foldersLeftOut).toEqual([]);
  expect(reportOn(drop, { isRequest: true }).foldersLeftOut).toEqual(['Docs']);
});
