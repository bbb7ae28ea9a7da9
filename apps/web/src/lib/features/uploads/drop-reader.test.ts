import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChosen, readDropped, type Reading, type ReadDrop } from './drop-reader.ts';
import { notAFile, takeDropped } from './dropped.ts';

/** A folder tree: a string is a file's text, an object a folder, an error the failure of reading it. */
type Tree = { [name: string]: Tree | string | DOMException };

const unreadable = (name: string) => new DOMException('', name);
const denied = unreadable('NotReadableError');

/** A file whose bytes cannot be read. */
function lockedFile(name: string): File {
  const file = new File(['x'], name);
  return Object.assign(file, { slice: () => ({ arrayBuffer: () => Promise.reject(denied) }) });
}

/** The file that Chromium reports for a dead link that is dropped with files. */
function deadFile(name: string): File {
  const gone = () => Promise.reject(unreadable('NotFoundError'));
  return Object.assign(new File([], name), { arrayBuffer: gone });
}

function entryOf(name: string, what: Tree[string]): FileSystemEntry {
  if (typeof what === 'string') {
    const file = (done: (file: File) => void) =>
      done(what === 'locked' ? lockedFile(name) : new File([what], name));
    return { name, isFile: true, isDirectory: false, file } as never;
  }
  if (what instanceof DOMException) {
    const file = (_done: unknown, failed: (error: DOMException) => void) =>
      queueMicrotask(() => failed(what));
    return { name, isFile: true, isDirectory: false, file } as never;
  }
  return folderOf(name, () => Object.entries(what).map(([child, each]) => entryOf(child, each)));
}

/** Returns its children a hundred at a time, as Chromium does. */
function folderOf(name: string, children: () => FileSystemEntry[], failsAfter = Infinity): FileSystemEntry {
  const createReader = () => {
    const all = children();
    let from = 0;
    return {
      readEntries(done: (read: FileSystemEntry[]) => void, failed: (error: DOMException) => void) {
        if (from >= failsAfter) return queueMicrotask(() => failed(denied));
        const page = all.slice(from, (from += 100));
        queueMicrotask(() => done(page));
      },
    };
  };
  return { name, isFile: false, isDirectory: true, createReader } as never;
}

const quiet = (): Reading => ({ signal: new AbortController().signal, onfound: () => {} });
const read = (entries: FileSystemEntry[], reading = quiet()) => readDropped({ entries, files: [] }, reading);
const readTree = (tree: Tree) => read(Object.entries(tree).map(([name, what]) => entryOf(name, what)));
const pathsOf = ({ files }: ReadDrop) => files.map(({ relativePath }) => relativePath);

describe('a dropped folder', () => {
  test('yields its files with their paths in natural order, and its empty folders', async () => {
    const found = await readTree({
      Delivery: {
        '01_Picture': { 'a10.mov': 'x', 'a9.mov': 'y' },
        '02_Sound': {},
        '03_Docs': { Old: { '.DS_Store': 'x' } },
        'notes.txt': 'n',
      },
    });
    expect(pathsOf(found)).toEqual([
      'Delivery/notes.txt',
      'Delivery/01_Picture/a9.mov',
      'Delivery/01_Picture/a10.mov',
    ]);
    expect(found.emptyFolders).toEqual(['Delivery/02_Sound', 'Delivery/03_Docs/Old']);
    expect(found.litter).toEqual(['Delivery/03_Docs/Old/.DS_Store']);
    expect(await found.files[1]!.file.text()).toBe('y');
  });

  test('yields the readable files, and the unreadable ones by path and reason', async () => {
    const found = await readTree({
      Card: {
        'a.mov': 'a',
        'b.mov': 'b',
        'c.mov': 'c',
        'd.mov': 'd',
        'e.mov': 'e',
        'dead link': unreadable('NotFoundError'),
        secret: 'locked',
        odd: unreadable('TypeMismatchError'),
      },
    });
    expect(found.files).toHaveLength(5);
    expect(found.unreadable).toEqual([
      { path: 'Card/dead link', reason: 'gone' },
      { path: 'Card/odd', reason: 'other' },
      { path: 'Card/secret', reason: 'denied' },
    ]);
  });

  test('a dead link among files is unreadable, not an empty file', async () => {
    const files = [new File(['x'], 'a.mov'), deadFile('dead.mov'), new File([], 'empty.txt')];
    const found = await readDropped({ entries: [], files }, quiet());
    expect(pathsOf(found)).toEqual(['a.mov', 'empty.txt']);
    expect(found.unreadable).toEqual([{ path: 'dead.mov', reason: 'gone' }]);
  });

  test('yields the files that were listed before the listing failed', async () => {
    const children = () => Array.from({ length: 250 }, (_, index) => entryOf(`f${index}`, 'x'));
    const found = await read([folderOf('half', children, 200), folderOf('shut', children, 0)]);
    expect(found.files).toHaveLength(200);
    expect(found.unreadable).toEqual([
      { path: 'half', reason: 'denied' },
      { path: 'shut', reason: 'denied' },
    ]);
    expect(found.emptyFolders).toEqual([]);
  });

  test('that contains itself does not loop forever', async () => {
    const loop = folderOf('loop', () => [loop, entryOf('a', 'x')]);
    const found = await read([loop]);
    expect(found.files).toHaveLength(250);
    expect(found.unreadable).toMatchObject([{ reason: 'too_deep' }]);
  });

  test('with system litter is not searched, and is reported once', async () => {
    const found = await readTree({ '@eaDir': { a: 'x', b: { c: 'x' } }, 'Icon\r': '', 'a.mov.part': 'x' });
    expect(found.litter).toEqual(['@eaDir', 'Icon\r']);
    expect(pathsOf(found)).toEqual(['a.mov.part']);
  });
});

