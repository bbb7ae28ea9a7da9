// Downloads return the uploaded bytes, only to people with access, and only while they have it.
import { randomFillSync } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allEntries } from '@turnover/core/audit/verify';
import { createShares } from '@turnover/core/shares/create';
import { revokeShare } from '@turnover/core/shares/revoke';
import { verifyUpload } from '@turnover/core/uploads/verification';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { removeEntry } from '@turnover/core/workspace/trash';
import type { Person } from '@turnover/core/context';
import { createShareInput } from '@turnover/domain/workspace/shares';
import { startTransfers, tus, type Transfers } from './testing/transfers.ts';

const bytes = randomFillSync(Buffer.allocUnsafe(32_000_001));

let transfers: Transfers;
let person: Person;
let path: string;
let projectId: string;

beforeEach(async () => {
  const limits = { authorizeEveryMs: 20, inactivityMs: 60_000 };
  transfers = await startTransfers({ downloads: { limits } });
  const project = transfers.hub.createProject();
  projectId = project.id;
  person = transfers.hub.createPerson({ project });
  transfers.signedIn.set('owner', person);
  transfers.signedIn.set('neighbour', transfers.hub.createPerson({ project, role: 'coordinator' }));
  path = `/files/${await store(project.id, 'reel 東京.mov')}`;
});

afterEach(() => transfers.close());

/** Uploads the bytes, verifies them and returns the entry's id. */
async function store(projectId: string, filename: string): Promise<string> {
  const { hub } = transfers;
  const input = { projectId, filename, sizeBytes: bytes.length, replace: false };
  const { uploadId, uploadUrl } = await beginUpload(hub.as(person), input);
  const headers = {
    ...tus,
    Authorization: 'Bearer owner',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': 0,
    'Content-Length': bytes.length,
  };
  expect((await transfers.ask('PATCH', uploadUrl, { headers, body: bytes })).status).toBe(204);
  const entryId = hub.db.$client.prepare('select id from entries').pluck().get() as string;
  expect(await statusOf(`/files/${entryId}`)).toBe(422);
  await verifyUpload(hub.ctx, uploadId, { xxh128: '0'.repeat(32) });
  return entryId;
}

/** Sends the path exactly as written. */
async function statusOf(path: string): Promise<number> {
  return (await transfers.ask('GET', path, { headers: { Authorization: 'Bearer owner' } })).status;
}

function get(path: string, { method = 'GET', token = 'owner', headers = {} } = {}) {
  const url = `http://127.0.0.1:${transfers.port}${path}`;
  return fetch(url, { method, headers: { Authorization: `Bearer ${token}`, ...headers } });
}

async function bodyOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer());
}

