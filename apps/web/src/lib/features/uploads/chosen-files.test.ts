import { expect, test } from 'vitest';
import { isSystemFile, readChosen, readEntry, withoutSystemFiles } from './chosen-files.ts';

const fileEntry = (name: string): FileSystemEntry =>
  ({ name, isFile: true, file: (done: (file: File) => void) => done(new File([name], name)) }) as never;

/** Gives its children a hundred at a time, as Chromium does. */
function folderEntry(name: string, children: FileSystemEntry[]): FileSystemEntry {
  const createReader = () => {
    let from = 0;
    return {
      readEntries: (done: (read: FileSystemEntry[]) => void) => {
        done(children.slice(from, from + 100));
        from += 100;
      },
    };
  };
  return { name, isFile: false, isDirectory: true, createReader } as never;
}

test('a dropped folder gives all its files with their paths, however many', async () => {
  const frames = Array.from({ length: 250 }, (_, index) => fileEntry(`f.${index}.dpx`));
  const entry = folderEntry('shot', [folderEntry('plate', frames), fileEntry('notes.txt')]);
  const found = await readEntry(entry, '');
  expect(found).toHaveLength(251);
  expect(found[0]?.relativePath).toBe('shot/plate/f.0.dpx');
  expect(found.at(-1)?.relativePath).toBe('shot/notes.txt');
  expect(await found[1]?.file.text()).toBe('f.1.dpx');
});

test.each([
  ['.DS_Store', true],
  ['reel/.DS_Store', true],
  ['reel/Thumbs.db', true],
  ['._a.mov', true],
  ['__MACOSX/a.mov', true],
  ['.htaccess', false],
  ['a.DS_Store', false],
  ['reel 1/a.mov', false],
])('%s is of the operating system: %s', (path, expected) => {
  expect(isSystemFile(path)).toBe(expected);
});

test('system files are left out and counted', () => {
  const chosen = ['a.mov', 'reel/._a.mov', '.DS_Store'].map((relativePath) => ({
    file: new File([], 'x'),
    relativePath,
  }));
  const { files, skipped } = withoutSystemFiles(chosen);
  expect(files.map(({ relativePath }) => relativePath)).toEqual(['a.mov']);
  expect(skipped).toBe(2);
});

test('chosen folders bring their paths, chosen files their names', () => {
  const inFolder = Object.defineProperty(new File([], 'a.dpx'), 'webkitRelativePath', {
    value: 'shot/a.dpx',
  });
  const paths = readChosen([inFolder, new File([], 'b.mov')]).map(({ relativePath }) => relativePath);
  expect(paths).toEqual(['shot/a.dpx', 'b.mov']);
});
