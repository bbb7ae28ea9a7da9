import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DurableWriter, systemFileCalls, type FileCalls } from './durable-writer.ts';
import { StorageFailure } from './storage-failure.ts';

const MiB = 1024 * 1024;

let directory: string;
let file: FileHandle;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turnover-writer-'));
  file = await open(join(directory, 'part'), 'wx+');
});

afterEach(async () => {
  await file.close();
  await rm(directory, { recursive: true });
});

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function chunkOf(bytes: number, seed: number): Buffer {
  return Buffer.alloc(bytes, `chunk ${seed} `);
}

function startWriter(fileCalls: FileCalls = systemFileCalls, offset = 0) {
  const synced: number[] = [];
  const log = { synced, writtenBytes: 0, failures: 0 };
  const writer = new DurableWriter({
    fd: file.fd,
    offset,
    onSynced: (at) => synced.push(at),
    onWritten: (bytes) => (log.writtenBytes += bytes),
    onFailure: () => log.failures++,
    fileCalls,
  });
  return { writer, log };
}

describe('DurableWriter', () => {
  test('writes accepted bytes in order, starting at its offset', async () => {
    await file.write(Buffer.alloc(100, 'x'));
    const { writer, log } = startWriter(systemFileCalls, 100);
    const chunks = Array.from({ length: 700 }, (_, index) => chunkOf(65_536 - index, index));
    for (const chunk of chunks) writer.accept(chunk);
    const all = Buffer.concat([Buffer.alloc(100, 'x'), ...chunks]);
    expect(await writer.finish()).toBe(all.length);
    expect((await readFile(join(directory, 'part'))).equals(all)).toBe(true);
    expect(log.synced.at(-1)).toBe(all.length);
    expect(log.synced).toEqual([...log.synced].sort((a, b) => a - b));
    expect(log.writtenBytes).toBe(all.length - 100);
    expect(writer.waitingBytes).toBe(0);
  });

  test('does nothing for an empty body', async () => {
    const { writer, log } = startWriter();
    expect(await writer.finish()).toBe(0);
    expect(log.synced).toEqual([]);
  });

  test('writes batches of 2 to 4 MiB and syncs about every 16 MiB meanwhile', async () => {
    const batches: number[] = [];
    let syncs = 0;
    const { writer } = startWriter({
      write: (fd, buffers, position) => {
        batches.push(buffers.reduce((sum, buffer) => sum + buffer.length, 0));
        return systemFileCalls.write(fd, buffers, position);
      },
      sync: async (fd) => {
        syncs++;
        await systemFileCalls.sync(fd);
      },
    });
    for (let index = 0; index < 64 * 16; index++) writer.accept(chunkOf(65_536, index));
    await writer.finish();
    expect(Math.max(...batches)).toBeLessThanOrEqual(4 * MiB);
    expect(batches.length).toBeLessThanOrEqual(33);
    expect(syncs).toBeGreaterThanOrEqual(2);
    expect(syncs).toBeLessThanOrEqual(6);
  });

  test('a flush syncs less than a full batch', async () => {
    const safe = Promise.withResolvers<number>();
    const writer = new DurableWriter({
      fd: file.fd,
      offset: 0,
      onSynced: safe.resolve,
      onWritten: () => undefined,
      onFailure: () => undefined,
    });
    writer.accept(chunkOf(10, 1));
    writer.flush();
    expect(await safe.promise).toBe(10);
  });

  test('continues after a partial write', async () => {
    const { writer } = startWriter({
      write: async (fd, buffers, position) => {
        const first = buffers[0]!;
        return systemFileCalls.write(fd, [first.subarray(0, Math.ceil(first.length / 3))], position);
      },
      sync: systemFileCalls.sync,
    });
    const chunks = [chunkOf(1000, 1), chunkOf(1, 2), chunkOf(777, 3)];
    for (const chunk of chunks) writer.accept(chunk);
    expect(await writer.finish()).toBe(1778);
    expect((await readFile(join(directory, 'part'))).equals(Buffer.concat(chunks))).toBe(true);
  });

  test.each([
    ['ENOSPC', 'no-space'],
    ['EDQUOT', 'no-space'],
    ['EFBIG', 'file-too-large'],
    ['EIO', 'broken'],
  ])('a write that fails with %s is final', async (code, kind) => {
    let writes = 0;
    const { writer, log } = startWriter({
      write: (fd, buffers, position) =>
        ++writes === 3 ? Promise.reject(errno(code)) : systemFileCalls.write(fd, buffers, position),
      sync: systemFileCalls.sync,
    });
    for (let index = 0; index < 40; index++) writer.accept(chunkOf(MiB, index));
    await expect(writer.finish()).rejects.toMatchObject({ kind });
    writer.accept(chunkOf(4 * MiB, 99));
    await expect(writer.finish()).rejects.toThrow(StorageFailure);
    expect(writes).toBe(3);
    expect(log.failures).toBe(1);
    expect(log.synced.every((offset) => offset <= 8 * MiB)).toBe(true);
  });

  test.each([1, 2, 3])(
    'sync %d is neither retried nor reported as synced after it fails',
    async (failing) => {
      let syncs = 0;
      const { writer, log } = startWriter({
        write: systemFileCalls.write,
        sync: async (fd) => {
          if (++syncs === failing) throw errno('EIO');
          await systemFileCalls.sync(fd);
        },
      });
      for (let round = 1; round <= failing; round++) {
        writer.accept(chunkOf(MiB, round));
        writer.flush();
        await expect.poll(() => syncs).toBe(round);
      }
      writer.accept(chunkOf(MiB, 99));
      await expect(writer.finish()).rejects.toMatchObject({ kind: 'broken' });
      expect(syncs).toBe(failing);
      expect(log.synced).toHaveLength(failing - 1);
    },
  );

  test('fails when an offset cannot be recorded', async () => {
    const writer = new DurableWriter({
      fd: file.fd,
      offset: 0,
      onSynced: () => {
        throw new Error('the database is away');
      },
      onWritten: () => undefined,
      onFailure: () => undefined,
    });
    writer.accept(chunkOf(10, 1));
    await expect(writer.finish()).rejects.toThrow('the database is away');
  });

  test('settles only after every file call has returned', async () => {
    const syncCall = Promise.withResolvers<void>();
    const { writer } = startWriter({
      write: (fd, buffers, position) =>
        position > 0 ? Promise.reject(errno('EIO')) : systemFileCalls.write(fd, buffers, position),
      sync: () => syncCall.promise,
    });
    writer.accept(chunkOf(10, 1));
    writer.flush();
    await expect.poll(() => writer.waitingBytes).toBe(0);
    writer.accept(chunkOf(10, 2));
    let isSettled = false;
    const finished = writer.finish().catch(() => (isSettled = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isSettled).toBe(false);
    syncCall.resolve();
    await finished;
    expect(isSettled).toBe(true);
  });
});
