// Every MUST and SHOULD of tus 1.0 that concerns a server and the extensions this one announces, as tables over real
// sockets. Derived from the protocol's text; docs/tus.md lists the deviations.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from './testing/digests.ts';
import {
  metadata,
  startWithSender,
  tus,
  type Answer,
  type Ask,
  type Transfers,
} from './testing/transfers.ts';

const bodyType = 'application/offset+octet-stream';
const nowhere = `/uploads/upl_${'a'.repeat(26)}`;
const algorithms = ['sha1', 'md5', 'sha256', 'sha512', 'xxh64', 'xxh3', 'xxh128'];

let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
});

afterAll(() => transfers.close());

type Headers = NonNullable<Ask['headers']>;

function ask(method: string, path: string, headers: Headers = {}, body?: string | Buffer): Promise<Answer> {
  const all = { ...tus, Authorization: 'Bearer sender', ...headers };
  // An undefined value removes the header.
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return transfers.ask(method, path, { headers: sent, body });
}

function about(more: Record<string, string> = {}): string {
  return metadata({ filename: `take ${++count}.mov`, projectId, ...more });
}

function post(headers: Headers, body?: string | Buffer): Promise<Answer> {
  return ask('POST', '/uploads', { 'Upload-Length': 10, 'Upload-Metadata': about(), ...headers }, body);
}

async function create(length = 10): Promise<string> {
  const { status, headers } = await post({ 'Upload-Length': length });
  expect(status).toBe(201);
  return headers.location!;
}

/** Creates an upload and sends its first half. */
async function begun(): Promise<string> {
  const path = await create();
  await patch(path, 0, 'hello');
  return path;
}

async function finished(): Promise<string> {
  const path = await create(5);
  await patch(path, 0, 'hello');
  return path;
}

function patch(path: string, offset: number | string, body: string | Buffer, headers: Headers = {}) {
  return ask('PATCH', path, { 'Content-Type': bodyType, 'Upload-Offset': offset, ...headers }, body);
}

async function offsetOf(path: string): Promise<string | undefined> {
  return (await ask('HEAD', path)).headers['upload-offset'] as string | undefined;
}

const gone = [404, 410];

describe('Tus-Resumable', () => {
  const others = [undefined, '', '0.2.2', '1.0', '1.0.1', '2.0.0', '1.0.0, 0.2.2'];
  const verbs = ['HEAD', 'PATCH', 'DELETE', 'POST'];
  test.each(verbs.flatMap((verb) => others.map((version) => [verb, version] as const)))(
    'MUST: %s of version %j is 412, names the supported version and changes nothing',
    async (verb, version) => {
      const path = await begun();
      const answer = await ask(
        verb,
        verb === 'POST' ? '/uploads' : path,
        {
          'Tus-Resumable': version,
          'Upload-Length': 10,
          'Upload-Metadata': about(),
          'Content-Type': bodyType,
          'Upload-Offset': 5,
        },
        verb === 'PATCH' ? 'world' : undefined,
      );
      expect(answer.status).toBe(412);
      expect(answer.headers['tus-version']).toBe('1.0.0');
      expect(answer.headers.location).toBeUndefined();
      expect(await offsetOf(path)).toBe('5');
    },
  );

  const answers: Record<string, [number, () => Promise<Answer>]> = {
    'a creation': [201, () => post({})],
    'a HEAD': [200, async () => ask('HEAD', await create())],
    'a PATCH': [204, async () => patch(await create(), 0, 'hello')],
    'a DELETE': [204, async () => ask('DELETE', await create())],
    OPTIONS: [200, () => ask('OPTIONS', '/uploads')],
    'an unknown upload': [404, () => ask('HEAD', nowhere)],
    'an ended one': [410, async () => endedBy(await create())],
    'another offset': [409, async () => patch(await create(), 3, 'x')],
    'another type': [415, async () => patch(await create(), 0, 'x', { 'Content-Type': 'text/plain' })],
    'no offset': [400, async () => patch(await create(), '', 'x')],
    'too many bytes': [413, async () => patch(await create(1), 0, 'hello')],
    'a wrong checksum': [
      460,
      async () => patch(await create(), 0, 'x', { 'Upload-Checksum': `md5 ${'A'.repeat(22)}==` }),
    ],
    'another verb': [405, async () => ask('GET', await create())],
    nobody: [401, async () => ask('HEAD', await create(), { Authorization: 'Bearer nobody' })],
    'another version': [412, async () => ask('HEAD', await create(), { 'Tus-Resumable': '0.2.2' })],
    'what is not announced': [501, () => post({ 'Upload-Length': undefined, 'Upload-Defer-Length': 1 })],
  };
  async function endedBy(path: string): Promise<Answer> {
    await ask('DELETE', path);
    return ask('HEAD', path);
  }
  test.each(Object.entries(answers))('MUST: the answer to %s carries it', async (_name, [status, get]) => {
    const answer = await get();
    expect(answer.status).toBe(status);
    expect(answer.headers['tus-resumable']).toBe('1.0.0');
  });
});

