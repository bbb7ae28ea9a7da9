import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DurableWriter, systemFileCalls, type FileCalls } from './durable-writer.ts';
import { BlockPool, defaultBlockLimits, smallBlockBytes } from './receive-blocks.ts';
import { StorageFailure } from './storage-failure.ts';

const MiB = 1024 * 1024;

let directory: string;
let file: FileHandle;
let pool: BlockPool;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turnover-writer-'));
  file = await open(join(directory, 'part'), 'wx+');
  pool = new BlockPool();
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
  const log = { synced, failures: 0 };
  let wake = () => {};
  const writer = new DurableWriter({
    fd: file.fd,
    offset,
    blocks: pool.open(),
    onSynced: (at) => synced.push(at),
    onWritten: () => wake(),
    onFailure: () => (log.failures++, wake()),
    fileCalls,
  });
  /** Hands over chunks as a source does, which waits while the writer is blocked. */
  async function acceptAll(chunks: Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      writer.accept(chunk);
      while (writer.isBlocked && log.failures === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return { writer, log, acceptAll };
}

const noReports = { onSynced: () => undefined, onWritten: () => undefined, onFailure: () => undefined };

describe('DurableWriter', () => {
  test('writes accepted bytes in order, starting at its offset', async () => {
    await file.write(Buffer.alloc(100, 'x'));
    const { writer, log, acceptAll } = startWriter(systemFileCalls, 100);
    const chunks = Array.from({ length: 700 }, (_, index) => chunkOf(65_536 - index, index));
    await acceptAll(chunks);
    const all = Buffer.concat([Buffer.alloc(100, 'x'), ...chunks]);
    expect(await writer.finish()).toBe(all.length);
    expect((await readFile(join(directory, 'part'))).equals(all)).toBe(true);
    expect(log.synced.at(-1)).toBe(all.length);
    expect(log.synced).toEqual([...log.synced].sort((a, b) => a - b));
    expect(writer.waitingBytes).toBe(0);
    expect(pool.heldBlocks).toBe(0);
  });

  test('does nothing for an empty body', async () => {
    const { writer, log } = startWriter();
    expect(await writer.finish()).toBe(0);
    expect(log.synced).toEqual([]);
  });

  test('writes large blocks and syncs about every 16 MiB meanwhile', async () => {
    const writes: number[] = [];
    let syncs = 0;
    const { writer, acceptAll } = startWriter({
      write: (fd, bytes, position) => {
        writes.push(bytes.length);
        return systemFileCalls.write(fd, bytes, position);
      },
      sync: async (fd) => {
        syncs++;
        await systemFileCalls.sync(fd);
      },
    });
    await acceptAll(Array.from({ length: 64 * 16 }, (_, index) => chunkOf(65_536, index)));
    await writer.finish();
    expect(Math.max(...writes)).toBe(defaultBlockLimits.largeBytes);
    expect(writes.filter((bytes) => bytes === 4 * MiB).length).toBeGreaterThan(8);
    expect(syncs).toBeGreaterThanOrEqual(2);
    expect(syncs).toBeLessThanOrEqual(6);
  });

  test('a flush syncs less than a full batch', async () => {
    const safe = Promise.withResolvers<number>();
    const writer = new DurableWriter({
      ...noReports,
      fd: file.fd,
      offset: 0,
      blocks: pool.open(),
      onSynced: safe.resolve,
    });
    writer.accept(chunkOf(10, 1));
    writer.flush();
    expect(await safe.promise).toBe(10);
  });

  test('continues after a partial write', async () => {
    const { writer } = startWriter({
      write: async (fd, bytes, position) =>
        systemFileCalls.write(fd, bytes.subarray(0, Math.ceil(bytes.length / 3)), position),
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
    const { writer, log, acceptAll } = startWriter({
      write: (fd, bytes, position) =>
        ++writes === 3 ? Promise.reject(errno(code)) : systemFileCalls.write(fd, bytes, position),
      sync: systemFileCalls.sync,
    });
    await acceptAll(Array.from({ length: 40 }, (_, index) => chunkOf(MiB, index)));
    await expect(writer.finish()).rejects.toMatchObject({ kind });
    writer.accept(chunkOf(4 * MiB, 99));
    await expect(writer.finish()).rejects.toThrow(StorageFailure);
    expect(writes).toBe(3);
    expect(log.failures).toBe(1);
    expect(log.synced.every((offset) => offset <= 8 * MiB)).toBe(true);
    expect(pool.heldBlocks).toBe(0);
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
      ...noReports,
      fd: file.fd,
      offset: 0,
      blocks: pool.open(),
      onSynced: () => {
        throw new Error('the database is away');
      },
    });
    writer.accept(chunkOf(10, 1));
    await expect(writer.finish()).rejects.toThrow('the database is away');
  });

  test('settles only after every file call has returned', async () => {
    const syncCall = Promise.withResolvers<void>();
    const { writer } = startWriter({
      write: (fd, bytes, position) =>
        position > 0 ? Promise.reject(errno('EIO')) : systemFileCalls.write(fd, bytes, position),
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

  test('waits for its small block when the others hold all large ones', async () => {
    pool = new BlockPool({ ...defaultBlockLimits, large: 1 });
    const other = pool.open();
    other.takeLarge();
    const gate = Promise.withResolvers<void>();
    const writes: number[] = [];
    const { writer } = startWriter({
      write: async (fd, bytes, position) => {
        writes.push(bytes.length);
        await gate.promise;
        return systemFileCalls.write(fd, bytes, position);
      },
      sync: systemFileCalls.sync,
    });
    writer.accept(chunkOf(smallBlockBytes - 1, 1));
    expect(writer.isBlocked).toBe(false);
    writer.accept(chunkOf(11, 2));
    expect(writer.isBlocked).toBe(true);
    gate.resolve();
    await expect.poll(() => writer.isBlocked).toBe(false);
    expect(await writer.finish()).toBe(smallBlockBytes + 10);
    expect(writes).toEqual([smallBlockBytes, 10]);
    const expected = Buffer.concat([chunkOf(smallBlockBytes - 1, 1), chunkOf(11, 2)]);
    expect((await readFile(join(directory, 'part'))).equals(expected)).toBe(true);
    other.release();
  });

  test('gives a large block back when its sender has become slow, and loses no byte', async () => {
    const { writer } = startWriter();
    writer.accept(chunkOf(smallBlockBytes, 1));
    writer.accept(chunkOf(10, 2));
    expect(pool.heldBlocks).toBe(1);
    expect(writer.flush()).toBe(false);
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2000);
    await expect.poll(() => writer.flush()).toBe(true);
    vi.restoreAllMocks();
    await expect.poll(() => pool.heldBlocks).toBe(0);
    writer.accept(chunkOf(20, 3));
    const expected = Buffer.concat([chunkOf(smallBlockBytes, 1), chunkOf(10, 2), chunkOf(20, 3)]);
    expect(await writer.finish()).toBe(expected.length);
    expect((await readFile(join(directory, 'part'))).equals(expected)).toBe(true);
  });

  test('a slow sender that fills its small block gets no large one', () => {
    const { writer } = startWriter();
    const startedAt = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(startedAt + 1000);
    writer.accept(chunkOf(smallBlockBytes, 1));
    vi.restoreAllMocks();
    expect(pool.heldBlocks).toBe(0);
    return writer.finish();
  });
});
