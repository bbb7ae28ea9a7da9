// Bundles over real sockets: many small files in one request, each with a result of its own.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploads } from '@turnover/db/schema/uploads';
import { maxBundledFileBytes, maxBundleBytes, maxBundleFiles } from '@turnover/domain/workspace/bundles';
import { ByteBudget } from './byte-budget.ts';
import { startTransfers, startWithSender, type Ask, type Transfers } from './testing/transfers.ts';

const type = 'application/x-turnover-bundle';

let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
  transfers.signedIn.set('stranger', transfers.hub.createPerson());
});
afterAll(() => transfers.close());

type Head = Record<string, unknown>;
const newName = () => `small ${++count}.bin`;
const newKey = () => `key-${String(++count).padStart(16, '0')}`;

function part(bytes: Buffer | string, head: Head = {}): Buffer {
  const content = Buffer.from(bytes);
  const line = { projectId, filename: newName(), sizeBytes: content.length, ...head };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), content]);
}

const send = (body: Buffer | string, headers: Ask['headers'] = {}) =>
  transfers.ask('POST', '/uploads/bundle', {
    headers: {
      Authorization: 'Bearer sender',
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      ...headers,
    },
    body,
  });

type Result = { received: boolean; uploadId?: string; code?: string };
const resultsOf = (body: string) => (JSON.parse(body) as { files: Result[] }).files;
const contentOf = (uploadId: string) => readFileSync(transfers.hub.storage.incomingPath(uploadId), 'utf8');
const stored = () => transfers.hub.db.select().from(uploads).all();

/** Sends the head of a request and the beginning of its body, and then nothing. */
function begin(port: number, body: Buffer, announced: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write(
    `POST /uploads/bundle HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sender\r\nContent-Type: ${type}\r\nContent-Length: ${announced}\r\n\r\n`,
  );
  socket.write(body);
  return socket;
}

async function answerTo(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes.toString();
}

describe('a bundle', () => {
  test('stores each file and answers in their order', async () => {
    const answer = await send(Buffer.concat([part('one'), part('映像 🎬\n{}'), part('')]));
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store', 'tus-resumable': '1.0.0' },
    });
    const results = resultsOf(answer.body);
    expect(results.map(({ received }) => received)).toEqual([true, true, true]);
    expect(results.map(({ uploadId }) => contentOf(uploadId!))).toEqual(['one', '映像 🎬\n{}', '']);
  });

  test('gives each file its own verdict', async () => {
    const filename = newName();
    const other = transfers.hub.createProject();
    const { body } = await send(
      Buffer.concat([
        part('a', { filename }),
        part('b', { filename }),
        part('c', { projectId: other.id }),
        part('d'),
      ]),
    );
    expect(resultsOf(body).map(({ code }) => code ?? 'received')).toEqual([
      'received',
      'name_taken',
      'not_found',
      'received',
    ]);
  });

  test('sent again answers with the same uploads, and stores nothing twice', async () => {
    const body = Buffer.concat([1, 2, 3].map((number) => part(`${number}`, { key: newKey() })));
    const first = resultsOf((await send(body)).body);
    const before = stored().length;
    expect(resultsOf((await send(body)).body)).toEqual(first);
    expect(stored()).toHaveLength(before);
  });

  test('of as many files as allowed is stored whole, a byte at a time or at once', async () => {
    const files = Array.from({ length: maxBundleFiles }, (_, index) => part(`${index}`));
    const results = resultsOf((await send(Buffer.concat(files))).body);
    expect(results).toHaveLength(maxBundleFiles);
    expect(results.every(({ received }) => received)).toBe(true);
    expect(contentOf(results[200]!.uploadId!)).toBe('200');
  });

  test('without files is empty', async () => {
    expect(await send('')).toMatchObject({ status: 200, body: '{"files":[]}\n' });
  });

  test('into somebody else’s project reveals nothing', async () => {
    const { body } = await send(part('x'), { Authorization: 'Bearer stranger' });
    expect(resultsOf(body)).toMatchObject([{ received: false, code: 'not_found' }]);
  });
});

describe('a bundle that breaks off', () => {
  test('keeps the files that came, which the next one finds by their keys', async () => {
    const [key, missing] = [newKey(), newKey()];
    const whole = [
      part('came', { key, filename: newName() }),
      part('did not', { key: missing, filename: newName() }),
    ];
    const body = Buffer.concat(whole);
    const socket = begin(transfers.port, body.subarray(0, body.length - 3), body.length);
    await expect.poll(() => transfers.connections(), { timeout: 20_000 }).toBeGreaterThan(0);
    socket.end();
    await expect
      .poll(() => stored().filter(({ sendKey }) => sendKey === key), { timeout: 20_000 })
      .toHaveLength(1);
    expect(stored().filter(({ sendKey }) => sendKey === missing)).toEqual([]);
    const results = resultsOf((await send(body)).body);
    expect(results[0]!.uploadId).toBe(stored().find(({ sendKey }) => sendKey === key)!.id);
    expect(results.map(({ uploadId }) => contentOf(uploadId!))).toEqual(['came', 'did not']);
  });

  test('and stays silent is ended', async () => {
    const pace = { inactivityMs: 100, rateWindowMs: 60_000, minimumBytesPerSecond: 1, checkEveryMs: 20 };
    const strict = await startTransfers({ pace });
    strict.signedIn.set('sender', strict.hub.createPerson());
    const said = await answerTo(begin(strict.port, part('x').subarray(0, 10), 1000));
    await strict.close();
    expect(said).toMatch(/^HTTP\/1.1 503 /);
  });
});