describe('OPTIONS', () => {
  test.each([undefined, '1.0.0', '0.2.2', 'x'])(
    'MUST: Tus-Resumable %j in the request is ignored',
    async (version) => {
      const answer = await ask('OPTIONS', '/uploads', { 'Tus-Resumable': version });
      expect([200, 204]).toContain(answer.status);
      expect(answer.headers['tus-version']).toBe('1.0.0');
    },
  );

  test.each(['/uploads', '/uploads/', nowhere])(
    'MUST: OPTIONS %s names Tus-Version without a sign-in',
    async (path) => {
      const { headers } = await transfers.ask('OPTIONS', path);
      expect(headers['tus-version']).toBe('1.0.0');
      expect(headers['tus-max-size']).toMatch(/^\d+$/);
      expect(headers['tus-extension']).toMatch(/^[a-z-]+(,[a-z-]+)*$/);
      expect(headers['tus-checksum-algorithm']!.toString().split(',')).toContain('sha1');
    },
  );

  test.each(['creation', 'creation-with-upload', 'termination', 'checksum', 'checksum-trailer'])(
    'MUST: announces %s, which it supports',
    async (extension) => {
      const { headers } = await ask('OPTIONS', '/uploads');
      expect(String(headers['tus-extension']).split(',')).toContain(extension);
    },
  );

  test.each(['creation-defer-length', 'expiration', 'concatenation', 'concatenation-unfinished'])(
    'MUST: does not announce %s, which it does not support',
    async (extension) => {
      const { headers } = await ask('OPTIONS', '/uploads');
      expect(String(headers['tus-extension']).split(',')).not.toContain(extension);
    },
  );
});

describe('X-HTTP-Method-Override', () => {
  const actual = ['GET', 'POST', 'PUT'];
  test.each(actual)('MUST: a %s is handled as the HEAD it names', async (verb) => {
    const answer = await ask(verb, await begun(), { 'X-HTTP-Method-Override': 'HEAD' });
    expect(answer).toMatchObject({ status: 200, headers: { 'upload-offset': '5' } });
  });
  test.each(actual)('MUST: a %s is handled as the PATCH it names', async (verb) => {
    const path = await create();
    const answer = await ask(
      verb,
      path,
      {
        'X-HTTP-Method-Override': 'PATCH',
        'Content-Type': bodyType,
        'Upload-Offset': 0,
        'Content-Length': 5,
      },
      'hello',
    );
    expect(answer).toMatchObject({ status: 204, headers: { 'upload-offset': '5' } });
  });
  test.each(actual)('MUST: a %s is handled as the DELETE it names', async (verb) => {
    const path = await create();
    expect((await ask(verb, path, { 'X-HTTP-Method-Override': 'DELETE' })).status).toBe(204);
    expect(gone).toContain((await ask('HEAD', path)).status);
  });
  test('MUST: a DELETE is handled as the HEAD it names and terminates nothing', async () => {
    const path = await begun();
    expect((await ask('DELETE', path, { 'X-HTTP-Method-Override': 'HEAD' })).status).toBe(200);
    expect(await offsetOf(path)).toBe('5');
  });
  test('MUST: a GET is handled as the OPTIONS it names', async () => {
    const { headers } = await transfers.ask('GET', '/uploads', {
      headers: { 'X-HTTP-Method-Override': 'OPTIONS' },
    });
    expect(headers['tus-version']).toBe('1.0.0');
  });
});

describe('HEAD', () => {
  test.each([
    ['before the first byte', create, '0', '10'],
    ['half way', begun, '5', '10'],
    ['at the end', finished, '5', '5'],
    ['of no bytes', () => create(0), '0', '0'],
  ])('MUST: Upload-Offset, Upload-Length and no-store %s', async (_name, make, offset, length) => {
    const { status, headers, body } = await ask('HEAD', await make());
    expect({ status, body }).toEqual({ status: 200, body: '' });
    expect(headers).toMatchObject({
      'upload-offset': offset,
      'upload-length': length,
      'cache-control': 'no-store',
    });
    expect(headers['upload-defer-length']).toBeUndefined();
  });

  test.each([nowhere, '/uploads/x', '/uploads/a/b', `/uploads/UPL_${'A'.repeat(26)}`])(
    'SHOULD: %s answers 404 or 410, MUST: without Upload-Offset and uncached',
    async (path) => {
      const { status, headers } = await ask('HEAD', path);
      expect(gone).toContain(status);
      expect(headers['upload-offset']).toBeUndefined();
      expect(headers['cache-control']).toBe('no-store');
    },
  );
});

