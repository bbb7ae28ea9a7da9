import { truncateSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileToScrub } from '@turnover/core/doctor/scrub';
import { damages } from '@turnover/db/schema/damages';
import { damageScene, flipBit } from '@turnover/core/testing/damages';
import { verifyUpload } from '@turnover/core/uploads/verification';
import { dayMs } from '@turnover/domain/days';
import { hashStep } from '@turnover/processing/hash';
import type { Pool } from './pool.ts';
import { startScrubber, type Scrubber } from './scrubber.ts';
import { xxh128Of } from './testing/worker.ts';

let scene: Awaited<ReturnType<typeof damageScene>>;
let scrubber: Scrubber | undefined;
beforeEach(async () => {
  scene = await damageScene();
});
afterEach(async () => {
  await scrubber?.stop();
  scene.hub.close();
});

async function store(filename: string, content: string): Promise<string> {
  const uploadId =
    content === '' ? await scene.begin({ filename, sizeBytes: 0 }) : await scene.send({ filename }, content);
  await verifyUpload(scene.hub.ctx, uploadId, { xxh128: await xxh128Of(Buffer.from(content)) });
  return scene.rowOf(uploadId).assetId!;
}

const start = (pool: Pick<Pool, 'runHashStep'> = { runHashStep: (step) => hashStep(step) }) =>
  startScrubber({ ctx: scene.hub.ctx, care: scene.care, pool, days: 30, rest: 0 });

test('reads all due files in the background and stores the damage', async () => {
  const [whole, broken] = [await store('whole.mov', 'bytes'), await store('broken.mov', 'bytes')];
  const empty = await store('empty.mov', '');
  flipBit(scene.care.assetPath(broken));
  scene.hub.clock.advance(30 * dayMs);
  scrubber = start();
  const readBack = scene.hub.db.$client.prepare('select count(*) from assets where read_back_at is not null');
  await expect.poll(() => readBack.pluck().get()).toBe(3);
  const found = scene.hub.db.select().from(damages).all();
  expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([['changed', broken]]);
  expect([whole, empty]).not.toContain(found[0]!.subject);
  expect(scene.hub.logged.filter(({ event }) => event === 'scrubber.failed')).toEqual([]);
});

test('stops between two steps of a file, which is no damage and due again', async () => {
  const assetId = await store('long.mov', 'bytes');
  const sizeBytes = 200 * 1024 * 1024;
  truncateSync(scene.care.assetPath(assetId), sizeBytes);
  scene.hub.db.$client.prepare('update assets set size_bytes = ? where id = ?').run(sizeBytes, assetId);
  scene.hub.clock.advance(30 * dayMs);
  let steps = 0;
  scrubber = start({
    async runHashStep(step) {
      steps += 1;
      void scrubber!.stop();
      return hashStep(step);
    },
  });
  await expect.poll(() => steps).toBeGreaterThan(0);
  await scrubber.stop();
  expect(steps).toBe(1);
  expect(scene.hub.db.select().from(damages).all()).toEqual([]);
  expect(fileToScrub(scene.hub.ctx, 30)?.id).toBe(assetId);
});
