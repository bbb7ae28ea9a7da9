/** Request bodies other than uploads, sent by friendly and hostile clients over real connections. */
import type { IncomingMessage, Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Hub } from '../src/lib/server/hub.ts';
import { createListener } from './listener.ts';
import { close, listen } from './serve.ts';
import { defaultBodyLimits, SmallBodies, type BodyLimits } from './small-body.ts';

let server: Server;
let asked: string[] = [];
/** The senders of long bodies that have been identified; from then on their bodies count. */
let identified = 0;
afterEach(async () => {
  await close(server, async () => {});
  asked = [];
  identified = 0;
});

const quick: Partial<BodyLimits> = { silenceMs: 60, deadlineMs: 250, bytesPerSecond: 1e6 };

async function serve(limits: Partial<BodyLimits> = {}): Promise<void> {
  const hub = {
    authenticate: async ({ authorization }: { authorization?: string }) => {
      identified++;
      return authorization ? { person: { id: authorization } } : null;
    },
  } as unknown as Hub;
  const pages = async (request: IncomingMessage, response: { end(body: string): void }) => {
    asked.push(request.url!);
    response.end(`${request.method} ${(await text(request)).length}`);
  };
  const bodies = new SmallBodies({ ...defaultBodyLimits, ...limits });
  server = await listen(
    createListener({
      hub,
      mounts: [],
      pages: pages as never,
      bodies,
      reportFailure: () => {},
      origin: { publicUrl: undefined, trustedProxies: [] },
    }),
    0,
    '127.0.0.1',
  );
}

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
async function post(path: string, body: BodyInit, headers: Record<string, string> = {}) {
  const response = await fetch(address() + path, {
    method: 'POST',
    body,
    headers,
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** Writes the pieces on one connection with pauses in between, and returns everything that came back until its end. */
async function drip(pieces: string[], pauseMs: number): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    if (socket.destroyed || answer) break;
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  await closed;
  return answer;
}
const head = (path: string, length: number | 'chunked', more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: hub\r\n${length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n${more}\r\n`;

test.each([0, 1, 1000, 16 * 1024])(
  'receives a body of %s bytes, even without a declared length',
  async (size) => {
    await serve();
    const body = 'x'.repeat(size);
    expect((await post('/form', body)).body).toBe(`POST ${size}`);
    const stream = new Blob([body]).stream();
    expect((await post('/form', stream)).body).toBe(`POST ${size}`);
    expect((await (await fetch(`${address()}/page`)).text()).trim()).toBe('GET 0');
  },
);

test('answers two requests with bodies on one connection', async () => {
  await serve();
  const answer = await drip([`${head('/one', 3)}abc${head('/two', 2, 'Connection: close\r\n')}de`], 50);
  expect(answer.match(/POST \d/g)).toEqual(['POST 3', 'POST 2']);
});

test('refuses a form that is too long in the reader’s language before reading it, and a call as an API error', async () => {
  await serve();
  const long = 'x'.repeat(16 * 1024 + 1);
  const form = await post('/form', long, { 'accept-language': 'es-AR' });
  expect([form.status, form.body]).toEqual([
    413,
    expect.stringContaining('demasiado para enviarlo de una vez'),
  ]);
  const call = await post('/api/trpc/requests.get', long);
  expect([call.status, JSON.parse(call.body)]).toEqual([
    413,
    {
      error: expect.objectContaining({
        data: expect.objectContaining({ hub: expect.objectContaining({ code: 'body_too_large' }) }),
      }),
    },
  ]);
  const stream = new Blob([long]).stream();
  expect((await post('/form', stream)).status).toBe(413);
  expect(asked).toEqual([]);
});

test('accepts a long body only from signed-in people', async () => {
  await serve();
  const long = 'x'.repeat(200_000);
  const path = '/api/trpc/requests.preFlight?batch=1';
  expect((await post(path, long)).status).toBe(413);
  expect((await post(path, new Blob([long]).stream())).status).toBe(413);
  expect((await post(path, long, { authorization: 'ana' })).body).toBe('POST 200000');
  expect((await post(path, new Blob([long]).stream(), { authorization: 'ana' })).body).toBe('POST 200000');
  expect((await post(path, 'x'.repeat(2 ** 21 + 1), { authorization: 'ana' })).status).toBe(413);
});

test('limits one person’s long bodies without limiting others', async () => {
  await serve({ longPersonBytes: 300_000, longTotalBytes: 600_000, silenceMs: 1500 });
  const path = '/api/trpc/requests.preFlight';
  const held = drip([head(path, 250_000, 'Authorization: ana\r\n')], 200);
  await expect.poll(() => identified).toBe(1);
  const second = await post(path, 'x'.repeat(100_000), { authorization: 'ana' });
  expect([second.status, second.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await post(path, 'x'.repeat(100_000), { authorization: 'ben' })).status).toBe(200);
  expect(await held).toContain('408');
  expect((await post(path, 'x'.repeat(100_000), { authorization: 'ana' })).status).toBe(200);
});

test('when all space for long bodies is taken, a person without one may still send one, up to a limit', async () => {
  await serve({
    longPersonBytes: 300_000,
    longTotalBytes: 600_000,
    maxLongBytes: 1_000_000,
    silenceMs: 1500,
  });
  const path = '/api/trpc/requests.preFlight';
  const hold = (who: string) => drip([head(path, 300_000, `Authorization: ${who}\r\n`)], 300);
  const held = ['ana', 'ben', 'cleo'].map(hold);
  await expect.poll(() => identified).toBe(held.length);
  expect((await post(path, 'x'.repeat(100_000), { authorization: 'dan' })).status).toBe(200);
  expect((await post(path, 'x'.repeat(100_001), { authorization: 'eve' })).status).toBe(503);
  for (const answer of await Promise.all(held)) expect(answer).toContain('408');
  expect((await post(path, 'x'.repeat(100_001), { authorization: 'eve' })).status).toBe(200);
});

test.each([
  ['is silent', 40, [head('/form', 40), 'abc']],
  ['is silent in a chunk', 40, [head('/form', 'chunked'), '5\r\nab']],
  ['never begins its body', 40, [head('/api/trpc/requests.get', 9)]],
  ['drips', 20, [head('/form', 4000), ...Array<string>(40).fill('x')]],
  ['drips in chunks', 20, [head('/form', 'chunked'), ...Array<string>(40).fill('1\r\nx\r\n')]],
])(
  'a sender that %s gets a 408 and is disconnected, and no page is called',
  async (_how, pauseMs, pieces) => {
    await serve(quick);
    expect(await drip(pieces, pauseMs)).toContain('408');
    expect(asked).toEqual([]);
  },
);

test('releases everything when a sender disconnects', async () => {
  await serve();
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`${head('/form', 40)}abc`);
  const connections = () =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections).toBe(1);
  socket.destroy();
  await expect.poll(connections).toBe(0);
  expect(asked).toEqual([]);
});
