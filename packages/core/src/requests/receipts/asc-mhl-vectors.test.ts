// Example trees of the reference tool for ASC MHL, and the hashes that it publishes for them: examples/scenarios/Output and
// tests of https://github.com/ascmitc/mhl (MIT, Copyright 2020 Pomfort GmbH).
import { createXXHash128, createXXHash64, type IHasher } from 'hash-wasm';
import { expect, test } from 'vitest';
import { DirectoryHasher, type HashOf } from '@turnover/domain/manifests/writing/directory-hashes';
import { nameKey } from '@turnover/domain/names/names';
import { turnsOf } from '../../batches.ts';

const hashBy =
  (hasher: IHasher): HashOf =>
  (bytes) =>
    hasher.init().update(bytes).digest();

/** The content and structure hash of each directory; `.` is the root. */
async function hashesOf(tree: Record<string, string>): Promise<Record<string, [string, string]>> {
  const hashOf = hashBy(await createXXHash64());
  const hasher = new DirectoryHasher(hashOf);
  const found: [string, [string, string]][] = [];
  const files = Object.entries(tree).map(([path, content]) => ({ path, pathKey: nameKey(path), content }));
  for (const { content, ...file } of files.toSorted((one, other) => (one.pathKey < other.pathKey ? -1 : 1))) {
    const ended = await turnsOf(hasher.add({ ...file, value: hashOf(Buffer.from(content)) }));
    for (const { path, content, structure } of ended) found.push([path, [content, structure]]);
  }
  const { ended, root } = await turnsOf(hasher.end());
  for (const { path, content, structure } of [...ended, { path: '.', ...root }]) {
    found.push([path, [content, structure]]);
  }
  return Object.fromEntries(found);
}

const within = (folder: string, tree: Record<string, string>) =>
  Object.fromEntries(Object.entries(tree).map(([path, content]) => [`${folder}/${path}`, content]));

const a002 = {
  'Clips/A002C006_141024_R2EC.mov': 'abcd\n',
  'Clips/A002C007_141024_R2EC.mov': 'def\n',
  'Sidecar.txt': 'BLOREM ipsum dolor sit amet, consetetur sadipscing elitr.\n',
};
const a003 = {
  'Clips/A003C011_141024_R2EC.mov': 'vbgh\n',
  'Clips/A003C012_141024_R2EC.mov': 'zhgdr\n',
  'Sidecar.txt': 'Dolor sit amet, consetetur sadipscing elitr.\n',
};

test('scenario 01: one card', async () => {
  expect(await hashesOf(a002)).toEqual({
    Clips: ['4c226b42e27d7af3', '906faa843d591a9f'],
    '.': ['8d02114c32e28cbe', 'f557f8ca8e5a88ef'],
  });
});

test('scenario 05: two cards, whose own histories are ignored', async () => {
  const histories = { 'A002R2EC/ascmhl/ascmhl_chain.xml': '<', 'A003R2EC/ascmhl/ascmhl_chain.xml': '<' };
  const summary = { 'Summary.txt': 'This is a random summary\n\n* A002R2EC\n* A003R2EC\n' };
  const tree = { ...within('A002R2EC', a002), ...within('A003R2EC', a003), ...summary, ...histories };
  expect(await hashesOf(tree)).toEqual({
    'A002R2EC/Clips': ['4c226b42e27d7af3', '906faa843d591a9f'],
    A002R2EC: ['8d02114c32e28cbe', 'f557f8ca8e5a88ef'],
    'A003R2EC/Clips': ['f2afc6434255a53d', 'a25d5ca89c95f9e2'],
    A003R2EC: ['7a82373c131cf40a', '1131a950fcc55e4b'],
    '.': ['92950bc8fda076ec', '2c2ce52605558158'],
  });
});

test('tests/test_dirhash.py: a folder and a file', async () => {
  expect(await hashesOf({ 'Stuff.txt': 'stuff\n', 'A/A1.txt': 'A1\n' })).toEqual({
    A: ['d3904ee76bba3d2a', '3fbe33b2924e26aa'],
    '.': ['ca56d22f064fdf1b', '2ccca3899111eabb'],
  });
});

test('tests/test_hasher.py: our XXH128 equals that of the reference tool', async () => {
  expect(hashBy(await createXXHash128())(Buffer.from('media-hash-list'))).toBe(
    '61a67c014f703a456ee7a776fd8c06bd',
  );
});