describe('very many files', () => {
  const many = 130_000;
  const empty = new File([], 'f');
  const frames = () =>
    Array.from({ length: many }, (_, index) => {
      const name = `f.${String(index).padStart(7, '0')}.exr`;
      return {
        name,
        isFile: true,
        isDirectory: false,
        file: (done: (file: File) => void) => done(empty),
      } as never;
    });

  test('are all found in one folder, while the count grows', async () => {
    const counts: number[] = [];
    const found = await read([folderOf('shot', () => [folderOf('plate', frames)])], {
      ...quiet(),
      onfound: (count) => counts.push(count),
    });
    expect(found.files).toHaveLength(many);
    expect(found.files.at(-1)!.relativePath).toBe('shot/plate/f.0129999.exr');
    expect(counts.length).toBeGreaterThan(1000);
    expect(counts.at(-1)).toBe(many);
    expect(counts.every((count, index) => index === 0 || count >= counts[index - 1]! || count < 200)).toBe(
      true,
    );
  }, 20_000);

  test('can be cancelled while being read', async () => {
    const stop = new AbortController();
    let found = 0;
    const reading = read([folderOf('plate', frames)], {
      signal: stop.signal,
      onfound(count) {
        found = count;
        if (count >= 12_400) stop.abort();
      },
    });
    await expect(reading).rejects.toThrow(/abort/i);
    expect(found).toBeLessThan(13_000);
  });

  test('from a file chooser are read the same way', async () => {
    const list = Array.from({ length: 5_000 }, (_, index) =>
      Object.defineProperty(new File([], `f${index}`), 'webkitRelativePath', {
        value: index % 2 ? `shot/f${index}` : `shot/@eaDir/f${index}`,
      }),
    );
    const found = await readChosen(list, quiet());
    expect(found.files).toHaveLength(2_500);
    expect(found.litter).toEqual(['shot/@eaDir']);
  });
});

test('yields every file and every empty folder of any tree exactly once', async () => {
  const name = fc.stringMatching(/^[a-z]{1,4}$/);
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.dictionary(name, fc.oneof({ maxDepth: 4 }, fc.constant('x'), tie('tree'), fc.constant(denied)), {
      maxKeys: 5,
    }),
  }));
  /** The same by recursion, whose call stack a deep folder would overflow. */
  function naive(branch: Tree, folder: string): { files: string[]; empty: string[]; bad: string[] } {
    const all = { files: [] as string[], empty: [] as string[], bad: [] as string[] };
    for (const [child, what] of Object.entries(branch)) {
      const path = folder + child;
      if (typeof what === 'string') all.files.push(path);
      else if (what instanceof DOMException) all.bad.push(path);
      else {
        const below = naive(what, `${path}/`);
        const isEmpty = !Object.values(what).some((each) => !(each instanceof DOMException));
        all.files.push(...below.files);
        all.bad.push(...below.bad);
        all.empty.push(...below.empty, ...(isEmpty ? [path] : []));
      }
    }
    return all;
  }
  await fc.assert(
    fc.asyncProperty(tree, async (branch) => {
      const found = await readTree(branch);
      const expected = naive(branch, '');
      expect(pathsOf(found).sort()).toEqual(expected.files.sort());
      expect([...found.emptyFolders].sort()).toEqual(expected.empty.sort());
      expect(found.unreadable.map(({ path }) => path).sort()).toEqual(expected.bad.sort());
    }),
    { numRuns: 60 },
  );
});

test('a drop uses its entries where it has some, and its files otherwise', () => {
  const file = new File(['x'], 'a.png');
  const entry = entryOf('b', 'x');
  const item = (of: Partial<DataTransferItem>) => ({ kind: 'file', webkitGetAsEntry: () => null, ...of });
  const items = [
    item({ webkitGetAsEntry: () => entry }),
    item({ getAsFile: () => file }),
    item({ kind: 'string' }),
  ] as never;
  expect(takeDropped({ items, files: [] } as never)).toEqual({
    entries: [entry],
    files: [file],
  });
  expect(takeDropped({ items: [], files: [file] } as never).files).toEqual([file]);
});

test.each([
  [['Files'], null],
  [['text/uri-list', 'text/html', 'Files'], null],
  [['text/uri-list', 'text/plain'], 'link'],
  [['text/plain'], 'text'],
  [['text/html'], 'text'],
  [['application/x-turnover-entries'], null],
  [[], null],
])('recognises %j as %s', (types, expected) => {
  expect(notAFile({ types })).toBe(expected);
});