describe('a download', () => {
  test('sends the bytes under their name, marked as not executable', async () => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect((await bodyOf(answer)).equals(bytes)).toBe(true);
    expect(answer.headers.get('content-disposition')).toContain(
      "filename*=UTF-8''reel%20%E6%9D%B1%E4%BA%AC.mov",
    );
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  });

  test('sends a part of the bytes', async () => {
    const answer = await get(path, { headers: { Range: 'bytes=1000000-1000004' } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes 1000000-1000004/${bytes.length}`);
    expect((await bodyOf(answer)).equals(bytes.subarray(1_000_000, 1_000_005))).toBe(true);
  });

  test('answers HEAD without the bytes', async () => {
    const answer = await get(path, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
  });

  test('requires a sign-in', async () => {
    expect((await get(path, { token: 'nobody' })).status).toBe(401);
  });

  test('is not found by other people or under other ids', async () => {
    expect((await get(path, { token: 'neighbour' })).status).toBe(404);
    const assetId = transfers.hub.db.$client.prepare('select id from assets').pluck().get() as string;
    for (const wrong of [assetId, 'x', '../turnover.db', '%2e%2e%2fturnover.db', '']) {
      expect(await statusOf(`/files/${wrong}`)).toBe(404);
    }
    expect((await get(`${path}?preview`)).status).toBe(404);
  });

  test.each(['POST', 'PUT', 'DELETE'])('rejects %s', async (method) => {
    expect((await get(path, { method })).status).toBe(405);
  });

  test('reveals nothing about the disk when reading fails', async () => {
    const assetId = transfers.hub.db.$client.prepare('select id from assets').pluck().get() as string;
    await rm(transfers.hub.storage.vaultPath(assetId));
    const answer = await get(path);
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toMatch(/ENOENT|vault/);
  });
});

describe('a running download', () => {
  test.each([
    ['the sign-in ends', () => transfers.signedIn.delete('owner')],
    [
      'the project is no longer theirs',
      () => transfers.hub.db.$client.prepare('delete from memberships').run(),
    ],
  ])('is cut when %s', async (_what, revoke) => {
    const response = await openDownload('owner');
    revoke();
    await expectCut(response);
  });

  test.each([
    ['the share is revoked', (shareId: string) => revokeShare(transfers.hub.as(person), shareId)],
    ['the share is over', () => transfers.hub.clock.advance(3 * 24 * 3600_000)],
    ['the entry is deleted', () => removeEntry(transfers.hub.as(person), { id: entryId(), projectId })],
  ])('by a recipient is cut when %s, and does not count as downloaded', async (_what, end) => {
    const shareId = await shareWithNeighbour();
    const response = await openDownload('neighbour');
    end(shareId);
    await expectCut(response);
    expect(await (await get(path, { token: 'neighbour' })).text()).toContain('not_found');
    expect(downloadsOf(shareId)).toBe(0);
  });

  test('by a recipient is counted once, when its last byte was sent', async () => {
    const shareId = await shareWithNeighbour();
    await bodyOf(await get(path, { token: 'neighbour', headers: { Range: 'bytes=0-99' } }));
    await bodyOf(await get(path, { token: 'neighbour', headers: { Range: 'bytes=-1' } }));
    expect(downloadsOf(shareId)).toBe(0);
    for (let time = 0; time < 2; time++) {
      const body = await bodyOf(await get(path, { token: 'neighbour' }));
      expect(body.equals(bytes)).toBe(true);
    }
    await expect.poll(() => downloadsOf(shareId)).toBe(1);
  });

  async function expectCut(response: IncomingMessage): Promise<void> {
    await expect.poll(() => transfers.connections()).toBe(0);
    const ended = new Promise<void>((resolve) => response.on('close', resolve));
    response.resume();
    await ended;
    expect(response.complete).toBe(false);
  }
});

async function shareWithNeighbour(): Promise<string> {
  const { hub } = transfers;
  const { email } = transfers.signedIn.get('neighbour')!;
  const input = { projectId, entryIds: [entryId()], people: [email], expiresOn: '2026-01-14' };
  await createShares(hub.as(person), createShareInput.parse(input));
  return hub.db.$client.prepare('select id from shares').pluck().get() as string;
}

function downloadsOf(shareId: string): unknown {
  const { $client } = transfers.hub.db;
  return $client.prepare('select downloaded_files from shares where id = ?').pluck().get(shareId);
}

const entryId = () => path.slice('/files/'.length);

/** Starts a download without reading any of it. The file is larger than the buffers in between. */
function openDownload(token: string): Promise<IncomingMessage> {
  const { port } = transfers;
  const headers = { Authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, agent: false, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      response.on('error', () => undefined);
      resolve(response);
    });
    request.end();
  });
}

describe('the audit log', () => {
  const entries = () =>
    [...allEntries(transfers.hub.db)].flatMap(({ action, actorId, subject, projectId }) =>
      action === 'uploads.finish' ? [] : [{ action, actorId, subject, projectId }],
    );

  test('has one entry for a file and person, however many ranges they read', async () => {
    for (let part = 0; part < 5; part++) {
      const headers = { Range: `bytes=${part}-${part + 9}`, Authorization: 'Bearer owner' };
      expect((await transfers.ask('GET', path, { headers })).status).toBe(206);
    }
    const subject = path.slice('/files/'.length);
    expect(entries()).toEqual([{ action: 'downloads.start', actorId: person.id, subject, projectId }]);
  });

  test('has none for a HEAD request, and none for somebody without access', async () => {
    for (const [method, token] of [
      ['HEAD', 'owner'],
      ['GET', 'neighbour'],
      ['GET', 'nobody'],
    ] as const) {
      await transfers.ask(method, path, { headers: { Authorization: `Bearer ${token}` } });
    }
    expect(entries()).toEqual([]);
  });
});