describe('PATCH', () => {
  const types = [
    undefined,
    '',
    'text/plain',
    'application/octet-stream',
    'application/json',
    'multipart/form-data',
    'application/offset',
  ];
  test.each(types)('SHOULD: the type %j answers 415 and changes nothing', async (type) => {
    const path = await create();
    expect((await patch(path, 0, 'hello', { 'Content-Type': type })).status).toBe(415);
    expect(await offsetOf(path)).toBe('0');
  });

  test.each([0, 3, 4, 6, 9, 10, 11, 999_999])(
    'MUST: offset %i instead of 5 answers 409 and changes nothing',
    async (offset) => {
      const path = await begun();
      const answer = await patch(path, offset, 'x');
      expect(answer.status).toBe(409);
      expect(answer.headers['upload-offset']).toBe('5');
      expect(await offsetOf(path)).toBe('5');
    },
  );

  test.each([undefined, '', '-1', '+0', '1.5', 'x', '0x0', '1e1', ' ', '9'.repeat(20)])(
    'MUST: refuses offset %j, which is not a whole number',
    async (offset) => {
      const path = await create();
      const headers = { 'Content-Type': bodyType, 'Upload-Offset': offset };
      expect((await ask('PATCH', path, headers, 'hello')).status).toBe(400);
      expect(await offsetOf(path)).toBe('0');
    },
  );

  test.each([[[10]], [[5, 5]], [[1, 9]], [[3, 3, 4]], [[1, 1, 1, 1, 1, 5]], [[0, 10]], [[10, 0]]])(
    'MUST: pieces of %j each answer 204 with the sum so far',
    async (sizes) => {
      const path = await create();
      let sum = 0;
      for (const size of sizes) {
        const answer = await patch(path, sum, 'x'.repeat(size));
        sum += size;
        expect(answer).toMatchObject({ status: 204, body: '', headers: { 'upload-offset': String(sum) } });
      }
      expect(await offsetOf(path)).toBe('10');
    },
  );

  test.each([nowhere, '/uploads/x'])('SHOULD: %s answers 404', async (path) => {
    expect((await patch(path, 0, 'hello')).status).toBe(404);
  });

  test('MUST: a body that exceeds the length changes nothing', async () => {
    const path = await begun();
    expect((await patch(path, 5, 'world!')).status).toBe(413);
    expect(await offsetOf(path)).toBe('5');
  });

  test('SHOULD: keeps the bytes that arrived before the connection broke', async () => {
    const path = await create();
    await broken(
      `PATCH ${path} HTTP/1.1\r\nHost: hub\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer sender\r\nContent-Type: ${bodyType}\r\nUpload-Offset: 0\r\nContent-Length: 10\r\n\r\nhello`,
    );
    await expect.poll(() => offsetOf(path)).toBe('5');
  });

  test.each([42, undefined])(
    'MUST: an Upload-Length of %j in a PATCH never changes the length',
    async (length) => {
      const path = await create();
      await patch(path, 0, 'hello', { 'Upload-Length': length });
      expect((await ask('HEAD', path)).headers['upload-length']).toBe('10');
    },
  );
});