describe('a bundle that comes slowly', () => {
  test('is stored before it is whole, and no further than its sender stays signed in', async () => {
    transfers.signedIn.set('leaver', transfers.signedIn.get('sender')!);
    const key = newKey();
    const body = Buffer.concat([part('one', { key }), part('two')]);
    const socket = connect(transfers.port, '127.0.0.1');
    const cut = body.length - 3;
    socket.write(
      `POST /uploads/bundle HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer leaver\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, cut));
    await expect
      .poll(() => stored().filter(({ sendKey }) => sendKey === key), { timeout: 20_000 })
      .toHaveLength(1);
    transfers.signedIn.delete('leaver');
    socket.write(body.subarray(cut));
    const answer = await answerTo(socket);
    expect(resultsOf(answer.slice(answer.indexOf('\r\n\r\n'))).map(({ code }) => code ?? 'received')).toEqual(
      ['received', 'unauthenticated'],
    );
  });
});

describe('many bundles at once', () => {
  test('share their memory: more is read only when the disk has taken what came', async () => {
    const fileBytes = 100_000;
    const [bundles, files, maxBytes] = [4, 20, 3 * fileBytes];
    let [held, most] = [0, 0];
    class Noting extends ByteBudget {
      override take(bytes: number): void {
        most = Math.max(most, (held += bytes));
        super.take(bytes);
      }
      override give(bytes: number): void {
        held -= bytes;
        super.give(bytes);
      }
    }
    const few = await startTransfers({ bundleMemory: new Noting(maxBytes) });
    const project = few.hub.createProject();
    few.signedIn.set('sender', few.hub.createPerson({ project }));
    const headers = { Authorization: 'Bearer sender', 'Content-Type': type };
    const answers = await Promise.all(
      Array.from({ length: bundles }, () => {
        const parts = Array.from({ length: files }, () =>
          part(Buffer.alloc(fileBytes), { projectId: project.id }),
        );
        return few.ask('POST', '/uploads/bundle', { headers, body: Buffer.concat(parts) });
      }),
    );
    await few.close();
    const results = answers.flatMap(({ body }) => resultsOf(body));
    expect(results.filter(({ received }) => received)).toHaveLength(bundles * files);
    // Each bundle may end one more file after the budget is spent.
    expect(most).toBeLessThanOrEqual(maxBytes + bundles * fileBytes);
    expect(held).toBe(0);
    expect(most).toBeGreaterThan(0);
  });
});

describe('a body that is no bundle', () => {
  test.each([
    ['no JSON', 'nonsense\nxx'],
    ['no line', 'x'.repeat(200)],
    ['an endless line', 'x'.repeat(200_000)],
    ['a line that is no object', 'null\n'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a])],
    ['a negative size', `${JSON.stringify({ projectId: 'x', filename: 'x', sizeBytes: -1 })}\n`],
    ['an id of something else', `${JSON.stringify({ projectId: 'ent_x', filename: 'x', sizeBytes: 1 })}\nx`],
  ])('%s is refused with 400', async (_what, body) => {
    const before = stored().length;
    expect(await send(body)).toMatchObject({ status: 400 });
    expect(stored()).toHaveLength(before);
  });

  test('a file that ends early is refused, and those before it stay', async () => {
    const answer = await send(Buffer.concat([part('whole'), part('cut off').subarray(0, -2)]));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('File 2 of the bundle');
  });

  test('a file that is too large is refused with 413', async () => {
    expect(await send(part('', { sizeBytes: maxBundledFileBytes + 1 }))).toMatchObject({ status: 413 });
  });

  test('more files than allowed are refused with 413', async () => {
    const files = Array.from({ length: maxBundleFiles + 1 }, () => part(''));
    expect(await send(Buffer.concat(files))).toMatchObject({ status: 413 });
  });

  test('more bytes than allowed are refused with 413 before they are sent', async () => {
    const said = await answerTo(begin(transfers.port, Buffer.alloc(0), 2 * maxBundleBytes));
    expect(said).toMatch(/^HTTP\/1.1 413 /);
  });

  test('another type is refused with 415, and nobody is signed in with 401', async () => {
    expect(await send(part('x'), { 'Content-Type': 'application/json' })).toMatchObject({ status: 415 });
    expect(await send(part('x'), { Authorization: 'Bearer nobody' })).toMatchObject({ status: 401 });
  });

  test('another site may not send one with somebody’s cookie', async () => {
    const headers = { Cookie: 'session=x', Origin: 'http://evil.example' };
    expect(await send(part('x'), headers)).toMatchObject({ status: 403 });
  });
});
