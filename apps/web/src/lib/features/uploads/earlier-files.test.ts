import { expect, test } from 'vitest';
import type { FileToCompare, KnownFileView } from '@turnover/domain/requests/known-files';
import { compareWithEarlier, fateOf, sameFiles } from './earlier-files.ts';
import type { ChosenFile } from './target.ts';

const file = (relativePath: string, text = relativePath): ChosenFile => ({
  file: new File([text], relativePath),
  relativePath,
});
const earlier = {
  fileId: 'dlv_1',
  path: 'mix.wav',
  round: 1,
  isThere: false,
  reasons: [],
  canTakeOver: true,
};
const hashA = `xxh128:${'a'.repeat(32)}`;

/** Imitates a hub that knows one file by its XXH128 and its MD5. */
function hub({ isSkipped = () => false }: { isSkipped?: () => boolean } = {}) {
  const asked: FileToCompare[][] = [];
  const hashed: string[] = [];
  const known = new Set(['a'.repeat(32), 'd41d8cd98f00b204e9800998ecf8427e']);
  const ways = {
    compare: (files: FileToCompare[]) => {
      asked.push(files);
      return Promise.resolve(
        files.map(({ path, checksums }): KnownFileView => {
          if (path === 'new.wav') return { is: 'new', earlier: null };
          if (checksums.some(({ value }) => known.has(value))) return { is: 'same', earlier };
          return checksums.length > 0 ? { is: 'changed', earlier: null } : { is: 'maybe', earlier: null };
        }),
      );
    },
    hash: (each: File) => {
      hashed.push(each.name);
      return Promise.resolve(each.name === 'mix.wav' ? hashA : `xxh128:${'b'.repeat(32)}`);
    },
    onprogress: () => {},
    isSkipped,
  };
  return { asked, hashed, ways };
}

test('hashes only files that need a hash, and queries them again', async () => {
  const { asked, hashed, ways } = hub();
  const [mix, stem, fresh] = [file('mix.wav'), file('stem.wav'), file('new.wav')];
  const known = await compareWithEarlier([mix, stem, fresh], ways);
  expect(hashed).toEqual(['mix.wav', 'stem.wav']);
  expect([mix, stem, fresh].map((each) => known.get(each.file)?.is)).toEqual(['same', 'changed', 'new']);
  expect(asked.map((files) => files.length)).toEqual([3, 2]);
});

test('a checksum list among the files makes hashing unnecessary', async () => {
  const { hashed, ways } = hub();
  const list = file('all.md5', 'd41d8cd98f00b204e9800998ecf8427e  reels/mix.wav\n');
  const mix = file('reels/mix.wav');
  const known = await compareWithEarlier([mix, list], ways);
  expect(known.get(mix.file)).toMatchObject({ is: 'same', byList: true });
  expect(hashed).not.toContain('reels/mix.wav');
});

test('ignores a list that contradicts itself', async () => {
  const { hashed, ways } = hub();
  const list = file('all.md5', `d41d8cd98f00b204e9800998ecf8427e  mix.wav\n${'c'.repeat(32)}  mix.wav\n`);
  await compareWithEarlier([file('mix.wav'), list], ways);
  expect(hashed).toContain('mix.wav');
});

test('stops hashing and querying after a skip', async () => {
  let isSkipped = false;
  const { asked, hashed, ways } = hub({ isSkipped: () => isSkipped });
  const files = [file('a.wav'), file('b.wav'), file('c.wav')];
  const hash = (each: File) => {
    isSkipped = true;
    return ways.hash(each);
  };
  const known = await compareWithEarlier(files, { ...ways, hash });
  expect(hashed).toEqual(['a.wav']);
  expect(asked).toHaveLength(1);
  expect(sameFiles(files, known)).toEqual([]);
});

test('leaves out present files and files that were sent back, unless wanted, and takes over the rest where possible', () => {
  expect(fateOf({ earlier }, false)).toBe('takeOver');
  expect(fateOf({ earlier: { ...earlier, canTakeOver: false } }, false)).toBe('send');
  expect(fateOf({ earlier: { ...earlier, isThere: true, canTakeOver: false } }, false)).toBe('leave');
  const sentBack = { earlier: { ...earlier, reasons: ['wrong_version'] } };
  expect(fateOf(sentBack, false)).toBe('leave');
  expect(fateOf(sentBack, true)).toBe('takeOver');
});