describe('creation', () => {
  test.each([0, 1, 10, 5_000_000_000])(
    'MUST: %i bytes answer 201 with a Location that HEAD finds',
    async (length) => {
      const answer = await post({ 'Upload-Length': length });
      expect(answer.status).toBe(201);
      expect(await ask('HEAD', answer.headers.location!)).toMatchObject({
        status: 200,
        headers: { 'upload-length': String(length) },
      });
    },
  );

  test.each([undefined, '', '-1', '+1', '1.5', 'x', '1e3', '0x10', '1,2', '9'.repeat(20)])(
    'MUST: refuses a length of %j and creates nothing',
    async (length) => {
      const answer = await post({ 'Upload-Length': length });
      expect([400, 413]).toContain(answer.status);
      expect(answer.headers.location).toBeUndefined();
    },
  );

  test('MUST: a length above Tus-Max-Size answers 413', async () => {
    const { headers } = await ask('OPTIONS', '/uploads');
    const most = Number(headers['tus-max-size']);
    expect((await post({ 'Upload-Length': most + 1 })).status).toBe(413);
  });

  test.each([
    { 'Upload-Length': undefined, 'Upload-Defer-Length': 1 },
    { 'Upload-Length': 10, 'Upload-Defer-Length': 1 },
    { 'Upload-Length': 10, 'Upload-Concat': 'partial' },
    { 'Upload-Length': undefined, 'Upload-Concat': 'final;/uploads/a' },
  ])('MUST: what is not announced creates nothing: %j', async (headers) => {
    const answer = await post(headers);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.location).toBeUndefined();
  });

  const encode = (text: string) => Buffer.from(text).toString('base64');
  test.each([
    [
      'keys of the client',
      (own: string) => `${own},filetype ${encode('video/quicktime')},name ${encode('x')}`,
    ],
    ['its order', (own: string) => `zebra ${encode('1')},${own},apple ${encode('2')}`],
    ['a key without a value', (own: string) => `${own},is_confidential`],
    ['an empty value', (own: string) => `${own},note `],
    [
      'bytes that are no text',
      (own: string) => `${own},thumbnail ${Buffer.of(0, 255, 254, 128).toString('base64')}`,
    ],
    ['capital letters', (own: string) => `${own},FileType ${encode('x')}`],
    [
      'keys that objects have already',
      (own: string) => `${own},constructor ${encode('x')},__proto__ ${encode('y')}`,
    ],
    ['what it left out', (own: string) => `${own},folderId ${encode('undefined')}`],
    ['eight kilobytes', (own: string) => `${own},large ${encode('x'.repeat(6000))}`],
  ])('MUST: HEAD gives Upload-Metadata back as it came: %s', async (_name, write) => {
    const given = write(about());
    const { status, headers } = await post({ 'Upload-Metadata': given });
    expect(status).toBe(201);
    // Whitespace at the end of a header is not part of its value.
    expect((await ask('HEAD', headers.location!)).headers['upload-metadata']).toBe(given.trim());
    await patch(headers.location!, 0, 'helloworld');
    expect((await ask('HEAD', headers.location!)).headers['upload-metadata']).toBe(given.trim());
  });

  test.each([
    'filename',
    'filename !!!',
    ' aGk=',
    'filename aGk=,filename aGk=',
    ',',
    'filename aGk= x',
    'filename aGk',
    'n\u00e4me aGk=',
  ])('MUST: the metadata %j is refused, and nothing created', async (text) => {
    const answer = await post({ 'Upload-Metadata': text });
    expect(answer.status).toBe(400);
    expect(answer.headers.location).toBeUndefined();
  });
});

describe('creation with upload', async () => {
  test.each(['', 'h', 'hello', 'helloworld'])(
    'MUST: answers with Upload-Offset after the body %j',
    async (body) => {
      const answer = await post({ 'Content-Type': bodyType, 'Content-Length': body.length }, body);
      expect(answer).toMatchObject({ status: 201, headers: { 'upload-offset': String(body.length) } });
      expect(await offsetOf(answer.headers.location!)).toBe(String(body.length));
    },
  );

  test.each([
    'text/plain',
    'application/octet-stream',
    'application/json',
    'application/x-www-form-urlencoded',
    undefined,
  ])('a body of the type %j is refused rather than dropped, and nothing created', async (type) => {
    for (const more of [{ 'Content-Length': 5 }, { 'Transfer-Encoding': 'chunked' }]) {
      const answer = await post({ 'Content-Type': type, ...more }, 'hello');
      expect(answer.status).toBe(415);
      expect(answer.headers.location).toBeUndefined();
    }
  });

  test.each(['text/plain', 'application/json'])('ignores a type of %j without a body', async (type) => {
    expect((await post({ 'Content-Type': type, 'Content-Length': 0 })).status).toBe(201);
  });

  test.each([
    [await digest('sha1', 'hello'), 201],
    [await digest('sha1', 'hellO'), 460],
    ['crc32 AAAA', 400],
  ])('MUST: the checksum %j of its body is %i', async (checksum, status) => {
    const headers = { 'Content-Type': bodyType, 'Content-Length': 5, 'Upload-Checksum': checksum };
    expect((await post(headers, 'hello')).status).toBe(status);
  });
});

