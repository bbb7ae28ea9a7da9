/** Previews, from a submitted file to storage. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { previewsOf } from '@turnover/core/assets/previews';
import { submitRequest } from '@turnover/core/requests/actions';
import { stagesOf } from '@turnover/core/requests/processing/view';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { jobs } from '@turnover/db/schema/jobs';
import { openPool, type Pool } from './pool.ts';
import { runToTheEnd, sampleFile } from './testing/worker.ts';

let hub: TestHub;
let pool: Pool;
beforeEach(async () => {
  hub = await testHub();
  pool = openPool(2);
});
afterEach(async () => {
  await pool.close();
  hub.close();
});

const subtitles = '1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n';

test(
  'previews of a file are stored, and a bad file does not stop the others',
  { timeout: 60_000 },
  async () => {
    const files = [
      await sampleFile('reel/en.srt', subtitles),
      await sampleFile('reel/film.mov', '#EXTM3U\n/etc/passwd\n'),
    ];
    const { coordinator, request, fileIds } = createSampleDelivery(hub, files);
    submitRequest(coordinator, request);
    await runToTheEnd(hub, pool);
    expect(hub.db.select().from(requests).get()!.status).toBe('processed');
    const previewStage = (at: number) =>
      stagesOf(hub.db, fileIds, hub.clock.now)
        .get(fileIds[at]!)!
        .find(({ stage }) => stage === 'preview');
    expect(previewStage(0)).toMatchObject({ status: 'done', facts: { previews: 'cues' } });
    expect(previewStage(1)).toMatchObject({ status: 'skipped', skipReason: 'no_preview' });
    const { assetId } = hub.db
      .select()
      .from(deliveredFiles)
      .all()
      .find(({ id }) => id === fileIds[0])!;
    expect(previewsOf(hub.db, assetId)).toMatchObject([{ kind: 'cues', sizeBytes: expect.any(Number) }]);
    const file = await hub.storage.openPreview(assetId, 'cues');
    expect(JSON.parse(await file.readFile('utf8'))).toMatchObject({
      total: 1,
      cues: [{ text: 'Good evening.' }],
    });
    await file.close();
    // Only the film has a slot of its own.
    const kinds = hub.db
      .select()
      .from(jobs)
      .all()
      .map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'runLongStage')).toHaveLength(1);
  },
);
