/** Fills a real disk during an upload: the hub answers 507 with the safe offset, and the upload resumes once there is room. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { mountSmallDisk, removeSmallDisk } from '@turnover/db/testing/small-disk';
import { ask, startTransfers, tus, type Transfers } from './testing/transfers.ts';

const MiB = 1024 * 1024;
const sizeBytes = 12 * MiB;
/** The number of safe bytes before the disk fills. */
const first = 2 * MiB;

const disk = mountSmallDisk(32);
afterAll(() => removeSmallDisk(disk));

describe.skipIf(disk === null)('on a disk with less room than the upload (needs root, to mount one)', () => {
  const filler = join(disk ?? '', 'filler');
  let transfers: Transfers;
  let path: string;
  let bytes: Buffer;

  beforeEach(async () => {
    transfers = await startTransfers();
    const { hub } = transfers;
    // Uploads arrive on the small disk.
    const incoming = join(hub.folder, 'incoming');
    rmSync(incoming, { recursive: true });
    symlinkSync(disk!, incoming);
    const project = hub.createProject();
    const sender = hub.createPerson({ project });
    transfers.signedIn.set('sender', sender);
    const input = { projectId: project.id, filename: 'reel.mov', sizeBytes, replace: false };
    path = (await beginUpload(hub.as(sender), input)).uploadUrl;
    bytes = randomBytes(sizeBytes);
  });
  afterEach(async () => {
    await transfers.close();
    execFileSync('find', [disk!, '-type', 'f', '-delete']);
  });

  const headers = { ...tus, Authorization: 'Bearer sender' };
  const partOf = () => transfers.hub.storage.incomingPath(path.slice('/uploads/'.length));
  const offsetOf = async () =>
    Number((await ask(transfers.port, 'HEAD', path, { headers })).headers['upload-offset']);

  function send(from: number, to = sizeBytes, more: Record<string, string> = {}) {
    const body = bytes.subarray(from, to);
    const about = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': from };
    return ask(transfers.port, 'PATCH', path, {
      headers: { ...headers, ...about, 'Content-Length': body.length, ...more },
      body,
    });
  }

  /** Fills the disk until this many bytes are free. */
  function leave(left: number): void {
    const { bavail, bsize } = statfsSync(disk!);
    writeFileSync(filler, Buffer.alloc(bavail * bsize - left));
  }

  test.each([
    ['nothing', 0],
    ['less than one write', MiB],
    ['some writes, and a piece of one', 5 * MiB + 4096 * 3],
    ['all but its last page', sizeBytes - first - 4096],
  ])('room for %s', async (_, left) => {
    expect((await send(0, first)).status).toBe(204);
    leave(left);
    const refused = await send(first);
    expect(refused.status).toBe(507);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.body).toMatch(/disk of the hub is full/);

    const offset = await offsetOf();
    expect(offset).toBeGreaterThanOrEqual(first);
    expect(offset).toBeLessThanOrEqual(first + left);
    const kept = readFileSync(partOf());
    expect(kept.subarray(0, offset).equals(bytes.subarray(0, offset))).toBe(true);
    // Bytes that were written but not synced when the disk filled do not count; resuming at another offset is refused.
    const elsewhere = await send(offset + 4096);
    expect([elsewhere.status, elsewhere.headers['upload-offset']]).toEqual([409, String(offset)]);

    expect((await send(offset)).status).toBe(507);
    expect(await offsetOf()).toBeGreaterThanOrEqual(offset);

    rmSync(filler);
    const answer = await send(await offsetOf());
    expect([answer.status, answer.headers['upload-offset']]).toEqual([204, String(sizeBytes)]);
    expect(readFileSync(partOf()).equals(bytes)).toBe(true);
  });

  test('counts all of a body with a checksum, or none of it', async () => {
    leave(5 * MiB);
    const refused = await send(0, sizeBytes, { 'Upload-Checksum': `md5 ${'A'.repeat(22)}==` });
    expect(refused.status).toBe(507);
    expect(await offsetOf()).toBe(0);
    expect(readFileSync(partOf())).toHaveLength(0);
  });
});
