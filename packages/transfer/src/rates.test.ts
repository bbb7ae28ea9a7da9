// Rates over real sockets. A limited transfer cannot be faster than its rate, so the least time that it takes is exact.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHub } from '@turnover/core/testing/hub';
import { verifyUpload } from '@turnover/core/uploads/verification';
import { unlimited, type RateLimits } from '@turnover/domain/server/rates';
import { metadata, startTransfers, tus, type Transfers } from './testing/transfers.ts';

const MB = 1_000_000;
const total = (bytesPerSecond: number): RateLimits => ({
  ...unlimited,
  total: { spans: [], otherwise: bytesPerSecond },
});
/** The connection of a body of 1 MiB is taken from the parser, which reads at most 64 KiB at once. */
const large = Buffer.alloc(2 * MB, 1);
const largestRead = 524_288;

let transfers: Transfers;
let projectId: string;

beforeAll(async () => {
  const hub = await testHub({ limits: { uploadRates: total(8 * MB), downloadRates: total(8 * MB) } });
  transfers = await startTransfers({ hub });
  const project = hub.createProject();
  projectId = project.id;
  transfers.signedIn.set('sender', hub.createPerson({ project }));
  await transfers.uploads.boot();
});
afterAll(() => transfers.close());

async function tookMs(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const create = (filename: string, bytes: Buffer, extra: Record<string, string> = {}) =>
  transfers.ask('POST', '/uploads', {
    headers: {
      ...tus,
      Authorization: 'Bearer sender',
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Length': bytes.length,
      'Upload-Metadata': metadata({ projectId, filename }),
      ...extra,
    },
    body: bytes,
  });

test.each([
  ['on its own connection', { 'Content-Length': String(large.length) }],
  ['in chunks, through the parser', { 'Transfer-Encoding': 'chunked' }],
])('a large file %s keeps to the rate, and is whole', async (name, extra) => {
  const least = ((large.length - largestRead) / (8 * MB)) * 1000;
  let answer: { status: number } | undefined;
  const before = transfers.uploads.receivedBytes();
  expect(await tookMs(async () => (answer = await create(`${name}.mov`, large, extra)))).toBeGreaterThan(
    least,
  );
  expect(answer).toMatchObject({ status: 201, headers: { 'upload-offset': String(large.length) } });
  expect(transfers.uploads.receivedBytes() - before).toBe(large.length);
});

test('small files that follow each other keep to the rate', async () => {
  const file = Buffer.alloc(100_000);
  const took = await tookMs(async () => {
    for (const number of [1, 2, 3, 4, 5]) {
      expect(
        await create(`small ${number}.bin`, file, { 'Content-Length': String(file.length) }),
      ).toMatchObject({
        status: 201,
      });
    }
  });
  // The last file is paid for by the next request.
  expect(took).toBeGreaterThan((4 * file.length * 1000) / (8 * MB));
});

test('a bundle keeps to the rate', async () => {
  const parts = Array.from({ length: 10 }, (_, number) => [
    Buffer.from(`${JSON.stringify({ projectId, filename: `bundled ${number}.bin`, sizeBytes: 100_000 })}\n`),
    Buffer.alloc(100_000),
  ]);
  const body = Buffer.concat(parts.flat());
  const headers = { Authorization: 'Bearer sender', 'Content-Type': 'application/x-turnover-bundle' };
  let answer = { body: '' };
  const took = await tookMs(
    async () => (answer = await transfers.ask('POST', '/uploads/bundle', { headers, body })),
  );
  expect(took).toBeGreaterThan(((body.length - 65_536) / (8 * MB)) * 1000);
  expect(
    (JSON.parse(answer.body) as { files: { received: boolean }[] }).files.map(({ received }) => received),
  ).toEqual(Array(10).fill(true));
});

test('a download keeps to the rate, and is whole', async () => {
  const { hub } = transfers;
  const bytes = Buffer.alloc(6 * MB, 'turnover');
  const { headers } = await create('film.mov', bytes, { 'Content-Length': String(bytes.length) });
  await verifyUpload(hub.ctx, headers.location!.split('/').at(-1)!, { xxh128: '0'.repeat(32) });
  const entryId = hub.db.$client
    .prepare("select id from entries where name = 'film.mov'")
    .pluck()
    .get() as string;
  let answer = { body: '' };
  const took = await tookMs(
    async () =>
      (answer = await transfers.ask('GET', `/files/${entryId}`, {
        headers: { Authorization: 'Bearer sender' },
      })),
  );
  expect(answer.body).toBe(bytes.toString());
  expect(transfers.downloads.sentBytes()).toBe(bytes.length);
  expect(took).toBeGreaterThan(((bytes.length - 2 * 2 ** 20) / (8 * MB)) * 1000);
});

test('a shutdown ends transfers that wait for their rate', async () => {
  const hub = await testHub({ limits: { uploadRates: total(1000) } });
  const slow = await startTransfers({ hub });
  const project = hub.createProject();
  slow.signedIn.set('sender', hub.createPerson({ project }));
  await slow.uploads.boot();
  const send = (filename: string) =>
    slow.ask('POST', '/uploads', {
      headers: {
        ...tus,
        Authorization: 'Bearer sender',
        'Content-Type': 'application/offset+octet-stream',
        'Content-Length': 100_000,
        'Upload-Length': 100_000,
        'Upload-Metadata': metadata({ projectId: project.id, filename }),
      },
      body: Buffer.alloc(100_000),
    });
  const [first, second] = [send('a.bin'), send('b.bin')];
  await expect.poll(() => slow.connections(), { timeout: 20_000 }).toBe(2);
  await slow.uploads.shutdown();
  expect([(await first).status, (await second).status]).toContain(503);
  await slow.close();
});
