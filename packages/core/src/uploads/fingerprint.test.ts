import { truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createXXHash128, xxhash128 } from 'hash-wasm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { samplesOf } from '@turnover/domain/workspace/upload-samples';
import { refusalOf } from '../testing/requests.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { finishUpload, recordDurableOffset } from './completion.ts';
import { fingerprintUpload } from './fingerprint.ts';
import { discardUpload } from './uploads.ts';
import { recordHashed } from './verification.ts';

let scene: UploadScene;

beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const bytes = randomBytes(3_000_000);

/** Creates an upload whose first `durable` bytes are durable. Its file contains more bytes. */
async function begun(durable: number, sizeBytes = bytes.length): Promise<string> {
  const id = await scene.begin({ sizeBytes });
  writeFileSync(scene.hub.storage.incomingPath(id), bytes);
  recordDurableOffset(scene.ctx, id, durable);
  return id;
}

const fingerprint = (id: string) => fingerprintUpload(scene.ctx, scene.rowOf(id));

test.each([0, 1, 65_536, 1_048_576, 1_048_577, 2_999_999])(
  'hashes samples of %i durable bytes',
  async (durable) => {
    const parts = samplesOf(durable).map(({ from, to }) => bytes.subarray(from, to));
    expect(await fingerprint(await begun(durable))).toEqual({
      bytes: durable,
      sampled: await xxhash128(Buffer.concat(parts)),
      whole: null,
    });
  },
);

test('returns the hash of all bytes that the worker has hashed, without reading them', async () => {
  const id = await begun(2_000_000);
  const hasher = (await createXXHash128()).init().update(bytes.subarray(0, 1_500_000));
  const state = Buffer.from(hasher.save()).toString('base64');
  recordHashed(scene.ctx, id, 0, 1_500_000, { xxh128: state });
  const expected = { bytes: 1_500_000, xxh128: await xxhash128(bytes.subarray(0, 1_500_000)) };
  expect((await fingerprint(id)).whole).toEqual(expected);
  // The worker continues from the same state afterwards.
  expect(scene.rowOf(id).hashState).toEqual({ xxh128: state });
});

test('throws upload_gone for an upload that has ended, and for one whose bytes are lost', async () => {
  const finished = await scene.send();
  finishUpload(scene.hub.ctx, finished);
  expect((await refusalOf(() => fingerprint(finished))).code).toBe('upload_gone');

  const lost = await scene.begin({ filename: 'lost.mov', sizeBytes: 3_000_000 });
  writeFileSync(scene.hub.storage.incomingPath(lost), bytes);
  recordDurableOffset(scene.ctx, lost, 2_000_000);
  truncateSync(scene.hub.storage.incomingPath(lost), 1_999_999);
  expect((await refusalOf(() => fingerprint(lost))).code).toBe('upload_gone');

  const discarded = scene.rowOf(lost);
  await discardUpload(scene.ctx, discarded);
  expect((await refusalOf(() => fingerprintUpload(scene.ctx, discarded))).code).toBe('upload_gone');
});
