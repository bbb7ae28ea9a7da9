import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { previewRuns } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { makeFilePreviews, viewFilePreviews } from './previews.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

test('a frame whose bytes were freed has ended without a preview, and stops no other', () => {
  const { db } = scene.hub;
  const request = scene.createRequest();
  const fileIds = [1, 2].map((frame) => scene.deliver(request, `a.000${frame}.dpx`));
  const gone = { removedAt: 1, removal: 'removed' as const, removedRound: 2, purgedAt: 2 };
  db.update(deliveredFiles).set(gone).where(eq(deliveredFiles.id, fileIds[0]!)).run();
  const ctx = scene.hub.as(scene.people.partner);
  const views = makeFilePreviews(ctx, { request, fileIds });
  expect(views.map(({ id, status, reason }) => [id, status, reason])).toEqual([
    [fileIds[0], 'ended', 'bytes_missing'],
    [fileIds[1], 'waiting', null],
  ]);
  expect(viewFilePreviews(ctx, { request, fileIds })).toEqual(views);
  expect(db.select().from(previewRuns).all()).toHaveLength(1);
});

test('a file of another request is not found', async () => {
  const [request, other] = [scene.createRequest(), scene.createRequest()];
  const wanted = { request: other, fileIds: [scene.deliver(request, 'a.0001.dpx')] };
  const ctx = scene.hub.as(scene.people.partner);
  expect((await refusalOf(() => makeFilePreviews(ctx, wanted))).code).toBe('not_found');
});
