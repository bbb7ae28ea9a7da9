// The most common tus client with its usual options, against the real transfer handlers and without code of this hub.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { startWithSender, type Transfers } from '@turnover/transfer/testing/transfers';
import { Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bytes = randomBytes(3_000_000);
let transfers: Transfers;
let projectId: string;
let count = 0;

beforeAll(async () => {
  ({ transfers, projectId } = await startWithSender());
});

afterAll(() => transfers.close());

function newUpload(name: string, options: Partial<UploadOptions>): { upload: Upload; done: Promise<void> } {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const upload = new Upload(bytes, {
    endpoint: `http://127.0.0.1:${transfers.port}/uploads`,
    headers: { Authorization: 'Bearer sender' },
    chunkSize: 500_000,
    retryDelays: null,
    storeFingerprintForResuming: false,
    onSuccess: () => resolve(),
    onError: reject,
    ...options,
    // Like programs that send variables which were never set: they arrive as the word "undefined".
    metadata: { filename: name, projectId, folderId: undefined as never, relativePath: null as never },
  });
  return { upload, done };
}

async function contentOf(upload: Upload): Promise<Buffer> {
  const id = upload.url!.slice(upload.url!.lastIndexOf('/') + 1);
  return readFile(transfers.hub.storage.incomingPath(id));
}

test.each([{}, { uploadDataDuringCreation: true }, { overridePatchMethod: true }, { chunkSize: 7_000_000 }])(
  'uploads a file with %j',
  async (options) => {
    const { upload, done } = newUpload(`take ${++count}.mov`, options);
    upload.start();
    await done;
    expect((await contentOf(upload)).equals(bytes)).toBe(true);
  },
);

test('resumes a stopped upload at its offset', async () => {
  const starts: number[] = [];
  const { upload, done } = newUpload('stopped.mov', {
    onChunkComplete: (_size, accepted) => {
      starts.push(accepted);
      if (accepted === 1_000_000) void upload.abort().then(() => upload.start());
    },
  });
  upload.start();
  await done;
  expect(starts).toEqual([500_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000]);
  expect((await contentOf(upload)).equals(bytes)).toBe(true);
});

test('removes an upload that was terminated', async () => {
  const { upload } = newUpload('given up.mov', {});
  const aborted = new Promise<void>((resolve, reject) => {
    upload.options.onChunkComplete = () => void upload.abort(true).then(resolve, reject);
  });
  upload.start();
  await aborted;
  const path = new URL(upload.url ?? 'http://x/uploads/x').pathname;
  const { status } = await transfers.ask('HEAD', path, {
    headers: { 'Tus-Resumable': '1.0.0', Authorization: 'Bearer sender' },
  });
  expect([404, 410]).toContain(status);
});
