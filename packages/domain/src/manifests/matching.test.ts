import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce } from './manifest.ts';
import { FileIndex, matchEntries } from './matching.ts';

/** Returns the path of the matched file and the notes. */
function match(listPath: string, entry: string | string[], files: string[]): string | string[] {
  const rows = [...files, listPath].map((path) => ({ id: `id:${path}`, path }));
  const index = atOnce(FileIndex.of(rows));
  const entries = [entry].flat();
  const found = atOnce(matchEntries(rows.at(-1)!, entries, index));
  const told = entries.map((path) => {
    const { fileId, notes } = found.get(path)!;
    return [fileId?.slice(3) ?? '–', ...notes].join(' ');
  });
  return Array.isArray(entry) ? told : told[0]!;
}

test.each<[string, string, string, string[], string]>([
  ['beside the list', 'r1/md5.txt', 'a.mov', ['r1/a.mov', 'a.mov'], 'r1/a.mov'],
  ['below the list', 'md5.txt', 'r1/a.mov', ['r1/a.mov', 'r2/a.mov'], 'r1/a.mov'],
  ['from the top', 'r1/md5.txt', 'r1/a.mov', ['r1/a.mov'], 'r1/a.mov from_top'],
  ['another case', 'md5.txt', 'A.MOV', ['a.mov'], 'a.mov other_letters'],
  ['letters taken apart, as macOS does', 'md5.txt', 'u\u0308.mov', ['ü.mov'], 'ü.mov other_letters'],
  [
    'a narrow no-break space',
    'md5.txt',
    'shot 3.14\u202fPM.png',
    ['shot 3.14 PM.png'],
    'shot 3.14 PM.png look_alike',
  ],
  ['a space of no width', 'md5.txt', 'a.mov', ['a\u200b.mov'], 'a\u200b.mov look_alike'],
  [
    'the end of an absolute path',
    'md5.txt',
    'Volumes/Raid/Out/r1/a.mov',
    ['r1/a.mov', 'r2/a.mov'],
    'r1/a.mov by_end',
  ],
  ['only its name', 'lists/md5.txt', 'old/a.mov', ['r1/a.mov', 'b.mov'], 'r1/a.mov by_name'],
  ['a name that two have', 'lists/md5.txt', 'a.mov', ['r1/a.mov', 'r2/a.mov'], '– ambiguous'],
  ['an end that two have', 'md5.txt', 'x/r1/a.mov', ['p/r1/a.mov', 'q/r1/a.mov'], '– ambiguous'],
  ['no file', 'md5.txt', 'c.mov', ['a.mov', 'b.mov'], '–'],
  ['itself', 'r1/md5.txt', 'md5.txt', ['r1/a.mov'], '– the_list_itself'],
  [
    'the folder around ascmhl',
    'A/ascmhl/0001.mhl',
    'Clips/a.mov',
    ['A/Clips/a.mov', 'Clips/a.mov'],
    'A/Clips/a.mov',
  ],
  [
    'a chain lies beside its lists',
    'A/ascmhl/ascmhl_chain.xml',
    '0001.mhl',
    ['A/ascmhl/0001.mhl'],
    'A/ascmhl/0001.mhl',
  ],
  ['the side file', 'r1/a.mov.md5', '', ['r1/a.mov', 'a.mov'], 'r1/a.mov side_file'],
  ['the side file of a stem', 'a.md5', '', ['a.mov', 'ab.mov'], 'a.mov side_file'],
  ['the side file of two', 'a.md5', '', ['a.mov', 'a.wav'], '– ambiguous'],
  ['a side file and another', 'a.md5', '', ['a.mov', 'a.sha1'], 'a.mov side_file'],
  ['a side file of nothing', 'a.mov.md5', '', ['b.mov'], '–'],
  ['no name', 'checksum.txt', '', ['b.mov'], '–'],
])('%s', (_, list, entry, files, expected) => {
  expect(match(list, entry, files)).toBe(expected);
});

test('gives a file that is named exactly to no other entry', () => {
  expect(match('md5.txt', ['a.mov', 'old/a.mov'], ['a.mov'])).toEqual(['a.mov', '–']);
  expect(match('md5.txt', ['x/a.mov', 'y/a.mov'], ['r/a.mov'])).toEqual(['– ambiguous', '– ambiguous']);
  expect(match('md5.txt', ['x/a.mov', 'y/r/a.mov'], ['r/a.mov'])).toEqual(['–', 'r/a.mov by_end']);
});

const files = fc.uniqueArray(
  fc
    .array(fc.constantFrom('a', 'b', 'R1', 'x y', 'ü'), { minLength: 1, maxLength: 4 })
    .map((parts) => `${parts.join('/')}.mov`),
  { minLength: 1, maxLength: 12, selector: (path) => path.toLowerCase() },
);

test('a list that names files beside it finds no other files in other folders', () => {
  const delivered = ['A/c.mov', 'B/note.txt', 'A/sub/d.mov'];
  const paths = ['c.mov', 'note.txt', 'old/d.mov'];
  expect(match('A/md5.txt', paths, delivered)).toEqual(['A/c.mov', '–', 'A/sub/d.mov by_name']);
  expect(match('A/ascmhl/0001.mhl', paths, delivered)).toEqual(['A/c.mov', '–', 'A/sub/d.mov by_name']);
  // Nothing lies beside this one, so it may describe any folder.
  expect(match('lists/md5.txt', paths, delivered)).toEqual([
    'A/c.mov by_name',
    'B/note.txt by_name',
    'A/sub/d.mov by_name',
  ]);
});

test('matches each file of a list of exactly these files, wherever the list is above them', () => {
  fc.assert(
    fc.property(
      files,
      fc.constantFrom('', 'deep/', 'A/B/'),
      fc.constantFrom('', 'Volumes/X/', 'Out/'),
      (paths, top, root) => {
        const delivered = paths.map((path) => top + path);
        const matched = match(`${top}md5.txt`, paths, delivered);
        expect(matched).toEqual(delivered);
        // Made elsewhere, relative to another root: each entry still matches its own file or none.
        const far = match(
          'list.md5',
          paths.map((path) => root + path),
          delivered,
        ) as string[];
        for (const [at, told] of far.entries()) {
          const met = told.replace(/ (from_top|by_\w+|ambiguous|other_letters|look_alike)/g, '');
          if (met !== '–') expect(met.endsWith(paths[at]!.split('/').at(-1)!)).toBe(true);
        }
        const met = far.map((told) => told.split('.mov')[0]!).filter((path) => !path.startsWith('–'));
        expect(new Set(met).size).toBe(met.length);
      },
    ),
    { numRuns: 100 },
  );
});

test('matches 20,000 frames from another root, and as many with one name', () => {
  const frames = Array.from({ length: 20_000 }, (_, at) => `sh${at % 40}/plate.${1001 + at}.exr`);
  const matched = match(
    'md5.txt',
    frames.map((path) => `Volumes/Raid/${path}`),
    frames,
  );
  expect(matched).toEqual(frames.map((path) => `${path} by_end`));
  const same = Array.from({ length: 20_000 }, (_, at) => `f${at}/a.mov`);
  expect(match('md5.txt', ['a.mov', 'z/a.mov'], same)).toEqual(['– ambiguous', '– ambiguous']);
});
