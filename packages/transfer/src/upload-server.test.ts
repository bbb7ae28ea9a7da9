// Guarantees beyond the protocol: one writer, one finish, offsets that never go back, and refusals that clients recover from.
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Upload } from '@turnover/core/access';
import { loadUpload } from '@turnover/core/uploads/access';
import type { Person } from '@turnover/core/context';
import { recordDurableOffset } from '@turnover/core/uploads/completion';
import { beginUpload, discardUpload } from '@turnover/core/uploads/uploads';
import { requestAssignees, requests } from '@turnover/db/schema/requests';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import type { UploadHandlerOptions } from './upload-server.ts';
import { metadata, startTransfers, tus, type Answer, type Ask, type Transfers } from './testing/transfers.ts';

const MiB = 1024 * 1024;
const bodyType = 'application/offset+octet-stream';

let transfers: Transfers;
let sender: Person;
let projectId: string;

beforeEach(() => start());

afterEach(() => transfers.close());

async function start(options: UploadHandlerOptions = {}): Promise<void> {
  transfers = await startTransfers(options);
  const project = transfers.hub.createProject();
  projectId = project.id;
  sender = transfers.hub.createPerson({ project });
  transfers.signedIn.set('sender', sender);
}

function ask(method: string, path: string, { headers, body }: Ask = {}): Promise<Answer> {
  return transfers.ask(method, path, {
    headers: { ...tus, Authorization: 'Bearer sender', ...headers },
    body,
  });
}

async function begin(sizeBytes: number, filename = 'reel 1.mov', checksum?: string): Promise<string> {
  const input = { projectId, filename, sizeBytes, checksum, replace: false };
  return (await beginUpload(transfers.hub.as(sender), input)).uploadUrl;
}

function patch(path: string, offset: number, body: Buffer, headers: Ask['headers'] = {}): Promise<Answer> {
  return ask('PATCH', path, {
    headers: { ...patchHeaders(offset), 'Content-Length': body.length, ...headers },
    body,
  });
}

function patchHeaders(offset: number) {
  return { 'Content-Type': bodyType, 'Upload-Offset': offset };
}

/** A PATCH whose body the test sends. */
function openPatch(
  path: string,
  offset: number,
  length: number,
): { request: ClientRequest; answer: Promise<number> } {
  const request = httpRequest({
    port: transfers.port,
    host: '127.0.0.1',
    method: 'PATCH',
    path,
    agent: false,
    headers: { ...tus, Authorization: 'Bearer sender', ...patchHeaders(offset), 'Content-Length': length },
  });
  const answer = new Promise<number>((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', () => resolve(0));
  });
  request.flushHeaders();
  return { request, answer };
}

function rowOf(path: string): Upload {
  return loadUpload(transfers.hub.ctx.db, transfers.hub.as(sender), path.slice('/uploads/'.length));
}

function partOf(path: string): string {
  return transfers.hub.storage.incomingPath(path.slice('/uploads/'.length));
}

function run(sql: string, ...values: string[]): void {
  transfers.hub.db.$client.prepare(sql).run(...values);
}

function countOf(table: 'assets' | 'entries'): unknown {
  return transfers.hub.db.$client.prepare(`select count(*) from ${table}`).pluck().get();
}

const offsetOf = async (path: string) => Number((await ask('HEAD', path)).headers['upload-offset']);

