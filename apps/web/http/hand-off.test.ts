/** Downloads that a real nginx sends, configured as in docs/self-hosting.md. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '@turnover/config/config';
import { insertFile } from '@turnover/core/entries/tree';
import { testHub } from '@turnover/core/testing/hub';
import { assets } from '@turnover/db/schema/assets';
import { inTransaction } from '@turnover/db/transaction';
import { startTransfers, type Transfers } from '@turnover/transfer/testing/transfers';
import { vaultFor } from './hand-off.ts';
import { securityHeaders } from './listener.ts';
import { documented, startProxy, type RunningProxy } from './testing-proxies.ts';

const location = '/turnover-vault/';
const nginx = process.env.TURNOVER_TEST_NGINX;
const name = '映像 “final” 100%.mp4';
const content = 'abcdefghij'.repeat(1000);

/** What the hub's listener sets for each answer that comes through https. */
const hubHeaders = { ...securityHeaders, 'strict-transport-security': 'max-age=31536000' };

let transfers: Transfers;
let proxy: RunningProxy | undefined;
let entryId: string;
let assetId: string;

beforeAll(async () => {
  const hub = await testHub();
  const vaultOf = vaultFor(location, { publicUrl: undefined, trustedProxies: [] });
  transfers = await startTransfers({ hub, downloads: { vaultOf }, headers: hubHeaders });
  const project = hub.createProject();
  const owner = hub.createPerson({ project });
  transfers.signedIn.set('owner', owner);
  transfers.signedIn.set('stranger', hub.createPerson());
  assetId = hub.ctx.newId('asset');
  // As a real upload, so that folders and file have their real modes.
  const uploadId = hub.ctx.newId('upload');
  await hub.storage.createIncoming(uploadId);
  await writeFile(hub.storage.incomingPath(uploadId), content);
  await hub.storage.publish(uploadId, assetId);
  entryId = inTransaction(hub.db, (tx) => {
    const sizeBytes = content.length;
    tx.insert(assets).values({ id: assetId, sizeBytes, state: 'stored', createdAt: 1 }).run();
    const place = { projectId: project.id, ownerId: owner.id, folderId: null };
    return insertFile(tx, hub.ctx, place, { name, assetId, sizeBytes, state: 'stored' }, { by: owner.id });
  });
  if (nginx)
    proxy = await startProxy(nginx, 'nginx', await block(hub.folder), `http://127.0.0.1:${transfers.port}`);
}, 60_000);
afterAll(async () => {
  await proxy?.close();
  await transfers.close();
});

/** The guide's two locations, with this data folder. */
async function block(folder: string): Promise<string> {
  const guide = await readFile(new URL('../../../docs/self-hosting.md', import.meta.url), 'utf8');
  const [, internal = ''] = /```nginx-vault\n([^]*?)```/.exec(guide) ?? [];
  const [, line = ''] = /`(proxy_set_header X-Turnover-Vault [^`]*)`/.exec(guide) ?? [];
  const outer = (await documented('nginx')).replace('proxy_http_version', `${line}\nproxy_http_version`);
  return outer + internal.replace('/srv/turnover/data', folder);
}

const ask = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${proxy!.address}/files/${entryId}`, {
    method,
    headers: { authorization: 'Bearer owner', ...headers },
  });

describe.skipIf(!nginx)('nginx sends', () => {
  test('the bytes under their name, with the headers of the hub and without a path', async () => {
    const answer = await ask();
    expect(await answer.text()).toBe(content);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(content.length),
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
      'accept-ranges': 'bytes',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': securityHeaders['permissions-policy'],
      'strict-transport-security': 'max-age=31536000',
    });
    expect(headers['content-disposition']).toContain(`filename*=UTF-8''${encodeURIComponent('映像')}`);
    expect(JSON.stringify(headers)).not.toMatch(/vault|accel/i);
  });

  test('the part that is asked for, if the file is still the same', async () => {
    const { etag } = Object.fromEntries((await ask({}, 'HEAD')).headers);
    const part = await ask({ range: 'bytes=5-9', 'if-range': etag! });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      'bytes 5-9/10000',
      'fghij',
    ]);
    const changed = await ask({ range: 'bytes=5-9', 'if-range': '"other"' });
    expect([changed.status, (await changed.text()).length]).toEqual([200, content.length]);
    expect((await ask({ range: 'bytes=20000-' })).status).toBe(416);
    const several = await ask({ range: 'bytes=0-1,5-6' });
    expect([several.status, (await several.text()).length]).toEqual([200, content.length]);
    expect((await ask({ 'if-none-match': etag! })).status).toBe(304);
  });

  test('nothing to somebody without access, and nothing by the location itself', async () => {
    expect((await ask({ authorization: 'Bearer stranger' })).status).toBe(404);
    expect((await ask({ authorization: '' })).status).toBe(401);
    const direct = await fetch(`${proxy!.address}${location}${assetId.slice(-2)}/${assetId}`);
    expect([direct.status, await direct.text()]).not.toContain(content);
    expect(direct.status).toBe(404);
  });

  test('nothing in place of the hub where a client sends the header itself', async () => {
    const answer = await ask({ 'x-turnover-vault': '/elsewhere/' });
    expect(await answer.text()).toBe(content);
  });
});

test('the hub itself sends what does not come through nginx, and names no path', async () => {
  const headers = { Authorization: 'Bearer owner' };
  for (const more of [{}, { 'X-Turnover-Vault': '/other/' }]) {
    const answer = await transfers.ask('GET', `/files/${entryId}`, { headers: { ...headers, ...more } });
    expect(answer.body).toBe(content);
    expect(answer.headers['x-accel-redirect']).toBeUndefined();
  }
});

test('the hub itself sends what a page shows, even the original', async () => {
  const headers = { Authorization: 'Bearer owner', 'X-Turnover-Vault': location };
  const download = await transfers.ask('GET', `/files/${entryId}`, { headers });
  expect(download.headers['x-accel-redirect']).toContain(assetId);
  const shown = await transfers.ask('GET', `/files/${entryId}?preview=original`, { headers });
  expect(shown.body).toBe(content);
  expect(shown.headers['x-accel-redirect']).toBeUndefined();
});

test('only the user of the hub can read the vault, as the guide says', async () => {
  const path = transfers.hub.storage.vaultPath(assetId);
  const modes = [path, dirname(path), dirname(dirname(path))].map(
    async (each) => (await stat(each)).mode & 0o777,
  );
  expect(await Promise.all(modes)).toEqual([0o600, 0o700, 0o700]);
});

test('only a proxy is believed', () => {
  const request = (remoteAddress: string) =>
    ({ headers: { 'x-turnover-vault': location }, socket: { remoteAddress } }) as never;
  const vaultOf = vaultFor(location, { publicUrl: undefined, trustedProxies: [] });
  expect(vaultOf(request('127.0.0.1'))).toBe(location);
  expect(vaultOf(request('203.0.113.9'))).toBeNull();
  expect(vaultFor(undefined, { publicUrl: undefined, trustedProxies: [] })(request('127.0.0.1'))).toBeNull();
});

test.each(['turnover-vault', '/', '/vault', 'http://x/', '/files/', '/../', '/a b/', '//', '/$host/'])(
  'the setting %j names no internal location, and is refused',
  (value) => {
    expect(() => loadConfig({ TURNOVER_NGINX_VAULT: value })).toThrow(/such as \/turnover-vault\//);
  },
);
