import { createXXHash128, xxhash128 } from 'hash-wasm';
import { expect, test } from 'vitest';
import { DiskDownload } from './disk-download.svelte.ts';
import type { DiskFolder } from './save-files.ts';

/** A folder that takes everything and keeps nothing. */
const sink: DiskFolder = {
  getDirectoryHandle: async () => sink,
  getFileHandle: async (_name, { create }) => {
    if (!create) throw new DOMException('', 'NotFoundError');
    const nothing = async () => undefined;
    return {
      getFile: async () => new Blob(),
      createWritable: async () => ({ write: nothing, close: nothing, abort: nothing }),
    };
  },
  removeEntry: async () => undefined,
};
const bytes = new TextEncoder().encode('frame') as Uint8Array<ArrayBuffer>;
const value = await xxhash128(bytes);
const frames = Array.from({ length: 250 }, (_, index) => ({
  path: `Shot/${index}.exr`,
  sizeBytes: bytes.length,
  url: `/files/${index}`,
  checksums: [{ algorithm: 'xxh128' as const, value }],
}));
const around = {
  read: async () => new Blob([bytes]).stream(),
  newHasher: createXXHash128,
  wait: async () => undefined,
};
const download = (list = frames, changes: Partial<typeof around> = {}) =>
  new DiskDownload({ name: 'Shot', root: sink, folder: 'Disk' }, list, { ...around, ...changes });

test('saves all files and says so', async () => {
  const all = download([...frames, { path: 'Shot/Empty/', sizeBytes: 0, url: '', checksums: [] }]);
  await all.run();
  expect([all.is, all.files, all.saved, all.there, all.problems]).toEqual(['ended', 250, 250, 0, []]);
  expect([all.bytes, all.sizeBytes]).toEqual([1250, 1250]);
});

test('one failed file never stops the others', async () => {
  const wrong = {
    ...frames[0]!,
    path: 'Shot/wrong.exr',
    checksums: [{ algorithm: 'xxh128' as const, value: '0' }],
  };
  const all = download([wrong, ...frames]);
  await all.run();
  expect([all.is, all.saved, all.problems]).toEqual([
    'ended',
    250,
    [{ path: 'Shot/wrong.exr', is: 'differs' }],
  ]);
});

test('stops when asked', async () => {
  let reads = 0;
  const all = download(frames, {
    read: async () => {
      if (++reads === 20) all.stop();
      return around.read();
    },
  });
  await all.run();
  expect(all.is).toBe('stopped');
  expect(all.saved).toBeLessThan(30);
});