describe('one upload', () => {
  test('has exactly one writer when twenty want the same offset', async () => {
    const path = await begin(20 * MiB);
    const bodies = Array.from({ length: 20 }, (_, index) => Buffer.alloc(MiB, index + 1));
    const answers = await Promise.all(bodies.map((body) => patch(path, 0, body)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409 || status === 423)).toHaveLength(19);
    const bytes = await readFile(partOf(path));
    expect(bytes.equals(bodies[statuses.indexOf(204)]!)).toBe(true);
    expect(await offsetOf(path)).toBe(MiB);
  });

  test('finishes once, however often a client asks afterwards', async () => {
    const path = await begin(5);
    await patch(path, 0, Buffer.from('hello'));
    const answers = await Promise.all(Array.from({ length: 30 }, () => patch(path, 5, Buffer.alloc(0))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect(rowOf(path).status).toBe('verifying');
    expect(countOf('assets')).toBe(1);
    expect(countOf('entries')).toBe(1);
  });

  test('keeps the bytes of a right checksum although its request takes no files now, and ends later', async () => {
    const { hub } = transfers;
    const requestId = hub.ctx.newId('request');
    const at = { createdAt: 1, updatedAt: 1 };
    const request = {
      id: requestId,
      projectId,
      name: 'Mix',
      status: 'open',
      createdBy: sender.id,
      ...at,
    } as const;
    hub.db.insert(requests).values(request).run();
    hub.db
      .insert(requestAssignees)
      .values({ id: hub.ctx.newId('assignee'), requestId, userId: sender.id })
      .run();
    const input = { projectId, requestId, filename: 'mix.wav', sizeBytes: 5, replace: false };
    const path = (await beginUpload(hub.as(sender), input)).uploadUrl;
    run("update requests set status = 'accepted' where id = ?", requestId);
    const digest = createHash('sha256').update('hello').digest('base64');
    const headers = { 'Upload-Checksum': `sha256 ${digest}` };
    expect(await patch(path, 0, Buffer.from('hello'), headers)).toMatchObject({ status: 422 });
    expect(rowOf(path)).toMatchObject({ status: 'uploading', durableOffset: 5 });
    expect(await readFile(partOf(path), 'utf8')).toBe('hello');
    run("update requests set status = 'open' where id = ?", requestId);
    expect(await patch(path, 5, Buffer.alloc(0))).toMatchObject({ status: 204 });
    expect(rowOf(path).status).toBe('verifying');
  });

  test('is complete at once when it is empty', async () => {
    const headers = { 'Upload-Length': 0, 'Upload-Metadata': metadata({ filename: 'empty.txt', projectId }) };
    const { status, headers: answered } = await ask('POST', '/uploads', { headers });
    expect(status).toBe(201);
    expect(rowOf(answered.location!).status).toBe('verifying');
  });

  test.each([
    { takesSockets: true, connection: 'close' },
    { takesSockets: false, connection: 'keep-alive' },
  ])('arrives in large bodies, %o', async ({ takesSockets, connection }) => {
    await transfers.close();
    await start({ takesSockets });
    const bytes = randomBytes(9 * MiB);
    const create = {
      'Upload-Length': bytes.length,
      'Upload-Metadata': metadata({ filename: 'a', projectId }),
    };
    const created = await ask('POST', '/uploads', {
      headers: { ...create, 'Content-Type': bodyType, Connection: 'keep-alive' },
      body: bytes.subarray(0, 4 * MiB),
    });
    expect([created.status, created.headers['upload-offset']]).toEqual([201, String(4 * MiB)]);
    const path = created.headers.location!;
    const headers = { ...patchHeaders(4 * MiB), Connection: 'keep-alive' };
    const patched = await ask('PATCH', path, { headers, body: bytes.subarray(4 * MiB) });
    expect([patched.status, patched.headers['upload-offset']]).toEqual([204, String(bytes.length)]);
    // The connection that is taken from the parser closes afterwards; this is how the fast way shows.
    expect([created, patched].map((answer) => answer.headers.connection)).toEqual([connection, connection]);
    expect((await readFile(partOf(path))).equals(bytes)).toBe(true);
    expect(rowOf(path).status).toBe('verifying');
    await expect.poll(() => transfers.connections()).toBe(0);
  });

  test('keeps the bytes that arrived before the connection broke', async () => {
    const path = await begin(10 * MiB);
    const { request, answer } = openPatch(path, 0, 10 * MiB);
    request.write(Buffer.alloc(3 * MiB, 'a'));
    await expect.poll(() => rowOf(path).durableOffset).toBe(3 * MiB);
    request.destroy();
    await answer;
    expect(await offsetOf(path)).toBe(3 * MiB);
    expect((await patch(path, 3 * MiB, Buffer.alloc(7 * MiB, 'b'))).status).toBe(204);
    expect(rowOf(path).status).toBe('verifying');
  });

  test('hands over at once to a client that asks for the offset', async () => {
    const path = await begin(10 * MiB);
    const stalled = openPatch(path, 0, 10 * MiB);
    stalled.request.write(Buffer.alloc(2 * MiB, 'a'));
    await expect.poll(() => rowOf(path).durableOffset).toBe(2 * MiB);
    expect(await offsetOf(path)).toBe(2 * MiB);
    expect(await stalled.answer).toBe(423);
  });

  test('continues after a new sign-in without losing a byte to the refusal in between', async () => {
    const path = await begin(10);
    await patch(path, 0, Buffer.from('hello'));
    transfers.signedIn.delete('sender');
    const refused = await patch(path, 5, Buffer.from('world'));
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.body).message).toBe('Sign in and continue.');
    transfers.signedIn.set('sender', sender);
    expect(await offsetOf(path)).toBe(5);
    expect((await patch(path, 5, Buffer.from('world'))).status).toBe(204);
  });

  test('is not finished for a person who lost the project meanwhile', async () => {
    const path = await begin(10);
    const running = openPatch(path, 0, 10);
    running.request.write('hello');
    await expect.poll(() => rowOf(path).durableOffset).toBe(5);
    run('delete from memberships where user_id = ?', sender.id);
    running.request.end('world');
    expect(await running.answer).toBe(404);
    expect(countOf('entries')).toBe(0);
  });

  test('accepts no more bytes after it was discarded', async () => {
    const path = await begin(10);
    const running = openPatch(path, 0, 10);
    running.request.write('hello');
    await expect.poll(() => rowOf(path).durableOffset).toBe(5);
    await discardUpload(transfers.hub.as(sender), rowOf(path));
    running.request.end('world');
    expect(await running.answer).toBe(410);
    expect(rowOf(path).durableOffset).toBe(5);
  });

  test('reports a checksum mismatch and accepts no more bytes', async () => {
    const path = await begin(5, 'reel.mov', `md5:${'0'.repeat(32)}`);
    run("update uploads set status = 'mismatch', computed_value = ?", 'f'.repeat(32));
    expect((await ask('HEAD', path)).status).toBe(460);
    const answer = await patch(path, 0, Buffer.from('hello'));
    expect(answer.status).toBe(460);
    expect(JSON.parse(answer.body).details).toMatchObject({
      declared: '0'.repeat(32),
      computed: 'f'.repeat(32),
    });
  });

  test('answers 410 when its file is missing, without revealing paths', async () => {
    const path = await begin(5);
    await rm(partOf(path));
    const answer = await patch(path, 0, Buffer.from('hello'));
    expect(answer.status).toBe(410);
    expect(answer.body).not.toMatch(/ENOENT|\/incoming|\.part/);
  });
});

