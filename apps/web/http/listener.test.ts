import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import type { Hub } from '../src/lib/server/hub.ts';
import { createListener, pageHeaders, type ListenerOptions } from './listener.ts';
import { close, listen } from './serve.ts';
import { UntrustedProxies } from './untrusted-proxies.ts';

let server: Server | undefined;
let failures: unknown[] = [];

afterEach(async () => {
  if (server) await close(server, async () => {});
  server = undefined;
  failures = [];
});

async function serve(options: Partial<ListenerOptions>) {
  const listener = createListener({
    hub: {} as Hub,
    mounts: [],
    pages: (_request, response) => response.end('page'),
    origin: { publicUrl: undefined, trustedProxies: [] },
    reportFailure: (error) => failures.push(error),
    ...options,
  });
  server = await listen(listener, 0, '127.0.0.1');
}

async function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { port } = server!.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ port, path, headers, method }, resolve).on('error', reject).end();
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test('a mount handles its prefix, but no longer name that begins with it', async () => {
  await serve({ mounts: [{ prefix: '/files', handle: (_request, response) => void response.end('bytes') }] });
  const bodies = await Promise.all(['/files', '/files/a?b', '/filesystem', '/'].map((path) => get(path)));
  expect(bodies.map(({ body }) => body)).toEqual(['bytes', 'bytes', 'page', 'page']);
});

test('every answer carries the security headers', async () => {
  await serve({});
  const { headers } = await get('/');
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['strict-transport-security']).toBeUndefined();
});

test('the script of a web worker may compile WebAssembly, but load nothing', async () => {
  await serve({});
  const { headers } = await get('/_app/immutable/workers/hash-worker-x.js');
  expect(headers['content-security-policy']).toBe("default-src 'none'; script-src 'wasm-unsafe-eval'");
});

test('replaces headers that pages trust when a client sends them', async () => {
  const { PROTOCOL_HEADER, HOST_HEADER, ADDRESS_HEADER } = pageHeaders;
  await serve({
    pages: (request, response) =>
      response.end(
        [PROTOCOL_HEADER, HOST_HEADER, ADDRESS_HEADER].map((name) => request.headers[name]).join(),
      ),
  });
  const forged = { [PROTOCOL_HEADER]: 'https', [HOST_HEADER]: 'evil', [ADDRESS_HEADER]: '203.0.113.9' };
  expect((await get('/', { ...forged, host: 'nas:3000' })).body).toBe('http,nas:3000,127.0.0.1');
});

test('reports untrusted proxies once each in the log, and at most ten', async () => {
  const lines: unknown[] = [];
  const proxies = new UntrustedProxies((_level, event, facts) => lines.push([event, facts?.address]));
  await serve({ onUntrustedProxy: (address) => proxies.note(address) });
  await get('/');
  await get('/', { 'x-forwarded-for': '203.0.113.5' });
  await get('/', { 'x-forwarded-for': '203.0.113.6' });
  expect(lines).toEqual([['proxy.notTrusted', '127.0.0.1']]);
  for (let last = 1; last < 50; last++) proxies.note(`10.0.0.${last}`);
  expect(proxies.addresses.size).toBe(10);
  expect(lines).toHaveLength(10);
});

test('sends a form from a wrong address of the hub back to its page, which explains it', async () => {
  await serve({ origin: { publicUrl: 'https://hub.example', trustedProxies: [] } });
  const form = { 'content-type': 'application/x-www-form-urlencoded', host: '192.168.1.20:3000' };
  const wrong = await get('/sign-in?next=%2Fp', { ...form, origin: 'http://192.168.1.20:3000' }, 'POST');
  expect(wrong.status).toBe(303);
  expect(wrong.headers.location).toBe('/sign-in?opened=http%3A%2F%2F192.168.1.20%3A3000');
  for (const path of ['//evil.example', '/\\evil.example', 'http://evil.example']) {
    const doubled = await get(path, { ...form, origin: 'http://192.168.1.20:3000' }, 'POST');
    expect(doubled.headers.location, path).toMatch(/^\/evil\.example\?/);
  }
  // Other sites get no such answer, and the hub's own forms pass.
  expect((await get('/sign-in', { ...form, origin: 'https://evil.example' }, 'POST')).body).toBe('page');
  expect((await get('/sign-in', { ...form, origin: 'https://hub.example' }, 'POST')).body).toBe('page');
});

test('refuses a request without a usable host', async () => {
  await serve({});
  expect((await get('/', { host: 'nas/evil' })).status).toBe(400);
});

test('logs and answers the failure of a mount', async () => {
  const failure = new Error('broken');
  await serve({ mounts: [{ prefix: '/files', handle: () => Promise.reject(failure) }] });
  expect((await get('/files/a')).status).toBe(500);
  expect(failures).toEqual([failure]);
});

test('passes the hub on with the request', async () => {
  const hub = {} as Hub;
  let seen: unknown;
  await serve({
    hub,
    pages: (request, response) => {
      seen = (request as IncomingMessage & { turnover?: unknown }).turnover;
      response.end();
    },
  });
  await get('/');
  expect(seen).toBe(hub);
});

test('ends open streams on close', async () => {
  await serve({ pages: (_request, response) => response.write('data: 1\n\n') });
  const stream = get('/').then(
    () => 'ended',
    () => 'cut',
  );
  await expect
    .poll(() => new Promise((resolve) => server!.getConnections((_error, count) => resolve(count))))
    .toBe(1);
  await close(server!, async () => {});
  server = undefined;
  expect(['ended', 'cut']).toContain(await stream);
});
