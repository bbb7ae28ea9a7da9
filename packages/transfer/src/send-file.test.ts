import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultSendLimits, sendFile, sourceOf, type SendLimits } from './send-file.ts';

const stored = Buffer.alloc(9_000_001);
for (let index = 0; index < stored.length; index++) stored[index] = (index * 31 + (index >> 8)) & 255;
const etag = '"ast_1"';

let directory: string;
const state = {
  isAllowed: true,
  sizeBytes: stored.length,
  limits: defaultSendLimits,
  ended: Promise.resolve(),
};
const server = createServer(async (request, response) => {
  const ended = Promise.withResolvers<void>();
  state.ended = ended.promise;
  const file = await open(join(directory, 'asset'));
  await sendFile(
    request,
    response,
    {
      source: sourceOf(file),
      fileName: 'reel 東京.mov',
      sizeBytes: state.sizeBytes,
      etag,
      isStillAllowed: async () => state.isAllowed,
    },
    state.limits,
  );
  await file.close();
  ended.resolve();
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'turnover-send-'));
  await writeFile(join(directory, 'asset'), stored);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function port(): number {
  return (server.address() as AddressInfo).port;
}

async function get(headers: Record<string, string> = {}, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${port()}/`, { method, headers });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body };
}

describe('sendFile', () => {
  test('sends the whole file as a download that browsers do not run', async () => {
    const { status, headers, body } = await get();
    expect(status).toBe(200);
    expect(body.equals(stored)).toBe(true);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(stored.length),
      'content-disposition': expect.stringMatching(
        /^attachment; filename="reel __?\.mov"; filename\*=UTF-8''reel%20/,
      ),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
      'accept-ranges': 'bytes',
      etag,
    });
  });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=2097151-2097153', 2_097_151, 2_097_154],
    ['bytes=5000000-', 5_000_000, stored.length],
    ['bytes=-3', stored.length - 3, stored.length],
  ])('sends %s', async (range, start, end) => {
    const { status, headers, body } = await get({ range });
    expect(status).toBe(206);
    expect(headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${stored.length}`);
    expect(body.equals(stored.subarray(start, end))).toBe(true);
  });

  test('states the file size when the range is outside the file', async () => {
    const { status, headers, body } = await get({ range: 'bytes=9000001-' });
    expect(status).toBe(416);
    expect(headers.get('content-range')).toBe(`bytes */${stored.length}`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(body.length).toBe(0);
  });

  test('resumes only when the bytes are the same', async () => {
    expect((await get({ range: 'bytes=10-', 'if-range': etag })).status).toBe(206);
    expect((await get({ range: 'bytes=10-', 'if-range': '"ast_2"' })).status).toBe(200);
  });

  test('answers 304 to a client that already has these bytes', async () => {
    const { status, headers, body } = await get({ 'if-none-match': `"x", W/${etag}` });
    expect(status).toBe(304);
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    expect(body.length).toBe(0);
  });

  test('answers HEAD without the bytes', async () => {
    const { status, headers, body } = await get({ range: 'bytes=0-1' }, 'HEAD');
    expect(status).toBe(200);
    expect(headers.get('content-length')).toBe(String(stored.length));
    expect(body.length).toBe(0);
  });

  test('cuts the connection when the file is shorter than announced', async () => {
    state.sizeBytes = stored.length + 1;
    await expect(get()).rejects.toThrow();
    state.sizeBytes = stored.length;
  });
});

describe('a download whose receiver does not read', () => {
  // The range exceeds the kernel's buffers; otherwise the server would finish before the test can interfere.
  async function stalledDownload(limits: SendLimits): Promise<{ closed: Promise<void> }> {
    state.limits = limits;
    const size = 64 * 1024 * 1024;
    const file = await open(join(directory, 'asset'), 'r+');
    await file.truncate(size);
    await file.close();
    state.sizeBytes = size;
    const socket = connect(port(), '127.0.0.1');
    socket.on('error', () => undefined);
    const began = new Promise((resolve) => socket.once('readable', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await began;
    const closed = new Promise<void>((resolve) => socket.once('close', resolve));
    return { closed: state.ended.then(() => (socket.resume(), closed)) };
  }

  test('is cut when access ends', async () => {
    const { closed } = await stalledDownload({ authorizeEveryMs: 10, inactivityMs: 60_000 });
    state.isAllowed = false;
    await closed;
    state.isAllowed = true;
  });

  test('is disconnected after the limit', async () => {
    const { closed } = await stalledDownload({ authorizeEveryMs: 10_000, inactivityMs: 50 });
    await closed;
  });
});

describe('a source that takes its time', () => {
  async function sendSlowly(read: (buffer: Buffer) => Promise<number>, sizeBytes: number) {
    const sent = Promise.withResolvers<boolean>();
    const slow = createServer((request, response) => {
      const source = { read, close: async () => undefined };
      const download = { source, fileName: 'slow', sizeBytes, etag, isStillAllowed: async () => true };
      sendFile(request, response, download, { authorizeEveryMs: 10_000, inactivityMs: 30 }).then(
        sent.resolve,
        sent.reject,
      );
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    return { url, sent: sent.promise, [Symbol.dispose]: () => void slow.close() };
  }

  test('is not the silence of its receiver', async () => {
    using sending = await sendSlowly(async (buffer) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return buffer.write('ab');
    }, 6);
    expect(await (await fetch(sending.url)).text()).toBe('ababab');
    expect(await sending.sent).toBe(true);
  });

  test('is left alone once its receiver has gone', async () => {
    const began = Promise.withResolvers<void>();
    let reads = 0;
    using sending = await sendSlowly(async (buffer) => {
      if (reads++ === 0) return buffer.write('a');
      began.resolve();
      return new Promise<never>(() => undefined);
    }, 6);
    const leaving = new AbortController();
    const answer = await fetch(sending.url, { signal: leaving.signal });
    await began.promise;
    leaving.abort();
    expect(await sending.sent).toBe(false);
    await expect(answer.text()).rejects.toThrow();
  });
});
