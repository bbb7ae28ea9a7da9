/** Previews on demand, from the request for them to storage. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askForPreviews, viewPreviewRuns } from '@turnover/core/assets/preview-runs';
import { submitRequest } from '@turnover/core/requests/actions';
import { stagesOf } from '@turnover/core/requests/processing/view';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { assetPreviews } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { openPool, type Pool } from './pool.ts';
import { runToTheEnd, sampleFile } from './testing/worker.ts';

let hub: TestHub;
let pool: Pool;
let sender: ReturnType<typeof createSampleDelivery>['coordinator'];
beforeEach(async () => {
  hub = await testHub();
  pool = openPool(2);
});
afterEach(async () => {
  await pool.close();
  hub.close();
});

/** Asks for previews of files that are not submitted, and waits for them. */
async function askFor(contents: Record<string, string>, through = pool): Promise<PreviewRunView[]> {
  const samples = await Promise.all(
    Object.entries(contents).map(([path, content]) => sampleFile(path, content)),
  );
  const { coordinator } = createSampleDelivery(hub, samples);
  sender = coordinator;
  const files = hub.db.select().from(deliveredFiles).all();
  const wanted = files.map(({ assetId, path }) => ({ assetId, name: path }));
  inTransaction(hub.db, (tx) => askForPreviews(tx, hub.ctx, wanted, { askedBy: coordinator.person.id }));
  await runToTheEnd(hub, through);
  return viewPreviewRuns(
    hub.ctx,
    files.map(({ path, assetId }) => ({ id: path, assetId })),
  ).toSorted((one, other) => one.id.localeCompare(other.id));
}

const subtitles = '1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n';

test('makes previews without marking the file as inspected', { timeout: 60_000 }, async () => {
  expect(await askFor({ 'en.srt': subtitles, 'notes.txt': 'x' })).toMatchObject([
    { id: 'en.srt', status: 'ended', reason: null, previews: ['cues'] },
    { id: 'notes.txt', status: 'ended', reason: 'no_preview', previews: [] },
  ]);
  expect(hub.db.select().from(stageRuns).all()).toEqual([]);
});

test(
  'makes the previews of the other files when the stage throws for one file',
  { timeout: 60_000 },
  async () => {
    const breaking: Pool = {
      ...pool,
      stageThreads: pool.stageThreads,
      hashThreads: pool.hashThreads,
      runStage: (stage, input, options) =>
        input.name === 'b.srt'
          ? Promise.reject(new Error('It broke.'))
          : pool.runStage(stage, input, options),
    };
    expect(
      await askFor({ 'a.srt': subtitles, 'b.srt': `${subtitles}\n`, 'c.srt': `${subtitles}\n\n` }, breaking),
    ).toMatchObject([
      { id: 'a.srt', previews: ['cues'] },
      { id: 'b.srt', reason: 'crashed', previews: [] },
      { id: 'c.srt', previews: ['cues'] },
    ]);
  },
);

test('gives up a single file when the stage always throws', { timeout: 60_000 }, async () => {
  const breaking: Pool = {
    ...pool,
    stageThreads: pool.stageThreads,
    hashThreads: pool.hashThreads,
    runStage: () => Promise.reject(new Error('It broke.')),
  };
  expect(await askFor({ 'a.srt': subtitles }, breaking)).toMatchObject([
    { status: 'ended', previews: [], reason: 'crashed' },
  ]);
});

test(
  'makes no previews on a disk that is nearly full, and states the reason',
  { timeout: 60_000 },
  async () => {
    hub.storage.freeBytes = () => Promise.resolve(0);
    expect(await askFor({ 'a.srt': subtitles })).toMatchObject([{ reason: 'no_space', previews: [] }]);
    expect(hub.db.select().from(assetPreviews).all()).toEqual([]);
  },
);

test(
  'takes over previews that were made before a delivery, unless they are missing, outdated, a mere waveform, or of another kind of text',
  { timeout: 60_000 },
  async () => {
    const names = ['a.srt', 'gone.srt', 'old.srt', 'other.vtt', 'bare.srt', 'drawn.srt'];
    await askFor(Object.fromEntries(names.map((name, at) => [name, subtitles + '\n'.repeat(at)])));
    const files = new Map(
      hub.db
        .select()
        .from(deliveredFiles)
        .all()
        .map((file) => [file.path, file]),
    );
    const change = (sql: string, name: string) =>
      hub.db.$client.prepare(`${sql} where asset_id = ?`).run(files.get(name)!.assetId);
    change('delete from asset_previews', 'gone.srt');
    change("update preview_runs set facts = json_set(facts, '$.version', 0)", 'old.srt');
    // It was read as another kind of text.
    change("update preview_runs set name = 'other.srt'", 'other.vtt');
    // As if they were sound, of which the machine could only draw the waveform, and for which it had ffmpeg.
    for (const name of ['bare.srt', 'drawn.srt']) {
      change("update asset_previews set kind = 'peaks'", name);
      change("update preview_runs set facts = json_set(facts, '$.previews', 'peaks')", name);
    }
    change("update preview_runs set facts = json_set(facts, '$.ffmpeg', '5')", 'drawn.srt');
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
    submitRequest(sender, hub.db.select().from(requests).get()!);
    await runToTheEnd(hub, counting);
    expect(made.toSorted()).toEqual(['bare.srt', 'gone.srt', 'old.srt', 'other.vtt']);
    const { id } = files.get('a.srt')!;
    expect(stagesOf(hub.db, [id], hub.clock.now).get(id)).toContainEqual(
      expect.objectContaining({
        stage: 'preview',
        status: 'done',
        facts: expect.objectContaining({ previews: 'cues' }),
      }),
    );
  },
);
