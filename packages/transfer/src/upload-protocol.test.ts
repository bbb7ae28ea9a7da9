// The MUSTs of tus 1.0 over real sockets, in the specification's order.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metadata, startWithSender, tus, type Ask, type Transfers } from './testing/transfers.ts';

const body = 'application/offset+octet-stream';
const unknownId = `upl_${'a'.repeat(26)}`;

let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
  transfers.signedIn.set('stranger', transfers.hub.createPerson());
});

afterAll(() => transfers.close());

function ask(method: string, path: string, { headers, body }: Ask = {}) {
  return transfers.ask(method, path, {
    headers: { ...tus, Authorization: 'Bearer sender', ...headers },
    body,
  });
}

function newMetadata(more: Record<string, string> = {}): string {
  return metadata({ filename: `take ${++count}.mov`, projectId, ...more });
}

async function create(length: number, headers: Ask['headers'] = {}): Promise<string> {
  const answer = await ask('POST', '/uploads', {
    headers: { 'Upload-Length': length, 'Upload-Metadata': newMetadata(), ...headers },
  });
  expect(answer).toMatchObject({ status: 201 });
  return answer.headers.location!;
}

function patch(path: string, offset: number, bytes: string | Buffer, headers: Ask['headers'] = {}) {
  return ask('PATCH', path, {
    headers: {
      'Content-Type': body,
      'Upload-Offset': offset,
      'Content-Length': Buffer.byteLength(bytes),
      ...headers,
    },
    body: bytes,
  });
}

const head = (path: string) => ask('HEAD', path);

describe('the core protocol', () => {
  test('OPTIONS returns version, extensions, maximum size and checksum algorithms without a sign-in', async () => {
    const { status, headers } = await transfers.ask('OPTIONS', '/uploads');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'tus-resumable': '1.0.0',
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,checksum,checksum-trailer',
      'tus-max-size': String(transfers.hub.ctx.limits.maxUploadBytes),
      'tus-checksum-algorithm': 'sha1,md5,sha256,sha512,xxh64,xxh3,xxh128',
    });
  });

  test('HEAD returns offset and length, uncached and without a body', async () => {
    const path = await create(10);
    const { status, headers, body } = await head(path);
    expect({ status, body }).toEqual({ status: 200, body: '' });
    expect(headers).toMatchObject({
      'upload-offset': '0',
      'upload-length': '10',
      'cache-control': 'no-store',
      'tus-resumable': '1.0.0',
    });
    expect(headers['upload-metadata']).toContain(`projectId ${Buffer.from(projectId).toString('base64')}`);
  });

  test('PATCH adds bytes at the offset and returns the new offset', async () => {
    const path = await create(10);
    const first = await patch(path, 0, 'hello');
    expect(first).toMatchObject({ status: 204, body: '', headers: { 'upload-offset': '5' } });
    expect((await head(path)).headers['upload-offset']).toBe('5');
    expect(await patch(path, 5, 'world')).toMatchObject({ status: 204, headers: { 'upload-offset': '10' } });
    expect(await head(path)).toMatchObject({ status: 200, headers: { 'upload-offset': '10' } });
  });

  test.each([3, 6, 11])(
    'PATCH at %i instead of 5 is refused with the right offset and changes nothing',
    async (offset) => {
      const path = await create(10);
      await patch(path, 0, 'hello');
      expect(await patch(path, offset, 'x')).toMatchObject({
        status: 409,
        headers: { 'upload-offset': '5' },
      });
      expect((await head(path)).headers['upload-offset']).toBe('5');
    },
  );

  test.each(['text/plain', 'application/octet-stream', ''])(
    'PATCH with the type %j is refused',
    async (type) => {
      const path = await create(10);
      expect((await patch(path, 0, 'hello', { 'Content-Type': type })).status).toBe(415);
      expect((await head(path)).headers['upload-offset']).toBe('0');
    },
  );

  test.each(['', '-1', '1.5', 'x', '1e1', '0x1', '9'.repeat(30)])(
    'PATCH with the offset %j is refused',
    async (offset) => {
      const path = await create(10);
      expect((await patch(path, 0, 'hello', { 'Upload-Offset': offset })).status).toBe(400);
    },
  );

  test('PATCH beyond the length is refused before a byte is read', async () => {
    const path = await create(4);
    expect((await patch(path, 0, 'hello')).status).toBe(413);
    expect((await head(path)).headers['upload-offset']).toBe('0');
  });

  test('a chunked PATCH beyond the length keeps only the bytes within it', async () => {
    const path = await create(4);
    const answer = await ask('PATCH', path, {
      headers: { 'Content-Type': body, 'Upload-Offset': 0, 'Transfer-Encoding': 'chunked' },
      body: 'hello',
    });
    expect(answer.status).toBe(413);
    expect((await head(path)).headers['upload-offset']).toBe('0');
  });

  test.each(['HEAD', 'POST', 'PATCH', 'DELETE'])(
    '%s of another version is refused with the supported version',
    async (verb) => {
      for (const version of ['0.2.2', '1.0', '']) {
        const answer = await ask(verb, verb === 'POST' ? '/uploads' : await create(10), {
          headers: { 'Tus-Resumable': version, 'Upload-Length': 3, 'Upload-Metadata': newMetadata() },
        });
        expect(answer).toMatchObject({
          status: 412,
          headers: { 'tus-version': '1.0.0', 'tus-resumable': '1.0.0' },
        });
      }
    },
  );

  test.each(['PATCH', 'HEAD', 'DELETE'])('%s can be sent as a POST', async (verb) => {
    const path = await create(5);
    const headers = { 'X-HTTP-Method-Override': verb, 'Content-Type': body, 'Upload-Offset': 0 };
    const answer = await ask('POST', path, { headers, body: verb === 'PATCH' ? 'hello' : '' });
    expect(answer.status).toBe(verb === 'HEAD' ? 200 : 204);
    expect((await head(path)).status).toBe(verb === 'DELETE' ? 410 : 200);
  });

  test.each(['GET', 'PUT', 'TRACE'])('%s is not allowed', async (verb) => {
    const answer = await ask(verb, await create(5));
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'OPTIONS, HEAD, POST, PATCH, DELETE' } });
  });
});

