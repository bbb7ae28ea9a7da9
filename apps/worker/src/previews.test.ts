/** Previews, from a submitted file to storage. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { previewsOf } from '@turnover/core/previews';
import { reviewAndSubmit, submitRequest } from '@turnover/core/requests/actions';
import { takeOverFiles } from '@turnover/core/requests/files/take-over';
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
    // Measuring the film and making its previews have slots of their own; the subtitles make no previews.
    const kinds = hub.db
      .select()
      .from(jobs)
      .all()
      .map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'runLongStage')).toHaveLength(2);
  },
);

test(
  'a file that is taken over keeps its previews, and others are made anew',
  { timeout: 60_000 },
  async () => {
    const files = [await sampleFile('en.srt', subtitles), await sampleFile('de.srt', subtitles)];
    const { coordinator, request, fileIds } = createSampleDelivery(hub, files);
    submitRequest(coordinator, request);
    await runToTheEnd(hub, pool);
    hub.db.update(requests).set({ status: 'redelivery', round: 2 }).run();
    takeOverFiles(coordinator, request, [
      { fileId: fileIds[0]!, path: 'again.srt' },
      { fileId: fileIds[1]!, path: 'outdated.srt' },
    ]);
    // Changes the version, as an earlier version of the stage left it.
    hub.db.$client
      .prepare(
        "update stage_runs set facts = json_set(facts, '$.version', 0) where stage = 'preview' and file_id = ?",
      )
      .run(fileIds[1]);
    const made: string[] = [];
    const counting: Pool = {
      ...pool,
      stageThreads: pool.stageThreads,
      hashThreads: pool.hashThreads,
      runStage(stage, input, options) {
        if (stage === 'preview') made.push(input.name);
        return pool.runStage(stage, input, options);
      },
    };
    await reviewAndSubmit(coordinator, hub.db.select().from(requests).get()!);
    await runToTheEnd(hub, counting);
    expect(made).toEqual(['outdated.srt']);
    const again = hub.db
      .select()
      .from(deliveredFiles)
      .all()
      .find(({ path }) => path === 'again.srt')!;
    const stages = stagesOf(hub.db, [again.id], hub.clock.now).get(again.id)!;
    expect(stages.find(({ stage }) => stage === 'preview')).toMatchObject({
      status: 'done',
      facts: { previews: 'cues' },
    });
  },
);
