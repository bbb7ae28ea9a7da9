import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inTransaction } from '@turnover/db/transaction';
import type { FoundCapabilities } from '@turnover/domain/server/capabilities';
import { claim, complete, enqueue, underLease } from '../jobs.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { describeCapabilities, recordCapabilities } from './capabilities.ts';
import { recordOutsideStages } from '../requests/processing/outside-stages.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const tools: FoundCapabilities['tools'] = {
  node: '24.1.0',
  'mediainfo.js': '0.3.8',
  sharp: '0.35.5',
  'hash-wasm': '4.13.0',
  'xxhash-addon': '2.1.0',
  ffmpeg: null,
  ffprobe: null,
  prlimit: '2.41',
};
const found: FoundCapabilities = { tools, outsideStages: [], slots: { short: 3, long: 1 } };
const describeNow = () => describeCapabilities(scene.hub.ctx);

describe('stages and tools', () => {
  test('before a worker has started, no stage or tool is listed as available', () => {
    expect(describeNow()).toMatchObject({ foundAt: null, stages: [], dead: { total: 0, jobs: [] } });
    expect(describeNow().tools.every(({ version }) => version === null)).toBe(true);
  });

  test('a missing tool makes a stage partly real, and the encode stays simulated', () => {
    recordCapabilities(scene.hub.ctx, found);
    const condition = (stage: string) => describeNow().stages.find((each) => each.stage === stage);
    expect(condition('preview')).toMatchObject({ condition: 'partly', missing: ['ffmpeg'] });
    expect(condition('checksum')).toMatchObject({ condition: 'real', missing: [] });
    expect(condition('encode')).toMatchObject({ condition: 'simulated' });
    recordCapabilities(scene.hub.ctx, { ...found, tools: { ...tools, ffmpeg: '7.1' } });
    expect(condition('preview')).toMatchObject({ condition: 'real' });
    expect(describeNow().tools).toContainEqual({ name: 'ffmpeg', version: '7.1' });
  });

  test('an outside stage that the worker no longer has is not listed', () => {
    const words = { name: { en: 'Loudness' }, facts: {} };
    const stage = { name: 'x-house.loudness', words, failures: {}, skips: {}, timeLimitMs: 1000 };
    recordOutsideStages(scene.hub.ctx, [stage]);
    recordCapabilities(scene.hub.ctx, { ...found, outsideStages: [stage.name] });
    const last = () => describeNow().stages.at(-1);
    expect(last()).toMatchObject({ stage: stage.name, condition: 'real', name: { en: 'Loudness' } });
    recordCapabilities(scene.hub.ctx, found);
    expect(last()).toMatchObject({ condition: 'absent' });
  });
});

test('counts the queue by lane, and what ended in the last hour and day', () => {
  const { ctx, clock, db } = scene.hub;
  recordCapabilities(ctx, found);
  const add = (kind: 'runStage' | 'runLongStage', runAt?: number) =>
    inTransaction(db, (tx) =>
      enqueue(tx, ctx, kind, { stageRunId: ctx.newId('stageRun') }, runAt ? { runAt } : {}),
    );
  const end = () => {
    const job = claim(ctx)!;
    underLease(db, job, (tx) => complete(tx, ctx, job));
  };
  add('runStage');
  end();
  clock.advance(2 * 3600_000);
  add('runLongStage');
  end();
  inTransaction(db, (tx) => enqueue(tx, ctx, 'runFrames', { fileIds: [ctx.newId('deliveredFile')] }));
  end();
  const since = clock.now;
  add('runStage');
  add('runStage');
  add('runLongStage', clock.now + 5000);
  const hash = { requestId: ctx.newId('request'), round: 1, algorithms: ['md5' as const], after: '' };
  inTransaction(db, (tx) => enqueue(tx, ctx, 'hashRound', hash, { runAt: clock.now + 9000 }));
  claim(ctx);
  const { lanes, throughput } = describeNow();
  expect(lanes).toEqual([
    { lane: 'short', running: 1, waiting: 1, later: 0, slots: 3, waitingSince: since },
    { lane: 'long', running: 0, waiting: 0, later: 2, slots: 1, waitingSince: null },
    { lane: 'mail', running: 0, waiting: 0, later: 0, slots: null, waitingSince: null },
  ]);
  expect(throughput).toEqual({ lastHour: 2, lastDay: 3 });
});
