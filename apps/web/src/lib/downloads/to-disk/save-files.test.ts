import { createXXHash128, xxhash128 } from 'hash-wasm';
import type { ListedFileView } from '@turnover/domain/archives/archives';
import { expect, test } from 'vitest';
import { saveFile, type DiskFile, type DiskFolder, type Surroundings } from './save-files.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const text = (value: string) => new TextEncoder().encode(value) as Bytes;
const { signal } = new AbortController();

/** A folder in memory. `fails` makes each write throw, as on a full disk. */
class TestFolder implements DiskFolder {
  readonly files = new Map<string, Bytes>();
  readonly folders = new Map<string, TestFolder>();
  fails = false;

  async getDirectoryHandle(name: string): Promise<TestFolder> {
    const folder = this.folders.get(name) ?? new TestFolder();
    this.folders.set(name, folder);
    return folder;
  }

  async removeEntry(name: string): Promise<void> {
    this.files.delete(name);
  }

  async getFileHandle(name: string, { create }: { create: boolean }): Promise<DiskFile> {
    if (!this.files.has(name) && !create) throw new DOMException('', 'NotFoundError');
    if (!this.files.has(name)) this.files.set(name, text(''));
    return {
      getFile: async () => new Blob([this.files.get(name)!]),
      createWritable: async () => {
        let written: Bytes[] = [];
        return {
          write: async (bytes) => {
            if (this.fails) throw new DOMException('', 'QuotaExceededError');
            written.push(bytes.slice());
          },
          close: async () => {
            this.files.set(name, new Uint8Array(await new Blob(written).arrayBuffer()));
          },
          abort: async () => {
            written = [];
          },
        };
      },
    };
  }
}

async function listed(path: string, content: string): Promise<ListedFileView> {
  const bytes = text(content);
  const checksums = [{ algorithm: 'xxh128' as const, value: await xxhash128(bytes) }];
  return { path, sizeBytes: bytes.length, url: `/files/${path}`, checksums };
}

/** A hub that gives `content`. `breaks`: after how many bytes each of the first answers breaks off. */
function hubOf(content: string, breaks: number[] = []) {
  const asked: number[] = [];
  let progress = 0;
  const around: Surroundings = {
    read: async (_url, from) => {
      asked.push(from);
      const end = breaks.shift();
      const bytes = text(content).slice(from, end === undefined ? undefined : from + end);
      return new ReadableStream<Bytes>({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(bytes);
          if (end === undefined) controller.close();
        },
        pull(controller) {
          controller.error(new TypeError('network error'));
        },
      });
    },
    newHasher: createXXHash128,
    wait: async () => undefined,
    onprogress: ({ bytes }) => (progress += bytes),
  };
  return { around, asked, progress: () => progress };
}

test('saves a file in its folders, and compares it with the recorded checksum', async () => {
  const root = new TestFolder();
  const hub = hubOf('the reel');
  const file = await listed('Day 1/東京/reel.mov', 'the reel');
  expect(await saveFile(root, file, hub.around, signal)).toEqual({ path: file.path, is: 'saved' });
  const folder = root.folders.get('Day 1')!.folders.get('東京')!;
  expect(folder.files.get('reel.mov')).toEqual(text('the reel'));
  expect(hub.progress()).toBe(8);
});

test('leaves a file alone that is already there, and replaces one with other bytes', async () => {
  const root = new TestFolder();
  const hub = hubOf('the reel');
  const file = await listed('reel.mov', 'the reel');
  root.files.set('reel.mov', text('the reel'));
  expect((await saveFile(root, file, hub.around, signal)).is).toBe('there');
  expect(hub.asked).toEqual([]);
  for (const other of ['the real', 'the ree', '']) {
    root.files.set('reel.mov', text(other));
    expect((await saveFile(root, file, hub.around, signal)).is).toBe('saved');
    expect(root.files.get('reel.mov')).toEqual(text('the reel'));
  }
});

test('goes on at the next byte after each broken connection', async () => {
  const root = new TestFolder();
  const hub = hubOf('the reel', [3, 0, 4]);
  expect((await saveFile(root, await listed('reel.mov', 'the reel'), hub.around, signal)).is).toBe('saved');
  expect(hub.asked).toEqual([0, 3, 3, 7]);
  expect(root.files.get('reel.mov')).toEqual(text('the reel'));
});

test('gives up a file after many breaks without a new byte, and keeps what was there', async () => {
  const root = new TestFolder();
  root.files.set('reel.mov', text('yesterday'));
  const hub = hubOf('the reel', [3, ...Array.from({ length: 50 }, () => 0)]);
  expect((await saveFile(root, await listed('reel.mov', 'the reel'), hub.around, signal)).is).toBe('lost');
  expect(hub.asked).toHaveLength(8);
  expect(root.files.get('reel.mov')).toEqual(text('yesterday'));
});

test.each(['the real', 'the reel and more'])(
  'does not keep other bytes than the hub recorded: %s',
  async (sent) => {
    const root = new TestFolder();
    const file = await listed('reel.mov', 'the reel');
    expect((await saveFile(root, file, hubOf(sent).around, signal)).is).toBe('differs');
    expect(root.files.size).toBe(0);
  },
);

test('reports a full disk, a removed file, and makes empty folders', async () => {
  const root = new TestFolder();
  root.fails = true;
  const file = await listed('reel.mov', 'the reel');
  expect((await saveFile(root, file, hubOf('the reel').around, signal)).is).toBe('unwritable');
  expect(root.files.size).toBe(0);
  expect((await saveFile(root, { ...file, url: null }, hubOf('').around, signal)).is).toBe('removed');
  const folder = { path: 'Stems/Dialogue/', sizeBytes: 0, url: null, checksums: [] };
  expect((await saveFile(root, folder, hubOf('').around, signal)).is).toBe('saved');
  expect(root.folders.get('Stems')!.folders.has('Dialogue')).toBe(true);
});

test('an empty file is saved, and stopping throws', async () => {
  const root = new TestFolder();
  expect((await saveFile(root, await listed('empty.txt', ''), hubOf('').around, signal)).is).toBe('saved');
  const stopped = AbortSignal.abort();
  root.files.set('reel.mov', text('the reel'));
  await expect(
    saveFile(root, await listed('reel.mov', 'the reel'), hubOf('x', [0]).around, stopped),
  ).rejects.toThrow();
});