describe('creation', () => {
  test('POST returns a Location relative to the address that was used', async () => {
    expect(await create(5)).toMatch(/^\/uploads\/upl_[a-z2-7]{26}$/);
  });

  test.each([undefined, '-1', '1.5', 'x', '1e3', '9007199254740993'])(
    'a length of %j is refused',
    async (length) => {
      const headers = {
        'Upload-Metadata': newMetadata(),
        ...(length === undefined ? {} : { 'Upload-Length': length }),
      };
      expect((await ask('POST', '/uploads', { headers })).status).toBe(400);
    },
  );

  test('a length above the limit is refused', async () => {
    const headers = {
      'Upload-Length': transfers.hub.ctx.limits.maxUploadBytes + 1,
      'Upload-Metadata': newMetadata(),
    };
    expect((await ask('POST', '/uploads', { headers })).status).toBe(413);
  });

  test.each(['filename', 'filename !!!', ' aGk=', 'filename aGk=,filename aGk=', ',', 'filename aGk= x'])(
    'the metadata %j is refused',
    async (text) => {
      const headers = { 'Upload-Length': 1, 'Upload-Metadata': text };
      expect((await ask('POST', '/uploads', { headers })).status).toBe(400);
    },
  );

  test('metadata with a project the person does not belong to creates nothing', async () => {
    const headers = { 'Upload-Length': 1, 'Upload-Metadata': newMetadata() };
    const answer = await ask('POST', '/uploads', {
      headers: { ...headers, Authorization: 'Bearer stranger' },
    });
    expect(answer.status).toBe(404);
    expect((await ask('POST', '/uploads', { headers: { 'Upload-Length': 1 } })).status).toBe(400);
  });

  test('an empty file is complete at once', async () => {
    const path = await create(0);
    expect(await head(path)).toMatchObject({
      status: 200,
      headers: { 'upload-offset': '0', 'upload-length': '0' },
    });
    expect(await patch(path, 0, '')).toMatchObject({ status: 204, headers: { 'upload-offset': '0' } });
  });

  test('the body of a POST is received', async () => {
    const answer = await ask('POST', '/uploads', {
      headers: { 'Upload-Length': 10, 'Upload-Metadata': newMetadata(), 'Content-Type': body },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 201, headers: { 'upload-offset': '5' } });
    expect(await patch(answer.headers.location!, 5, 'world')).toMatchObject({ status: 204 });
  });

  test('a body longer than the upload creates nothing', async () => {
    const answer = await ask('POST', '/uploads', {
      headers: {
        'Upload-Length': 4,
        'Upload-Metadata': newMetadata(),
        'Content-Type': body,
        'Content-Length': 5,
      },
      body: 'hello',
    });
    expect(answer.status).toBe(413);
    expect(answer.headers.location).toBeUndefined();
  });

  test.each([{ 'Upload-Defer-Length': 1 }, { 'Upload-Concat': 'partial', 'Upload-Length': 1 }])(
    'unsupported extensions are refused: %j',
    async (headers) => {
      const answer = await ask('POST', '/uploads', {
        headers: { ...headers, 'Upload-Metadata': newMetadata() },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.location).toBeUndefined();
    },
  );
});

describe('termination', () => {
  test('DELETE ends the upload for good and removes its bytes', async () => {
    const path = await create(10);
    await patch(path, 0, 'hello');
    const part = transfers.hub.storage.incomingPath(path.slice('/uploads/'.length));
    expect(existsSync(part)).toBe(true);
    expect((await ask('DELETE', path)).status).toBe(204);
    expect(existsSync(part)).toBe(false);
    expect((await head(path)).status).toBe(410);
    expect((await patch(path, 5, 'world')).status).toBe(410);
  });
});

describe('checksum', () => {
  const sha1 = (text: string) => `sha1 ${createHash('sha1').update(text).digest('base64')}`;

  test('keeps matching bytes, drops others, and accepts the matching ones afterwards', async () => {
    const path = await create(10);
    expect((await patch(path, 0, 'hellO', { 'Upload-Checksum': sha1('hello') })).status).toBe(460);
    expect((await head(path)).headers['upload-offset']).toBe('0');
    expect((await patch(path, 0, 'hello', { 'Upload-Checksum': sha1('hello') })).status).toBe(204);
    expect((await head(path)).headers['upload-offset']).toBe('5');
  });

  test.each(['crc32 AAAA', 'sha1', 'sha1 !!!', ''])('the checksum %j is refused', async (checksum) => {
    const path = await create(10);
    expect((await patch(path, 0, 'hello', { 'Upload-Checksum': checksum })).status).toBe(400);
    expect((await head(path)).headers['upload-offset']).toBe('0');
  });

  test.each([
    ['hello', 204, '5'],
    ['hellO', 460, '0'],
  ])('a checksum behind the body %j is waited for', async (bytes, status, offset) => {
    const path = await create(10);
    const answered = await raw(
      `PATCH ${path} HTTP/1.1\r\nHost: hub\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer sender\r\n` +
        `Content-Type: ${body}\r\nUpload-Offset: 0\r\nTransfer-Encoding: chunked\r\nTrailer: Upload-Checksum\r\n` +
        `Connection: close\r\n\r\n5\r\n${bytes}\r\n0\r\nUpload-Checksum: ${sha1('hello')}\r\n\r\n`,
    );
    expect(answered).toContain(`HTTP/1.1 ${status} `);
    expect((await head(path)).headers['upload-offset']).toBe(offset);
  });
});

describe('access', () => {
  const paths = [
    `/uploads/${unknownId}`,
    '/uploads/x',
    '/uploads/../uploads',
    '/uploads/%2e%2e%2fturnover.db',
    '/uploads/a/b',
  ];

  test.each(['HEAD', 'PATCH', 'DELETE'])(
    '%s of an unknown, a malformed and a foreign upload look the same',
    async (verb) => {
      const mine = await create(10);
      const headers = { Authorization: 'Bearer stranger', 'Content-Type': body, 'Upload-Offset': 0 };
      const foreign = await ask(verb, mine, { headers });
      expect(foreign.status).toBe(404);
      for (const path of paths) {
        const { status, body } = await ask(verb, path, { headers });
        expect({ path, status, body }).toEqual({ path, status: 404, body: foreign.body });
      }
      expect((await head(mine)).headers['upload-offset']).toBe('0');
    },
  );

  test.each(['HEAD', 'POST', 'PATCH', 'DELETE'])('%s without a sign-in asks for one', async (verb) => {
    const answer = await ask(verb, verb === 'POST' ? '/uploads' : await create(5), {
      headers: {
        Authorization: 'Bearer nobody',
        'Content-Type': body,
        'Upload-Offset': 0,
        'Upload-Length': 5,
      },
    });
    expect(answer.status).toBe(401);
    if (verb !== 'HEAD')
      expect(JSON.parse(answer.body)).toMatchObject({
        code: 'unauthenticated',
        message: 'Sign in and continue.',
      });
  });

  test.each(['POST', 'PATCH', 'DELETE'])('%s from another site with a cookie is refused', async (verb) => {
    const path = await create(5);
    const headers = {
      ...tus,
      Cookie: 'turnover=sender',
      Origin: 'http://evil.example',
      'Sec-Fetch-Site': 'cross-site',
      'Content-Type': body,
      'Upload-Offset': 0,
    };
    const answer = await transfers.ask(verb, verb === 'POST' ? '/uploads' : path, { headers });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'cross_site' });
  });

  test('no answer allows another origin', async () => {
    const headers = { Origin: 'http://evil.example' };
    for (const verb of ['OPTIONS', 'HEAD', 'GET', 'POST']) {
      const answer = await ask(verb, '/uploads', { headers });
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(transfers.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
