// What broken and hostile clients send: each is refused by name, and changes nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from './testing/digests.ts';
import { metadata, startWithSender, tus, type Ask, type Transfers } from './testing/transfers.ts';

let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
});

afterAll(() => transfers.close());

const ask = (method: string, path: string, { headers, body }: Ask = {}) =>
  transfers.ask(method, path, { headers: { ...tus, Authorization: 'Bearer sender', ...headers }, body });

const post = (headers: Ask['headers']) =>
  ask('POST', '/uploads', {
    headers: {
      'Upload-Length': 5,
      'Upload-Metadata': metadata({ filename: `take ${++count}.mov`, projectId }),
      ...headers,
    },
  });

const patch = (path: string, offset: number | string, body: string, headers: Ask['headers'] = {}) =>
  ask('PATCH', path, {
    headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': offset, ...headers },
    body,
  });

async function created(): Promise<string> {
  return (await post({})).headers.location!;
}

const uploads = () => transfers.hub.db.$client.prepare('select count(*) from uploads').pluck().get();

test.each([2 ** 53, 2 ** 53 + 2, '9223372036854775808', '-9007199254740992', '1e309', 'NaN', '5, 6', '５'])(
  'a length of %s creates nothing',
  async (length) => {
    const before = uploads();
    // Header values are bytes: what is no Latin-1 goes as UTF-8.
    const value = typeof length === 'string' ? Buffer.from(length).toString('latin1') : length;
    const { status, headers } = await post({ 'Upload-Length': value });
    expect([400, 413]).toContain(status);
    expect(headers.location).toBeUndefined();
    expect(uploads()).toBe(before);
  },
);

test('metadata larger than the headers of a request may be is refused before anything is read', async () => {
  const before = uploads();
  const { status } = await post({ 'Upload-Metadata': `filename ${'A'.repeat(40_000)}` });
  expect(status).toBe(431);
  expect(uploads()).toBe(before);
  expect((await post({})).status).toBe(201);
});

test.each([
  ['an encoded id', (id: string) => `/uploads/%75${id.slice(1)}`],
  ['an id that is encoded twice', (id: string) => `/uploads/%2575${id.slice(1)}`],
  ['a dot before it', (id: string) => `/uploads/./${id}`],
  ['dots around it', (id: string) => `/uploads/x/../${id}`],
  ['two slashes', (id: string) => `/uploads//${id}`],
  ['a slash behind it', (id: string) => `/uploads/${id}/`],
  ['an encoded slash', (id: string) => `/uploads/%2f${id}`],
  ['a suffix', (id: string) => `/uploads/${id}.part`],
  ['an encoded zero byte', (id: string) => `/uploads/${id}%00`],
  ['capitals', (id: string) => `/uploads/${id.toUpperCase()}`],
])('an address with %s is not that of the upload', async (_name, write) => {
  const path = await created();
  const address = write(path.slice('/uploads/'.length));
  expect((await ask('HEAD', address)).status).toBe(404);
  expect((await patch(address, 0, 'hello')).status).toBe(404);
  expect((await ask('DELETE', address)).status).toBe(404);
  expect((await ask('HEAD', path)).headers['upload-offset']).toBe('0');
});

test('bytes for a finished upload change nothing', async () => {
  const path = await created();
  expect((await patch(path, 0, 'hello')).status).toBe(204);
  expect((await patch(path, 0, 'HELLO')).status).toBe(409);
  expect((await patch(path, 5, '!')).status).toBe(413);
  expect((await patch(path, 5, '')).status).toBe(204);
  expect((await ask('HEAD', path)).headers['upload-offset']).toBe('5');
});

test.each([
  ['sha1', 'md5'],
  ['md5', 'xxh128'],
  ['xxh128', 'md5'],
  ['xxh64', 'xxh3'],
])('a digest that is called %s and is of %s matches nothing', async (called, algorithm) => {
  const path = await created();
  const digest = (await digestOf(algorithm, Buffer.from('hello'))).toString('base64');
  expect((await patch(path, 0, 'hello', { 'Upload-Checksum': `${called} ${digest}` })).status).toBe(460);
  expect((await ask('HEAD', path)).headers['upload-offset']).toBe('0');
});
