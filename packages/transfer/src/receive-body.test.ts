import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileHasChecksum } from './checksum.ts';
import { systemFileCalls } from './durable-writer.ts';
import { defaultPace, ReceiveBudget } from './guards.ts';
import { Receiving, type Received, type ReceiveOptions } from './receive-body.ts';

const MiB = 1024 * 1024;

let directory: string;
let cleanUps: (() => Promise<unknown> | void)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turnover-receive-'));
  cleanUps = [() => rm(directory, { recursive: true })];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

type Running = {
  socket: Socket;
  receiving: Receiving;
  recorded: number[];
  budget: ReceiveBudget;
  /** Settles with the file's bytes once receiving has ended. */
  result: Promise<Received & { bytes: Buffer }>;
};

/** Sends the head of one PATCH over a real socket. The test sends the body. */
async function startReceiving(
  head: string,
  options: Partial<ReceiveOptions> = {},
  answer = (response: ServerResponse): void => void response.end(),
): Promise<Running> {
  const path = join(directory, 'part');
  const file = await open(path, 'w+');
  const recorded: number[] = [];
  const budget = options.budget ?? new ReceiveBudget(128 * MiB);
  const started = Promise.withResolvers<Receiving>();
  const server = createServer((request: IncomingMessage, response) => {
    const receiving: Receiving = new Receiving({
      request,
      fd: file.fd,
      offset: 0,
      length: 1e12,
      budget,
      pace: defaultPace,
      onDurable: (offset) => recorded.push(offset),
      ...options,
      verify:
        options.verify &&
        (() => fileHasChecksum(file.fd, 0, recorded.at(-1) ?? receiving.receivedOffset, wanted)),
    });
    receiving.done.then(
      () => answer(response),
      () => answer(response),
    );
    started.resolve(receiving);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  cleanUps.push(() => {
    socket.destroy();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  socket.write(`PATCH /x HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`);
  const receiving = await started.promise;
  const result = receiving.done
    .then(async (received) => ({ ...received, bytes: await readFile(path) }))
    .finally(() => file.close());
  result.catch(() => undefined);
  return { socket, receiving, recorded, budget, result };
}

let wanted = { algorithm: 'sha1', digest: Buffer.alloc(20) };

describe('Receiving', () => {
  test('receives a whole body and records every byte', async () => {
    const body = Buffer.alloc(40 * MiB, 'turnover ');
    const { socket, recorded, result } = await startReceiving(`Content-Length: ${body.length}`);
    socket.write(body);
    const { end, durableOffset, bytes } = await result;
    expect({ end, durableOffset }).toEqual({ end: 'complete', durableOffset: body.length });
    expect(bytes.equals(body)).toBe(true);
    expect(recorded.at(-1)).toBe(body.length);
    expect(recorded.length).toBeGreaterThan(1);
  });

  test('receives a chunked body', async () => {
    const { socket, result } = await startReceiving('Transfer-Encoding: chunked');
    socket.write('5\r\nhello\r\n0\r\n\r\n');
    expect(await result).toEqual({ end: 'complete', durableOffset: 5, bytes: Buffer.from('hello') });
  });

  test.each([
    ['is reset', (socket: Socket): void => void socket.resetAndDestroy()],
    ['ends in the middle', (socket: Socket): void => void socket.end()],
  ])('keeps every byte when the connection %s', async (_how, cut) => {
    const { socket, receiving, recorded, result } = await startReceiving('Content-Length: 50000000');
    const body = Buffer.alloc(5 * MiB + 17, 'cut here ');
    socket.write(body);
    await expect.poll(() => receiving.receivedOffset).toBe(body.length);
    cut(socket);
    const { end, durableOffset, bytes } = await result;
    expect({ end, durableOffset }).toEqual({ end: 'disconnected', durableOffset: body.length });
    expect(bytes.equals(body)).toBe(true);
    expect(recorded.at(-1)).toBe(body.length);
  });

  test('keeps the whole body of a client that closes its side right after it', async () => {
    const { socket, recorded, result } = await startReceiving('Content-Length: 5');
    socket.end('hello');
    expect((await result).durableOffset).toBe(5);
    expect(recorded).toEqual([5]);
  });

  test.each(['shutdown', 'handed-over'] as const)(
    'stops for %s with all received bytes safe',
    async (reason) => {
      const { socket, receiving, recorded, result } = await startReceiving('Content-Length: 50000000');
      socket.write(Buffer.alloc(3 * MiB, 'a'));
      await expect.poll(() => receiving.receivedOffset).toBe(3 * MiB);
      receiving.end(reason);
      receiving.end('shutdown');
      socket.write(Buffer.alloc(MiB, 'b'));
      const { end, durableOffset, bytes } = await result;
      expect({ end, durableOffset }).toEqual({ end: reason, durableOffset: 3 * MiB });
      expect(bytes.length).toBe(3 * MiB);
      expect(recorded.at(-1)).toBe(3 * MiB);
    },
  );

  test('never writes a byte beyond the length of the upload', async () => {
    const { socket, receiving, result } = await startReceiving('Transfer-Encoding: chunked', { length: 8 });
    socket.write('5\r\nhello\r\n');
    await expect.poll(() => receiving.receivedOffset).toBe(5);
    socket.write('4\r\nmore\r\n0\r\n\r\n');
    expect(await result).toEqual({ end: 'too-long', durableOffset: 5, bytes: Buffer.from('hello') });
  });

  test('disconnects a silent sender and keeps its bytes', async () => {
    const pace = { ...defaultPace, inactivityMs: 40, checkEveryMs: 10 };
    const { socket, result } = await startReceiving('Content-Length: 100', { pace });
    socket.write('hello');
    expect(await result).toEqual({ end: 'silent', durableOffset: 5, bytes: Buffer.from('hello') });
  });

  test('disconnects a sender that is too slow', async () => {
    const pace = { inactivityMs: 10_000, rateWindowMs: 60, minimumBytesPerSecond: 1e6, checkEveryMs: 10 };
    const { socket, result } = await startReceiving('Content-Length: 1000', { pace });
    const drip = setInterval(() => socket.write('x'), 5);
    cleanUps.push(() => clearInterval(drip));
    expect((await result).end).toBe('too-slow');
  });

  test('syncs a slow sender’s bytes while it continues', async () => {
    const pace = { ...defaultPace, checkEveryMs: 5 };
    const { socket, recorded } = await startReceiving('Content-Length: 1000', { pace });
    socket.write('hello');
    await expect.poll(() => recorded).toEqual([5]);
  });

  test('keeps a slow sender’s bytes in memory for the configured time', async () => {
    const pace = { ...defaultPace, checkEveryMs: 5 };
    const options = { pace, flushEveryMs: () => 60_000 };
    const { socket, recorded, receiving, result } = await startReceiving('Content-Length: 10', options);
    await expect.poll(() => receiving.silentForMs).toBeGreaterThan(20);
    socket.write('hello');
    await expect.poll(() => receiving.receivedOffset).toBe(5);
    await expect.poll(() => receiving.silentForMs).toBeGreaterThan(50);
    expect(recorded).toEqual([]);
    socket.write('world');
    expect(await result).toMatchObject({ end: 'complete', durableOffset: 10 });
  });

  test('pauses reading while the disk is behind, within both memory limits', async () => {
    const gate = Promise.withResolvers<void>();
    const budget = new ReceiveBudget(4 * MiB);
    const { socket, receiving, result } = await startReceiving('Content-Length: 20971520', {
      budget,
      pace: { inactivityMs: 600, rateWindowMs: 600, minimumBytesPerSecond: 1e9, checkEveryMs: 10 },
      fileCalls: {
        write: async (fd, buffers, position) => {
          await gate.promise;
          return systemFileCalls.write(fd, buffers, position);
        },
        sync: systemFileCalls.sync,
      },
    });
    socket.write(Buffer.alloc(20 * MiB, 'a'));
    await expect.poll(() => budget.isSpent).toBe(true);
    const atPause = receiving.receivedOffset;
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(receiving.receivedOffset).toBe(atPause);
    expect(atPause).toBeLessThan(5 * MiB);
    gate.resolve();
    expect((await result).durableOffset).toBe(20 * MiB);
    expect(budget.isSpent).toBe(false);
  });

  test('fails when the disk fails, and releases the memory', async () => {
    const budget = new ReceiveBudget(1);
    const { socket, recorded, result } = await startReceiving('Content-Length: 5', {
      budget,
      fileCalls: {
        write: () => Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })),
        sync: systemFileCalls.sync,
      },
    });
    socket.write('hello');
    await expect(result).rejects.toMatchObject({ kind: 'no-space' });
    expect(recorded).toEqual([]);
    expect(budget.isSpent).toBe(false);
  });
});

describe('Receiving a body with a checksum', () => {
  const body = Buffer.alloc(20 * MiB, 'checked ');
  const verify = async (): Promise<boolean> => true;

  test('records no byte before the checksum is verified and all bytes afterwards', async () => {
    wanted = { algorithm: 'sha1', digest: createHash('sha1').update(body).digest() };
    const { socket, receiving, recorded, result } = await startReceiving(`Content-Length: ${body.length}`, {
      verify,
      pace: { ...defaultPace, checkEveryMs: 5 },
    });
    socket.write(body.subarray(0, 19 * MiB));
    await expect.poll(() => receiving.receivedOffset).toBe(19 * MiB);
    expect(recorded).toEqual([]);
    socket.write(body.subarray(19 * MiB));
    expect((await result).end).toBe('complete');
    expect(recorded).toEqual([body.length]);
  });

  test('records no byte of a body with another checksum', async () => {
    wanted = { algorithm: 'sha1', digest: createHash('sha1').update(body).digest() };
    const { socket, recorded, result } = await startReceiving(`Content-Length: ${body.length}`, { verify });
    const flipped = Buffer.from(body);
    flipped[12_345_678]! ^= 1;
    socket.write(flipped);
    expect(await result).toMatchObject({ end: 'mismatch', durableOffset: 0 });
    expect(recorded).toEqual([]);
  });

  test('records no byte of a body that was cut off', async () => {
    const { socket, receiving, recorded, result } = await startReceiving(`Content-Length: ${body.length}`, {
      verify,
    });
    socket.write(body.subarray(0, MiB));
    await expect.poll(() => receiving.receivedOffset).toBe(MiB);
    socket.resetAndDestroy();
    expect(await result).toMatchObject({ end: 'disconnected', durableOffset: 0 });
    expect(recorded).toEqual([]);
  });
});
