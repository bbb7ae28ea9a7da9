// Creations that carry a whole small file: one answer, one commit, and the same results as any upload.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metadata, startWithSender, tus, type Ask, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
});
afterAll(() => transfers.close());

const create = (bytes: string, headers: Ask['headers'] = {}, fields: Record<string, string> = {}) =>
  transfers.ask('POST', '/uploads', {
    headers: {
      ...tus,
      Authorization: 'Bearer sender',
      'Upload-Length': Buffer.byteLength(bytes),
      'Upload-Metadata': metadata({ filename: `take ${++count}.mov`, projectId, ...fields }),
      'Content-Type': 'application/offset+octet-stream',
      'Content-Length': Buffer.byteLength(bytes),
      ...headers,
    },
    body: bytes,
  });
const incoming = () => readdirSync(join(transfers.hub.folder, 'incoming'));

test('a whole file is complete with its creation, and its address answers like any other', async () => {
  const { status, headers } = await create('hello');
  expect(status).toBe(201);
  expect(headers).toMatchObject({ 'upload-offset': '5', 'tus-resumable': '1.0.0' });
  const head = await transfers.ask('HEAD', headers.location!, {
    headers: { ...tus, Authorization: 'Bearer sender' },
  });
  expect(head).toMatchObject({ status: 200, headers: { 'upload-offset': '5', 'upload-length': '5' } });
  expect(head.headers['upload-metadata']).toContain('filename ');
  const uploadId = headers.location!.slice('/uploads/'.length);
  expect(readFileSync(transfers.hub.storage.incomingPath(uploadId), 'utf8')).toBe('hello');
});

test('a refused one leaves nothing behind', async () => {
  const before = incoming();
  expect(await create('hello', {}, { projectId: `prj_${'a'.repeat(26)}` })).toMatchObject({ status: 404 });
  expect(await create('hello', {}, { filename: '' })).toMatchObject({ status: 400 });
  expect(incoming()).toEqual(before);
});

test('a part of a file makes an upload that goes on', async () => {
  const { status, headers } = await create('hello', { 'Upload-Length': 10 });
  expect([status, headers['upload-offset']]).toEqual([201, '5']);
  const rest = {
    headers: {
      ...tus,
      Authorization: 'Bearer sender',
      'Upload-Offset': 5,
      'Content-Type': 'application/offset+octet-stream',
    },
    body: 'world',
  };
  expect(await transfers.ask('PATCH', headers.location!, rest)).toMatchObject({
    status: 204,
    headers: { 'upload-offset': '10' },
  });
});

test('a body with a wrong checksum is refused', async () => {
  const digest = Buffer.alloc(16).toString('base64');
  expect(await create('hello', { 'Upload-Checksum': `md5 ${digest}` })).toMatchObject({ status: 460 });
});

test.each([
  ['5', 201],
  ['0', 413],
  ['4', 413],
  ['1e1', 400],
  ['0x5', 400],
  ['5.0', 400],
])('Upload-Length %j with five bytes is answered with %i', async (length, status) => {
  expect(await create('hello', { 'Upload-Length': length })).toMatchObject({ status });
});

test('sixteen at once are all stored', async () => {
  const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => create(`${index}`)));
  for (const [index, { status, headers }] of answers.entries()) {
    expect(status).toBe(201);
    const path = transfers.hub.storage.incomingPath(headers.location!.slice('/uploads/'.length));
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe(`${index}`);
  }
});