describe('the hub', () => {
  test('refuses an upload that does not fit on the disk before its first byte', async () => {
    transfers.hub.ctx.limits.spaceReserveBytes = Number.MAX_SAFE_INTEGER;
    const headers = { 'Upload-Length': 5, 'Upload-Metadata': metadata({ filename: 'big.mov', projectId }) };
    const answer = await ask('POST', '/uploads', { headers });
    expect(answer.status).toBe(507);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(answer.body).code).toBe('no_space');
  });

  test('does not let one person take all places', async () => {
    await transfers.close();
    await start({ atOnce: { perUser: 1, total: 2 } });
    const running = openPatch(await begin(10), 0, 10);
    running.request.write('hello');
    const other = await begin(10, 'reel 2.mov');
    const refused = async () => (await patch(other, 0, Buffer.from('hello'))).status;
    await expect.poll(refused).toBe(503);
    running.request.end('world');
    expect(await running.answer).toBe(204);
    expect(await refused()).toBe(204);
  });

  test('ends the slowest upload of the person with the most for a newcomer, with every byte safe', async () => {
    await transfers.close();
    await start({ atOnce: { perUser: 3, total: 3, kept: 0 } });
    const running = [];
    for (const name of ['1.mov', '2.mov', '3.mov']) {
      const path = await begin(10, name);
      const sending = openPatch(path, 0, 10);
      sending.request.write('hello');
      await expect.poll(() => rowOf(path).durableOffset).toBe(5);
      running.push({ path, ...sending });
    }
    transfers.signedIn.set('newcomer', transfers.hub.createPerson({ project: { id: projectId } }));
    const headers = { ...tus, Authorization: 'Bearer newcomer' };
    const metadataOf = {
      'Upload-Length': 5,
      'Upload-Metadata': metadata({ filename: 'mine.mov', projectId }),
    };
    const created = await transfers.ask('POST', '/uploads', {
      headers: { ...headers, ...metadataOf, 'Content-Type': bodyType, 'Content-Length': 5 },
      body: Buffer.from('bytes'),
    });
    expect(created.status).toBe(201);
    const first = await Promise.race(running.map(async (each) => ({ ...each, status: await each.answer })));
    expect(first.status).toBe(503);
    expect(rowOf(first.path).durableOffset).toBe(5);
    expect((await patch(first.path, 5, Buffer.from('world'))).status).toBe(204);
    for (const { path, request } of running) if (path !== first.path) request.end('world');
  });

  test('reserves space again for an upload that continues after a silent day, or refuses it', async () => {
    const path = await begin(10);
    await patch(path, 0, Buffer.from('hello'));
    transfers.hub.clock.advance(reservedForMs);
    transfers.hub.ctx.limits.spaceReserveBytes = Number.MAX_SAFE_INTEGER;
    const refused = await patch(path, 5, Buffer.from('world'));
    expect(refused).toMatchObject({ status: 507, headers: { 'retry-after': '5' } });
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'no_space', details: { limitedBy: 'disk' } });
    expect(await offsetOf(path)).toBe(5);
    transfers.hub.ctx.limits.spaceReserveBytes = 0;
    expect((await patch(path, 5, Buffer.from('world'))).status).toBe(204);
    expect(rowOf(path).status).toBe('verifying');
  });

  test('ends running uploads at shutdown, with every byte safe', async () => {
    const path = await begin(10 * MiB);
    const running = openPatch(path, 0, 10 * MiB);
    running.request.write(Buffer.alloc(2 * MiB + 7, 'a'));
    await expect.poll(async () => (await stat(partOf(path))).size).toBeGreaterThan(0);
    await transfers.uploads.shutdown();
    expect(await running.answer).toBe(503);
    expect(rowOf(path).durableOffset).toBe(2 * MiB + 7);
    const late = await patch(path, 2 * MiB + 7, Buffer.from('x'));
    expect(late).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  test('truncates files to the acknowledged offset and finishes complete uploads at start', async () => {
    const [half, whole] = [await begin(10), await begin(5, 'reel 2.mov')];
    await patch(half, 0, Buffer.from('hello wo'));
    run('update uploads set durable_offset = 5 where size_bytes = 10');
    await writeFile(partOf(whole), 'whole');
    recordDurableOffset(transfers.hub.ctx, whole.slice('/uploads/'.length), 5);
    await transfers.uploads.boot();
    expect((await stat(partOf(half))).size).toBe(5);
    expect(rowOf(whole).status).toBe('verifying');
  });

  test('finishes a complete but unfinished upload when a client asks for it', async () => {
    const path = await begin(5);
    recordDurableOffset(transfers.hub.ctx, path.slice('/uploads/'.length), 5);
    expect(rowOf(path).status).toBe('uploading');
    expect(await offsetOf(path)).toBe(5);
    expect(rowOf(path).status).toBe('verifying');
  });
});
