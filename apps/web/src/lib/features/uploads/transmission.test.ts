/** Runs against a server that acts like a proxy: it refuses, cuts connections, and answers with its own pages. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReportedError } from '#lib/reported-error.ts';
import { afterAll, expect, test } from 'vitest';
import { Pieces, smallestPieceBytes } from './pieces.ts';
import { Transmission } from './transmission.ts';

const MIB = 1024 * 1024;
const tus = { 'tus-resumable': '1.0.0' };

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

type Between = (request: IncomingMessage, response: ServerResponse, offset: number) => boolean;

/** Imitates the hub as seen by the client. `between` may answer instead, in which case it returns true. */
async function serve(
  size: number,
  between: Between,
): Promise<{ url: string; arrived: () => number; bodies: number[] }> {
  let offset = 0;
  const bodies: number[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'PATCH') bodies.push(Number(request.headers['content-length']));
    if (between(request, response, offset)) return void request.resume();
    if (request.method === 'HEAD') {
      return void response.writeHead(200, { ...tus, 'upload-offset': offset, 'upload-length': size }).end();
    }
    request.on('data', (chunk: Buffer) => (offset += chunk.length));
    request.on('end', () => response.writeHead(204, { ...tus, 'upload-offset': offset }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/uploads/upl_x`, arrived: () => offset, bodies };
}

function send(url: string, size: number, pieces = new Pieces(null)) {
  const seen: { stalls: (ReportedError | undefined)[]; smaller: number[] } = { stalls: [], smaller: [] };
  const outcome = new Promise<'sent' | ReportedError | undefined>((resolve) => {
    const events = {
      onprogress: () => {},
      onstall: (report: ReportedError | undefined) => seen.stalls.push(report),
      onsent: () => resolve('sent'),
      onfail: resolve,
      onsmaller: (bytes: number) => seen.smaller.push(bytes),
    };
    new Transmission(Buffer.alloc(size) as never, url, events, { pieces, headers: {} }).start();
  });
  return { seen, outcome, pieces };
}

function refuseAbove(maxBytes: number): Between {
  return (request, response) => {
    if (Number(request.headers['content-length'] ?? 0) <= maxBytes) return false;
    response.writeHead(413, { 'content-type': 'text/html' }).end('<html>413 Request Entity Too Large</html>');
    return true;
  };
}

test('sends smaller pieces through a proxy that refuses large bodies, and remembers the size', async () => {
  const size = 9 * MIB;
  const { url, arrived, bodies } = await serve(size, refuseAbove(MIB));
  const first = send(url, size);
  expect(await first.outcome).toBe('sent');
  expect(arrived()).toBe(size);
  expect(first.seen).toEqual({ stalls: [], smaller: [MIB] });
  expect(bodies.filter((bytes) => bytes > MIB).length).toBeLessThanOrEqual(6);
});

test('sends each piece in the size that the previous piece allowed', async () => {
  const { url, bodies } = await serve(8 * MIB, () => false);
  const growing = {
    bytes: MIB,
    grow(sentBytes: number) {
      if (sentBytes === this.bytes) this.bytes *= 2;
    },
    takeNews: () => null,
  };
  const { outcome } = send(url, 8 * MIB, growing as never);
  expect(await outcome).toBe('sent');
  expect(bodies).toEqual([MIB, 2 * MIB, 4 * MIB, MIB]);
});

test('gives up quickly when a proxy refuses even the smallest piece, and reports the proxy', async () => {
  const { url, bodies } = await serve(MIB, refuseAbove(1000));
  const { outcome } = send(url, MIB);
  expect(await outcome).toEqual({ code: 'too_large', details: { by: 'proxy' } });
  expect(bodies.at(-1)).toBe(smallestPieceBytes);
});

test('reports a limit of the hub itself without trying smaller pieces', async () => {
  const { url, bodies } = await serve(MIB, (request, response) => {
    if (request.method !== 'PATCH') return false;
    const body = JSON.stringify({ code: 'too_large', message: 'x', details: {} });
    response.writeHead(413, { ...tus, 'content-type': 'application/json' }).end(body);
    return true;
  });
  const { outcome, pieces } = send(url, MIB);
  expect(await outcome).toMatchObject({ code: 'too_large', details: {} });
  expect(bodies).toHaveLength(1);
  expect(pieces.bytes).toBe(64 * MIB);
});

test.concurrent.each([401, 403, 404, 410, 422, 429, 502, 504])(
  'treats a %i from a proxy as a broken connection',
  async (status) => {
    let isFirst = true;
    const { url, arrived } = await serve(1000, (_request, response) => {
      const answers = isFirst;
      isFirst = false;
      if (answers) response.writeHead(status, { 'content-type': 'text/html' }).end('<html>');
      return answers;
    });
    const { outcome, seen } = send(url, 1000);
    expect(await outcome).toBe('sent');
    expect(arrived()).toBe(1000);
    expect(seen.stalls).toEqual([undefined]);
  },
);
