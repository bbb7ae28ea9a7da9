import { afterEach, beforeEach, expect, test } from 'vitest';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { eq, inArray } from 'drizzle-orm';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { lendSiblings, siblingsOf } from './siblings.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

test('gives a stage the list of present files, and the bytes of documents only', async () => {
  const { db, storage } = scene.hub;
  const request = scene.createRequest();
  const [removed] = ['old.mxf', 'ASSETMAP.xml', 'dolby.xml', 'film.mov', 'video.mxf'].map((path) =>
    scene.deliver(request, path),
  );
  const large = db
    .select()
    .from(deliveredFiles)
    .where(inArray(deliveredFiles.path, ['dolby.xml', 'film.mov']));
  const assetIds = large.all().map(({ assetId }) => assetId);
  db.update(assets).set({ sizeBytes: 40_000_000 }).where(inArray(assets.id, assetIds)).run();
  const video = db.select().from(deliveredFiles).where(eq(deliveredFiles.path, 'video.mxf')).get()!;
  inTransaction(db, (tx) => {
    tx.update(deliveredFiles).set({ removedAt: 1 }).where(eq(deliveredFiles.id, removed!)).run();
    const known = { assetId: video.assetId, at: 1 } as const;
    tx.insert(assetChecksums)
      .values([
        { ...known, algorithm: 'sha1', source: 'computed', value: 'ab' },
        { ...known, algorithm: 'sha1', source: 'declared', value: 'cd' },
      ])
      .run();
  });
  const lent = await lendSiblings(storage, siblingsOf(db, video), (siblings) => Promise.resolve(siblings));
  expect(lent.map(({ name, sha1 }) => [name, sha1])).toEqual([
    ['ASSETMAP.xml', null],
    ['dolby.xml', null],
    ['film.mov', null],
    ['video.mxf', 'ab'],
  ]);
  expect(lent.map(({ path }) => path !== null)).toEqual([true, true, false, false]);
});
