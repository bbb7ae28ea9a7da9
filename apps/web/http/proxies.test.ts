/** Runs the built hub behind a real nginx and a real Caddy, configured as in the guide and with their defaults. */
import { randomBytes } from 'node:crypto';
import { createToken } from '@turnover/core/people/tokens';
import { metadata } from '@turnover/transfer/testing/transfers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '@turnover/core/testing/free-port';
import { Pieces } from '../src/lib/features/uploads/pieces.ts';
import { Transmission } from '../src/lib/features/uploads/transmission.ts';
import { defaults, documented, startProxy, type ProxyName, type RunningProxy } from './testing-proxies.ts';
import { startHub, type RunningHub } from './testing.ts';

const MIB = 1024 * 1024;
const tus = { 'tus-resumable': '1.0.0' };

const setups: { name: ProxyName; as: 'the guide' | 'defaults'; takesLarge: boolean }[] = [
  { name: 'nginx', as: 'the guide', takesLarge: true },
  { name: 'nginx', as: 'defaults', takesLarge: false },
  { name: 'caddy', as: 'the guide', takesLarge: true },
];

/** When a proxy is missing and cannot be installed, its tests are reported as skipped. */
const isMissing = setups.every(({ name }) => !proxyFile(name));

/** `npm test` locates the proxies and installs them if it may. */
function proxyFile(name: ProxyName): string | undefined {
  return process.env[`TURNOVER_TEST_${name.toUpperCase()}`];
}

let hub: RunningHub;
let ownerToken: string;
/** The port in TURNOVER_URL. */
let publicPort: number;

beforeAll(async () => {
  if (isMissing) return;
  publicPort = await freePort();
  const TURNOVER_URL = `http://127.0.0.1:${publicPort}`;
  hub = await startHub({ env: { TURNOVER_LOG: 'silent', TURNOVER_URL } });
  ownerToken = createToken(hub.hub.as(hub.hub.createPerson({ isOwner: true })), { name: 'Owner' }).token;
}, 60_000);

afterAll(async () => hub?.close());

describe.each(setups)('behind $name with $as', ({ name, as, takesLarge }) => {
  const file = proxyFile(name);
  let proxy: RunningProxy;
  const authorization = () => ({ authorization: `Bearer ${hub.token}` });
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(proxy.address + path, {
      redirect: 'manual',
      ...init,
      headers: { ...authorization(), ...(init.headers as Record<string, string>) },
    });

  beforeAll(async () => {
    if (!file) return;
    const block = as === 'the guide' ? await documented(name) : defaults[name];
    proxy = await startProxy(file, name, block, hub.address);
  }, 30_000);
  afterAll(() => proxy?.close());

  async function begin(bytes: Buffer): Promise<string> {
    const { status, headers } = await ask('/uploads', {
      method: 'POST',
      headers: {
        ...tus,
        'upload-length': String(bytes.length),
        'upload-metadata': metadata({
          filename: `${name} ${as} ${bytes.length}.mov`,
          projectId: hub.projectId,
        }),
      },
    });
    expect(status).toBe(201);
    return headers.get('location')!;
  }

  /** Uploads bytes in pieces, as the pages do. */
  function send(path: string, bytes: Buffer, pieces: Pieces): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      let smaller: number | undefined;
      const events = {
        onprogress: () => {},
        onstall: () => {},
        onsent: () => resolve(smaller),
        onfail: (report: unknown) => reject(new Error(JSON.stringify(report))),
        onsmaller: (pieceBytes: number) => (smaller = pieceBytes),
      };
      const upload = new Transmission(bytes as never, proxy.address + path, events, {
        pieces,
        headers: authorization(),
      });
      upload.start();
    });
  }

  test.skipIf(!file)('serves pages', async () => {
    const answer = await ask('/sign-in', { headers: { authorization: '' } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('name="password"');
  });

  test.skipIf(!file)('delivers live updates at once', async () => {
    const stop = new AbortController();
    const input = encodeURIComponent(JSON.stringify({ projectId: hub.projectId }));
    const stream = await ask(`/api/trpc/live.stream?input=${input}`, {
      headers: { accept: 'text/event-stream' },
      signal: stop.signal,
    });
    let heard = '';
    const reading = (async () => {
      for await (const text of stream.body!.pipeThrough(new TextDecoderStream())) heard += text;
    })().catch(() => {});
    await expect.poll(() => heard, { timeout: 3_000 }).toContain('event: connected');
    await ask('/api/trpc/workspace.createFolder', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ projectId: hub.projectId, name: `${name} ${as}` }),
    });
    await expect.poll(() => heard, { timeout: 3_000 }).toContain('"type":"event"');
    stop.abort();
    await reading;
  });

  test.skipIf(!file)(
    'uploads 50 MB and downloads them completely and in part',
    { timeout: 60_000 },
    async () => {
      const bytes = randomBytes(50_000_000);
      const path = await begin(bytes);
      const pieces = new Pieces(null);
      const smaller = await send(path, bytes, pieces);
      expect(smaller).toBe(takesLarge ? undefined : MIB);
      expect(pieces.bytes).toBe(takesLarge ? 64 * MIB : MIB);

      const id = entryOf(path);
      // Waits until the worker has hashed the file.
      await expect.poll(async () => (await ask(`/files/${id}`, { method: 'HEAD' })).status).toBe(200);
      const whole = await ask(`/files/${id}`);
      // nginx removes this header.
      if (name === 'caddy') expect(whole.headers.get('x-accel-buffering')).toBe('no');
      expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
      const part = await ask(`/files/${id}`, { headers: { range: 'bytes=1000000-1999999' } });
      expect(part.status).toBe(206);
      expect(part.headers.get('content-range')).toBe('bytes 1000000-1999999/50000000');
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1_000_000, 2_000_000))).toBe(true);
    },
  );

  test.skipIf(!file || takesLarge)('the proxy’s 413 answer differs from the hub’s', async () => {
    const path = await begin(Buffer.alloc(2 * MIB));
    const patch = { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
    const refused = await ask(path, { method: 'PATCH', headers: patch, body: Buffer.alloc(2 * MIB) });
    expect(refused.status).toBe(413);
    expect(refused.headers.get('tus-resumable')).toBeNull();
    expect(refused.headers.get('content-type')).not.toContain('json');
    const own = await ask(path, { method: 'PATCH', headers: { ...patch, 'upload-offset': '9' }, body: 'x' });
    expect([own.status, own.headers.get('tus-resumable')]).toEqual([409, '1.0.0']);
  });
});