describe('checksum', async () => {
  test.each(algorithms)('MUST: keeps bytes that match their %s', async (algorithm) => {
    const path = await create();
    const headers = { 'Upload-Checksum': await digest(algorithm, 'hello') };
    expect(await patch(path, 0, 'hello', headers)).toMatchObject({
      status: 204,
      headers: { 'upload-offset': '5' },
    });
  });

  const wrong = async (algorithm: string): Promise<[string, string, string][]> => {
    const right = await digestOf(algorithm, Buffer.from('hello'));
    return [
      ['of other bytes', await digest(algorithm, 'hellO')],
      ['cut short', `${algorithm} ${right.subarray(0, -1).toString('base64')}`],
      ['one byte longer', `${algorithm} ${Buffer.concat([right, Buffer.of(0)]).toString('base64')}`],
      ['in hexadecimal', `${algorithm} ${right.toString('hex')}`],
    ].map(([name, header]) => [algorithm, name!, header!]);
  };
  test.each((await Promise.all(algorithms.map(wrong))).flat())(
    'MUST: a %s %s is 460, and its bytes do not count',
    async (_algorithm, _name, header) => {
      const path = await create();
      expect((await patch(path, 0, 'hello', { 'Upload-Checksum': header })).status).toBe(460);
      expect(await offsetOf(path)).toBe('0');
      expect(
        (await patch(path, 0, 'hello', { 'Upload-Checksum': await digest('sha1', 'hello') })).status,
      ).toBe(204);
    },
  );

  test.each([
    'crc32 AAAA',
    'SHA1 AAAA',
    'sha3 AAAA',
    'constructor AAAA',
    'sha1',
    'sha1 ',
    'sha1 !!!',
    'sha1  AAAA',
    'sha1 AAAA AAAA',
    '',
  ])('MUST: %j is no checksum of ours and 400, and its bytes do not count', async (header) => {
    const path = await create();
    expect((await patch(path, 0, 'hello', { 'Upload-Checksum': header })).status).toBe(400);
    expect(await offsetOf(path)).toBe('0');
  });

  test.each([
    ['right', await digest('sha1', 'hello'), 204, '5'],
    ['wrong', await digest('sha1', 'hellO'), 460, '0'],
    ['cut short', 'sha1 aGVsbG8=', 460, '0'],
    ['unknown', 'crc32 AAAA', 400, '0'],
    ['unreadable', 'sha1 !!!', 400, '0'],
  ])('MUST: a trailer that is %s', async (_name, trailer, status, offset) => {
    const path = await create();
    const answer = await broken(
      `PATCH ${path} HTTP/1.1\r\nHost: hub\r\nTus-Resumable: 1.0.0\r\nAuthorization: Bearer sender\r\nContent-Type: ${bodyType}\r\n` +
        `Upload-Offset: 0\r\nTransfer-Encoding: chunked\r\nTrailer: Upload-Checksum\r\nConnection: close\r\n\r\n` +
        `5\r\nhello\r\n0\r\nUpload-Checksum: ${trailer}\r\n\r\n`,
      'wait',
    );
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(await offsetOf(path)).toBe(offset);
  });
});

describe('termination', () => {
  const states = {
    'before the first byte': create,
    'half way': begun,
    'of no bytes': () => create(0),
    'at the end': finished,
  };
  test.each(Object.entries(states))(
    'MUST: DELETE %s answers 204; SHOULD: it is not found afterwards',
    async (_name, make) => {
      const path = await make();
      const { status, body } = await ask('DELETE', path);
      expect({ status, body }).toEqual({ status: 204, body: '' });
      expect(gone).toContain((await ask('HEAD', path)).status);
      expect(gone).toContain((await patch(path, 5, 'world')).status);
      expect(gone).toContain((await ask('DELETE', path)).status);
    },
  );

  test.each([nowhere, '/uploads/x', '/uploads'])('SHOULD: DELETE %s answers 404', async (path) => {
    expect((await ask('DELETE', path)).status).toBe(404);
  });

  test('DELETE keeps the file of a finished upload', async () => {
    const path = await finished();
    await ask('DELETE', path);
    const upload = transfers.hub.db.$client
      .prepare('select status, asset_id as assetId from uploads where id = ?')
      .get(path.slice('/uploads/'.length)) as { status: string; assetId: string };
    expect(upload.status).toBe('verifying');
    const files = transfers.hub.db.$client.prepare('select count(*) as n from entries where asset_id = ?');
    expect(files.get(upload.assetId)).toEqual({ n: 1 });
  });
});

async function digest(algorithm: string, text: string): Promise<string> {
  return `${algorithm} ${(await digestOf(algorithm, Buffer.from(text))).toString('base64')}`;
}

/** Sends exactly this text, then breaks the connection or waits for the answer. */
function broken(text: string, then: 'wait' | 'break' = 'break'): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(transfers.port, '127.0.0.1', () => {
      socket.write(text, () => {
        if (then === 'break') setTimeout(() => socket.destroy(), 20);
      });
    });
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}
