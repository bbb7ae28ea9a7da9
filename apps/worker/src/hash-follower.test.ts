import { appendFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PersonContext } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { finishUpload, recordDurableOffset } from '@turnover/core/uploads/completion';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { beginUploadInput } from '@turnover/domain/workspace/uploads';
import { createHashFollower } from './hash-follower.ts';
import { openPool, type Pool } from './pool.ts';
import { md5Of, xxh128Of } from './testing/worker.ts';

const bytes = randomBytes(700_001);
let pool: Pool;
let hub: TestHub;
let person: PersonContext;
let projectId: string;

beforeAll(() => {
  pool = openPool(2);
});

afterAll(() => pool.close());

beforeEach(async () => {
  hub = await testHub();
  const project = hub.createProject();
  projectId = project.id;
  person = hub.as(hub.createPerson({ project, role: 'partner' }));
});

afterEach(() => {
  hub.close();
});

async function begin(filename: string, sizeBytes: number, checksum?: string): Promise<string> {
  const input = beginUploadInput.parse({ projectId, filename, sizeBytes, checksum });
  return (await beginUpload(person, input)).uploadId;
}

function arrive(uploadId: string, from: number, to: number): void {
  appendFileSync(hub.storage.incomingPath(uploadId), bytes.subarray(from, to));
  recordDurableOffset(hub.ctx, uploadId, to);
}

/** Creates a new follower each time, as after a restart. */
function follow(): Promise<void> {
  return createHashFollower({ ctx: hub.ctx, pool }).runUntilIdle();
}

function upload(uploadId: string) {
  return hub.db
    .select()
    .from(uploads)
    .all()
    .find((row) => row.id === uploadId)!;
}

function checksums() {
  const rows = hub.db.select().from(assetChecksums).all();
  return Object.fromEntries(rows.map((row) => [`${row.source} ${row.algorithm}`, row.value]));
}

describe('an upload', () => {
  test('is hashed up to its durable offset, across restarts, and published with its last byte', async () => {
    const md5 = md5Of(bytes);
    const id = await begin('feature.mov', bytes.length, `md5:${md5}`);
    await follow();
    expect(upload(id).hashedOffset).toBe(0);
    for (const [from, to] of [
      [0, 100_000],
      [100_000, 100_001],
      [100_001, bytes.length],
    ] as const) {
      arrive(id, from, to);
      await follow();
      expect(upload(id)).toMatchObject({ hashedOffset: to, status: 'uploading' });
    }
    finishUpload(hub.ctx, id);
    await follow();
    expect(upload(id).status).toBe('complete');
    expect(hub.db.select().from(assets).all()).toMatchObject([{ state: 'stored' }]);
    expect(checksums()).toEqual({
      'computed xxh128': await xxh128Of(bytes),
      'computed md5': md5,
      'declared md5': md5,
    });
  });

  test('that is empty gets a checksum', async () => {
    const id = await begin('empty.txt', 0);
    await follow();
    expect(upload(id).status).toBe('complete');
    expect(checksums()).toEqual({ 'computed xxh128': '99aa06d3014798d86001c324468d497f' });
  });

  test('that differs from its declared checksum is not published', async () => {
    const id = await begin('feature.mov', bytes.length, `md5:${'0'.repeat(32)}`);
    arrive(id, 0, bytes.length);
    finishUpload(hub.ctx, id);
    const onVerified = vi.fn();
    await createHashFollower({ ctx: hub.ctx, pool, onVerified }).runUntilIdle();
    expect(onVerified.mock.calls).toEqual([['mismatch']]);
    expect(upload(id)).toMatchObject({ status: 'mismatch', computedValue: md5Of(bytes) });
    expect(hub.db.select().from(assets).all()).toMatchObject([{ state: 'rejected' }]);
  });

  test('whose file was published just before a crash is still completed', async () => {
    const id = await begin('feature.mov', bytes.length);
    arrive(id, 0, bytes.length);
    await follow();
    finishUpload(hub.ctx, id);
    await hub.storage.publish(id, upload(id).assetId!);
    await follow();
    expect(upload(id).status).toBe('complete');
    expect(await hub.storage.hasIncoming(id)).toBe(false);
  });
});

test('a small file that matches or differs is settled by one commit of the worker', async () => {
  const ids = [await begin('a.dpx', 1000), await begin('b.dpx', 1000, `md5:${'0'.repeat(32)}`)];
  for (const id of ids) {
    arrive(id, 0, 1000);
    finishUpload(hub.ctx, id);
  }
  const before = hub.db.$client.prepare('select hashed_offset from uploads').pluck().all();
  const commits = vi.spyOn(hub.db, 'transaction');
  await follow();
  expect(before).toEqual([0, 0]);
  expect(ids.map((id) => upload(id).status)).toEqual(['complete', 'mismatch']);
  expect(commits).toHaveBeenCalledTimes(2);
});

test('many uploads share the threads and never run more steps than threads', async () => {
  const ids: string[] = [];
  for (let number = 0; number < 12; number++) {
    const id = await begin(`${number}.dpx`, 1000);
    arrive(id, 0, 1000);
    finishUpload(hub.ctx, id);
    ids.push(id);
  }
  let underWay = 0;
  let peak = 0;
  const counting: Pool = {
    ...pool,
    async runHashStep(step) {
      peak = Math.max(peak, ++underWay);
      return pool.runHashStep(step).finally(() => (underWay -= 1));
    },
  };
  await createHashFollower({ ctx: hub.ctx, pool: counting }).runUntilIdle();
  expect(ids.map((id) => upload(id).status)).toEqual(Array(12).fill('complete'));
  expect(peak).toBe(pool.hashThreads);
});

test('an upload whose result finds the database busy is tried again soon, and is no failure', async () => {
  const id = await begin('feature.mov', bytes.length);
  arrive(id, 0, bytes.length);
  finishUpload(hub.ctx, id);
  vi.spyOn(hub.db, 'transaction').mockImplementationOnce(() => {
    throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });
  });
  const follower = createHashFollower({ ctx: hub.ctx, pool });
  await follower.runUntilIdle();
  expect(upload(id).status).toBe('verifying');
  await expect.poll(() => upload(id).status).toBe('complete');
  await follower.stop();
  expect(hub.logged).toEqual([]);
});

test('an unreadable file does not delay others', async () => {
  const lost = await begin('lost.mov', bytes.length);
  recordDurableOffset(hub.ctx, lost, bytes.length);
  const good = await begin('good.mov', bytes.length);
  arrive(good, 0, bytes.length);
  const follower = createHashFollower({ ctx: hub.ctx, pool });
  await follower.runUntilIdle();
  await follower.stop();
  expect(upload(good).hashedOffset).toBe(bytes.length);
  expect(upload(lost).hashedOffset).toBe(0);
  expect(hub.logged.map(({ event }) => event)).toContain('upload.hashingFailed');
});
