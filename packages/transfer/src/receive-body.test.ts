import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileHasChecksum } from './checksum.ts';
import { systemFileCalls } from './durable-writer.ts';
import { defaultPace } from './guards.ts';
import { BlockPool } from './receive-blocks.ts';
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
  blocks: BlockPool;
  /** Cuts every connection, as the end of a shutdown does. */
  cut(): void;
  /** Returns the text that the server answered. */
  answered(): string;
  /** Settles with the file's bytes once receiving has ended. */
  result: Promise<Received & { bytes: Buffer }>;
};

/** Sends the head of one PATCH over a real socket. The test sends the body. */
async function startReceiving(
  head: string,
  options: Partial<ReceiveOptions> = {},
  answer = (response: ServerResponse): void => void response.end(),
  bodyWithHead = Buffer.alloc(0),
  { name = 'part', handle = {}, allowHalfOpen = false } = {},
): Promise<Running> {
  const path = join(directory, name);
  const file = await open(path, 'w+');
  const recorded: number[] = [];
  const blocks = options.blocks ?? new BlockPool();
  const announced = /^Content-Length: (\d+)$/m.exec(head)?.[1];
  const started = Promise.withResolvers<Receiving>();
  const server = createServer((request: IncomingMessage, response) => {
    Object.assign((request.socket as never)['_handle'], handle);
    const receiving: Receiving = new Receiving({
      request,
      response,
      bodyBytes: announced === undefined ? null : Number(announced),
      takesSockets: wayIn === 'socket',
      fd: file.fd,
      offset: 0,
      length: 1e12,
      blocks,
      pace: defaultPace,
      onProgress: (offset) => recorded.push(offset),
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
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  socket.on('error', () => undefined);
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  cleanUps.push(() => {
    socket.destroy();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  socket.write(Buffer.concat([Buffer.from(`PATCH /x HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n`), bodyWithHead]));
  const receiving = await started.promise;
  const result = receiving.done
    .then(async (received) => ({ ...received, bytes: await readFile(path) }))
    .finally(() => file.close());
  result.catch(() => undefined);
  return {
    socket,
    receiving,
    recorded,
    blocks,
    answered: () => said,
    cut: () => server.closeAllConnections(),
    result,
  };
}

/** How large bodies are received. */
let wayIn: 'socket' | 'parser';
let wanted = { algorithm: 'sha1', digest: Buffer.alloc(20) };

describe.each(['socket', 'parser'] as const)('Receiving by the %s', (way) => {
  beforeEach(() => (wayIn = way));

  test('receives a whole body and records every byte', async () => {
    const body = Buffer.alloc(40 * MiB, 'turnover ');
    const { socket, receiving, recorded, blocks, result } = await startReceiving(
      `Content-Length: ${body.length}`,
    );
    socket.write(body.subarray(0, 20 * MiB));
    await expect.poll(() => receiving.wayIn).toBe(way);
    // The end waits, because its record would cover the progress before it.
    await expect.poll(() => recorded.length).toBeGreaterThan(0);
    socket.write(body.subarray(20 * MiB));
    const { end, durableOffset, bytes } = await result;
    expect({ end, durableOffset }).toEqual({ end: 'complete', durableOffset: body.length });
    expect(bytes.equals(body)).toBe(true);
    expect(recorded.at(-1)).toBe(body.length);
    expect(blocks.heldBlocks).toBe(0);
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
    const pace = { ...defaultPace, checkEveryMs: 10 };
    const { socket, receiving, result } = await startReceiving('Content-Length: 100', { pace });
    socket.write('hello');
    await expect.poll(() => receiving.receivedOffset).toBe(5);
    pace.inactivityMs = 40;
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

  test('pauses reading while the disk is behind, and is not blamed for it', async () => {
    const gate = Promise.withResolvers<void>();
    const blocks = new BlockPool({ largeBytes: MiB, large: 4, perUpload: 3, quickMs: Infinity, keptMs: 100 });
    const pace = { ...defaultPace, checkEveryMs: 10 };
    const { socket, receiving, result } = await startReceiving('Content-Length: 20971520', {
      blocks,
      pace,
      fileCalls: {
        write: async (fd, bytes, position) => {
          await gate.promise;
          return systemFileCalls.write(fd, bytes, position);
        },
        sync: systemFileCalls.sync,
      },
    });
    const body = randomBytes(20 * MiB);
    socket.write(body);
    await expect.poll(() => receiving.bytesPerSecond).toBe(Infinity);
    await expect.poll(() => blocks.heldBlocks).toBe(3);
    // From now on no sender would be fast enough. Before and after, a busy machine may take its time.
    Object.assign(pace, { inactivityMs: 1, rateWindowMs: 1, minimumBytesPerSecond: 1e12 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiving.receivedOffset).toBeGreaterThan(3 * MiB);
    expect(receiving.receivedOffset).toBeLessThan(4 * MiB);
    Object.assign(pace, defaultPace);
    gate.resolve();
    const { durableOffset, bytes } = await result;
    expect(durableOffset).toBe(20 * MiB);
    expect(bytes.equals(body)).toBe(true);
    expect(blocks.heldBlocks).toBe(0);
  });

  test.each(['ENOSPC', 'EIO'])(
    'fails when the disk fails in the middle (%s), and takes nothing more',
    async (code) => {
      let writes = 0;
      const blocks = new BlockPool({
        largeBytes: MiB,
        large: 4,
        perUpload: 3,
        quickMs: Infinity,
        keptMs: 100,
      });
      const { socket, recorded, result } = await startReceiving('Content-Length: 20971520', {
        blocks,
        fileCalls: {
          write: (fd, bytes, position) =>
            ++writes === 5
              ? Promise.reject(Object.assign(new Error(), { code }))
              : systemFileCalls.write(fd, bytes, position),
          sync: systemFileCalls.sync,
        },
      });
      socket.write(Buffer.alloc(20 * MiB, 'a'));
      await expect(result).rejects.toMatchObject({ kind: code === 'EIO' ? 'broken' : 'no-space' });
      expect(writes).toBe(5);
      expect(recorded.every((offset) => offset < 5 * MiB)).toBe(true);
      expect(blocks.heldBlocks).toBe(0);
    },
  );
});

describe.each(['socket', 'parser'] as const)('Receiving a body with a checksum by the %s', (way) => {
  beforeEach(() => (wayIn = way));

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

describe('Taking the connection', () => {
  beforeEach(() => (wayIn = 'socket'));

  /** Answers as the hub does. */
  const noContent = (response: ServerResponse) => void response.writeHead(204, { 'X-Kept': 'yes' }).end();

  test('answers on the taken connection and closes it', async () => {
    const body = randomBytes(5 * MiB + 3);
    const { socket, answered, receiving, result } = await startReceiving(
      `Content-Length: ${body.length}`,
      {},
      noContent,
    );
    const closed = once(socket, 'end');
    socket.write(body);
    expect((await result).bytes.equals(body)).toBe(true);
    await closed;
    expect(receiving.wayIn).toBe('socket');
    expect(answered()).toMatch(/^HTTP\/1\.1 204 No Content\r\n[^]*X-Kept: yes\r\n/);
    expect(answered()).toContain('Connection: close\r\n');
  });

  test('reads no byte of the next request, and its answer still arrives', async () => {
    const body = randomBytes(3 * MiB);
    const { socket, answered, result } = await startReceiving(
      `Content-Length: ${body.length}`,
      {},
      noContent,
    );
    const closed = once(socket, 'close');
    socket.write(body);
    socket.write(`GET /next HTTP/1.1\r\nHost: x\r\n\r\n${'x'.repeat(300_000)}`);
    const { end, durableOffset, bytes } = await result;
    expect({ end, durableOffset }).toEqual({ end: 'complete', durableOffset: body.length });
    expect(bytes.equals(body)).toBe(true);
    await closed;
    expect(answered()).toContain('204');
    expect(answered().match(/HTTP/g)).toHaveLength(1);
  });

  test('leaves small bodies to the parser, and the connection open', async () => {
    const { socket, answered, receiving, result } = await startReceiving(
      `Content-Length: ${MiB - 1}`,
      {},
      noContent,
    );
    socket.write(Buffer.alloc(MiB - 1, 'a'));
    expect((await result).durableOffset).toBe(MiB - 1);
    expect(receiving.wayIn).toBe('parser');
    await expect.poll(answered).toContain('Connection: keep-alive');
  });

  test('leaves the body to the parser where Node lacks what taking needs', async () => {
    const body = randomBytes(2 * MiB);
    const { socket, answered, receiving, result } = await startReceiving(
      `Content-Length: ${body.length}`,
      {},
      noContent,
      Buffer.alloc(0),
      { handle: { useUserBuffer: undefined } },
    );
    socket.write(body);
    const { end, bytes } = await result;
    expect([end, bytes.equals(body), receiving.wayIn]).toEqual(['complete', true, 'parser']);
    await expect.poll(answered).toContain('Connection: keep-alive');
  });

  test('keeps the bytes that came with the head', async () => {
    const body = randomBytes(2 * MiB);
    const { receiving, result } = await startReceiving(`Content-Length: ${body.length}`, {}, noContent, body);
    const { end, bytes } = await result;
    expect([end, bytes.equals(body), receiving.wayIn]).toEqual(['complete', true, 'socket']);
  });

  test('keeps the bytes that came with the head when taking the connection fails', async () => {
    const body = randomBytes(2 * MiB);
    const useUserBuffer = (): void => {
      throw new Error('no such call');
    };
    const { blocks, recorded, receiving, result } = await startReceiving(
      `Content-Length: ${body.length}`,
      {},
      noContent,
      body,
      { handle: { useUserBuffer } },
    );
    await expect(result).rejects.toThrow('no such call');
    expect(blocks.heldBlocks).toBe(0);
    expect(recorded).toEqual([receiving.receivedOffset]);
    const written = await readFile(join(directory, 'part'));
    expect(written.length).toBeGreaterThan(0);
    expect(written.equals(body.subarray(0, written.length))).toBe(true);
  });

  test('a sender that is refused in the middle still reads the reason', async () => {
    const { socket, receiving, answered, result } = await startReceiving(
      'Content-Length: 50000000',
      {},
      (response) => void response.writeHead(503, { 'Content-Length': 8 }).end('restarts'),
    );
    const closed = once(socket, 'close');
    socket.write(Buffer.alloc(3 * MiB, 'a'));
    await expect.poll(() => receiving.receivedOffset).toBe(3 * MiB);
    receiving.end('shutdown');
    socket.write(Buffer.alloc(8 * MiB, 'b'));
    expect((await result).bytes.equals(Buffer.alloc(3 * MiB, 'a'))).toBe(true);
    await closed;
    expect(answered()).toMatch(/^HTTP\/1\.1 503[^]*restarts$/);
  });

  test('uploads that share few blocks do not mix their bytes, even when some are ended early', async () => {
    const blocks = new BlockPool({ largeBytes: MiB, large: 3, perUpload: 2, quickMs: Infinity, keptMs: 100 });
    const bodies = Array.from({ length: 8 }, () => randomBytes(6 * MiB));
    const all = await Promise.all(
      bodies.map(async (body, index) => {
        const running = await startReceiving(
          `Content-Length: ${body.length}`,
          { blocks },
          (response) => void response.writeHead(204).end(),
          undefined,
          { name: `part${index}` },
        );
        running.socket.write(body);
        return running;
      }),
    );
    for (const { receiving } of all.slice(0, 3)) receiving.end('handed-over');
    for (const [index, { result }] of all.entries()) {
      const { end, durableOffset, bytes } = await result;
      if (index >= 3) expect(end).toBe('complete');
      expect(bytes.equals(bodies[index]!.subarray(0, durableOffset))).toBe(true);
    }
    expect(blocks.heldBlocks).toBe(0);
  });

  test('an ended upload does not touch its blocks, whatever its sender still sends', async () => {
    const blocks = new BlockPool({ largeBytes: MiB, large: 1, perUpload: 1, quickMs: Infinity, keptMs: 100 });
    const options = { blocks, pace: { ...defaultPace, checkEveryMs: 60_000 } };
    const head = `Content-Length: ${2 * MiB}`;
    const ended = await startReceiving(head, options, noContent, undefined, {
      name: 'ended',
      // The sender continues after the answer.
      allowHalfOpen: true,
    });
    ended.socket.write(Buffer.alloc(MiB / 2, 'a'));
    await expect.poll(() => ended.receiving.receivedOffset).toBe(MiB / 2);
    ended.receiving.end('handed-over');
    await ended.result;

    const body = randomBytes(2 * MiB);
    const next = await startReceiving(head, options, noContent, undefined, { name: 'next' });
    next.socket.write(body.subarray(0, 0.9 * MiB));
    await expect.poll(() => next.receiving.receivedOffset).toBe(Math.floor(0.9 * MiB));
    expect(blocks.heldBlocks).toBe(1);
    await new Promise<void>((resolve) => ended.socket.write(Buffer.alloc(MiB / 4, 'b'), () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, 100));
    next.socket.write(body.subarray(0.9 * MiB));
    expect((await next.result).bytes.equals(body)).toBe(true);
  });

  test('a sender that becomes slow gives its large block back and goes on in its small one', async () => {
    const body = randomBytes(2 * MiB);
    const pace = { ...defaultPace, checkEveryMs: 50 };
    const { socket, receiving, blocks, recorded, result } = await startReceiving(
      `Content-Length: ${body.length}`,
      { pace },
    );
    for (const [from, to] of [
      [0, 300_000],
      [300_000, 310_000],
      [310_000, 1_000_000],
    ] as const) {
      socket.write(body.subarray(from, to));
      await expect.poll(() => receiving.receivedOffset).toBe(to);
      await expect.poll(() => blocks.heldBlocks, { timeout: 5000 }).toBe(0);
      await expect.poll(() => recorded.at(-1)).toBe(to);
    }
    socket.write(body.subarray(1_000_000));
    expect((await result).bytes.equals(body)).toBe(true);
  });

  test('a connection that the server cuts ends the upload', async () => {
    const { socket, receiving, cut, result } = await startReceiving('Content-Length: 50000000');
    const closed = once(socket, 'close');
    socket.write(Buffer.alloc(3 * MiB, 'a'));
    await expect.poll(() => receiving.receivedOffset).toBe(3 * MiB);
    cut();
    expect(await result).toMatchObject({ end: 'disconnected', durableOffset: 3 * MiB });
    await closed;
  });
});
