import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nameKey } from '../../names/names.ts';
import { DirectoryHasher, type HashOf } from './directory-hashes.ts';

const md5: HashOf = (bytes) => createHash('md5').update(bytes).digest('hex');
const hex = (...values: string[]) => Buffer.from(values.toSorted().join(''), 'hex');
/** Returns the structure hash of one item in a directory. */
const named = (name: string, value: string) => md5(Buffer.concat([Buffer.from(name), hex(value)]));

function done<Result>(work: Generator<void, Result, void>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Returns the directories of these files, in the order in which they end, and the root. */
function hashesOf(
  paths: readonly string[],
  values: (path: string) => string = (path) => md5(Buffer.from(path)),
) {
  const hasher = new DirectoryHasher(md5);
  const files = paths
    .map((path) => ({ path, pathKey: nameKey(path), value: values(path) }))
    .toSorted((one, other) => Buffer.compare(Buffer.from(one.pathKey), Buffer.from(other.pathKey)));
  const ended = files.flatMap((file) => done(hasher.add(file)));
  const last = done(hasher.end());
  return { directories: [...ended, ...last.ended], root: last.root };
}
const value = (path: string) => md5(Buffer.from(path));

describe('hashes of directories', () => {
  test('content sorts the hashes, structure those of names with hashes', () => {
    const { directories, root } = hashesOf(['Reel/a.mov', 'Reel/b.mov', 'c.txt']);
    const content = md5(hex(value('Reel/a.mov'), value('Reel/b.mov')));
    const structure = md5(hex(named('a.mov', value('Reel/a.mov')), named('b.mov', value('Reel/b.mov'))));
    expect(directories).toEqual([{ path: 'Reel', content, structure }]);
    expect(root).toEqual({
      content: md5(hex(content, value('c.txt'))),
      structure: md5(hex(named('Reel', structure), named('c.txt', value('c.txt')))),
    });
  });

  test('a renamed file changes only the structure', () => {
    const [before, after] = ['a/x', 'a/y'].map((path) => hashesOf([path], () => value('same')).root);
    expect(after!.content).toBe(before!.content);
    expect(after!.structure).not.toBe(before!.structure);
  });

  test('names of directories end where the key of the next file leaves them', () => {
    const { directories } = hashesOf(['a/b/c/1', 'a/b.txt', 'a/b-2/1', 'a b/1', 'a.b/c/1', 'z/y/1']);
    expect(directories.map(({ path }) => path)).toEqual([
      'a b',
      'a.b/c',
      'a.b',
      'a/b-2',
      'a/b/c',
      'a/b',
      'a',
      'z/y',
      'z',
    ]);
  });

  test('spellings of one folder are directories of their own', () => {
    const paths = ['Clips/a/1', 'clips/A/2', 'Clips/b/3', 'CLIPS/4', 'clips/a/5'];
    const alone = (start: string) => hashesOf(paths.filter((path) => path.startsWith(start))).directories;
    const { directories } = hashesOf(paths);
    const byPath = <Item extends { path: string }>(items: Item[]) =>
      items.toSorted((one, other) => (one.path < other.path ? -1 : 1));
    expect(byPath(directories)).toEqual(byPath([...alone('Clips/'), ...alone('clips/'), ...alone('CLIPS/')]));
  });

  test('what the manifest ignores counts at no depth, but the folder that holds it is there', () => {
    const ignored = ['ascmhl/0001_a.mhl', 'a/ascmhl/ascmhl_chain.xml', 'a/ascmhl/deep/x', 'a/.DS_Store'];
    expect(hashesOf(['a/1', 'b/2', ...ignored])).toEqual(hashesOf(['a/1', 'b/2']));
    const empty = md5(Buffer.alloc(0));
    expect(hashesOf(['a/.DS_Store']).directories).toEqual([{ path: 'a', content: empty, structure: empty }]);
  });

  test('a root without files has the hashes of no bytes', () => {
    expect(hashesOf([]).root).toEqual({ content: md5(Buffer.alloc(0)), structure: md5(Buffer.alloc(0)) });
  });

  test('the order of many files in a directory does not matter', () => {
    const paths = Array.from({ length: 2000 }, (_, index) => `f/${index}.dpx`);
    const content = md5(hex(...paths.map(value)));
    expect(hashesOf(paths).directories[0]!.content).toBe(content);
  });
});
