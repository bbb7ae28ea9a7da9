// Uppy, the usual uploader of web pages, with its usual options, against the real transfer handlers.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { startWithSender, type Transfers } from '@turnover/transfer/testing/transfers';
import Uppy from '@uppy/core';
import Tus from '@uppy/tus';
import { afterAll, beforeAll, expect, test } from 'vitest';

let transfers: Transfers;
let projectId: string;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
});

afterAll(() => transfers.close());

function newUppy(chunkSize = Infinity): Uppy {
  const uppy = new Uppy();
  uppy.setMeta({ projectId });
  return uppy.use(Tus, {
    endpoint: `http://127.0.0.1:${transfers.port}/uploads`,
    headers: { authorization: 'Bearer sender' },
    retryDelays: [],
    chunkSize,
  });
}

/** In Node, Uppy's tus client takes a Buffer where a browser has a Blob. */
function add(uppy: Uppy, name: string, bytes: Buffer): string {
  return uppy.addFile({ name, type: 'video/quicktime', data: bytes as never });
}

async function contentOf(uploadUrl: string | undefined): Promise<Buffer> {
  return readFile(transfers.hub.storage.incomingPath(uploadUrl!.slice(uploadUrl!.lastIndexOf('/') + 1)));
}

test('uploads several files at once, also an empty one and a name in another script', async () => {
  const files = new Map([
    ['feature.mov', randomBytes(3_000_000)],
    ['título — 音.wav', randomBytes(10_000)],
    ['empty.edl', Buffer.alloc(0)],
  ]);
  const uppy = newUppy();
  for (const [name, bytes] of files) add(uppy, name, bytes);
  const { successful, failed } = (await uppy.upload())!;
  expect(failed).toEqual([]);
  expect(successful!.map(({ name }) => name).sort()).toEqual([...files.keys()].sort());
  for (const { name, uploadURL } of successful!) {
    expect((await contentOf(uploadURL)).equals(files.get(name)!), name).toBe(true);
  }
});

test('resumes a paused upload', async () => {
  const bytes = randomBytes(3_000_000);
  const uppy = newUppy(500_000);
  const id = add(uppy, 'paused.mov', bytes);
  let pauses = 0;
  uppy.on('upload-progress', (file, { bytesUploaded }) => {
    if (file?.id !== id || bytesUploaded < 1_000_000 || pauses++ > 0) return;
    uppy.pauseResume(id);
    setTimeout(() => uppy.pauseResume(id));
  });
  const { successful } = (await uppy.upload())!;
  expect(pauses).toBeGreaterThan(0);
  expect((await contentOf(successful![0]!.uploadURL)).equals(bytes)).toBe(true);
});

test('shows what the hub answers to a name that is taken', async () => {
  const first = newUppy();
  add(first, 'taken.mov', Buffer.from('one'));
  expect((await first.upload())!.failed).toEqual([]);
  const second = newUppy();
  add(second, 'taken.mov', Buffer.from('two'));
  const { failed } = (await second.upload())!;
  expect(failed![0]!.error).toContain('name_taken');
});