/** Returns the id of the entry that the upload became. */
function entryOf(path: string): string {
  const uploadId = path.slice(path.lastIndexOf('/') + 1);
  const query = `select e.id from entries e join uploads u on u.asset_id = e.asset_id where u.id = ?`;
  return (hub.hub.db.$client.prepare(query).get(uploadId) as { id: string }).id;
}

describe('addresses', () => {
  const caddy = proxyFile('caddy');
  const nginx = proxyFile('nginx');
  let proxy: RunningProxy | undefined;
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  test.skipIf(!caddy)('shows owners an untrusted proxy', async () => {
    proxy = await startProxy(caddy!, 'caddy', defaults.caddy, hub.address);
    await fetch(`${proxy.address}/sign-in`);
    const answer = await fetch(`${hub.address}/api/trpc/server.get`, {
      headers: { authorization: `Bearer ${ownerToken}` },
    });
    const { result } = (await answer.json()) as { result: { data: { untrustedProxies: string[] } } };
    expect(result.data.untrustedProxies).toEqual(['127.0.0.1']);
  });

  test.skipIf(!nginx)('people can sign in through an unconfigured nginx at TURNOVER_URL', async () => {
    proxy = await startProxy(nginx!, 'nginx', defaults.nginx, hub.address, publicPort);
    const answer = await signIn(proxy.address);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(answer.headers.get('set-cookie')).toMatch(/^turnover=/);
  });

  test.skipIf(!nginx)(
    'a sign-in at another address leads to a page that names the right address',
    async () => {
      proxy = await startProxy(nginx!, 'nginx', defaults.nginx, hub.address);
      const answer = await signIn(proxy.address);
      expect(answer.status).toBe(303);
      const location = answer.headers.get('location')!;
      expect(location).toBe(`/sign-in?${new URLSearchParams({ opened: proxy.address })}`);
      const page = await (await fetch(proxy.address + location)).text();
      expect(page).toContain(`href="http://127.0.0.1:${publicPort}/sign-in"`);
      expect(page).not.toContain('name="password"');
    },
  );

  function signIn(address: string): Promise<Response> {
    return fetch(`${address}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: address, 'sec-fetch-site': 'same-origin', accept: 'text/html' },
      body: new URLSearchParams({ email: 'owner@example.test', password: 'a long enough secret' }),
    });
  }
});
