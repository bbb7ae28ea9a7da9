/** Priorities of jobs: a subtitle waits neither for films nor for the frames of a sequence. The tests check claims, not times. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { framesPerJob } from '@turnover/domain/server/jobs';
import { computeChecksums, computingOf } from '@turnover/core/requests/receipts/wanted-checksums';
import { createSampleDelivery, type SampleFile } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { openPool, type Pool } from './pool.ts';
import { createRunner, createRunners } from './runner.ts';
import { sampleFile, toolsOf } from './testing/worker.ts';

let pool: Pool;
let hub: TestHub;

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

function submit(files: readonly SampleFile[]): void {
  const { coordinator, request } = createSampleDelivery(hub, files);
  submitRequest(coordinator, request);
}

/** Records each run as `stage name`, and returns what the test decides. */
function recording(work: Pool['runStage']): { runs: string[]; recorded: Pool } {
  const runs: string[] = [];
  const runStage: Pool['runStage'] = (stage, input, options) => {
    runs.push(`${stage} ${input.name}`);
    return work(stage, input, options);
  };
  return { runs, recorded: { ...pool, stageThreads: 1, hashThreads: 1, runStage } };
}

const passes: Pool['runStage'] = async () => ({ kind: 'skipped', reason: 'not_inspected' });

test('a subtitle passes all of its stages while a film occupies the long lane and others wait for it', async () => {
  const film = { ...(await sampleFile('one.mov', 'x')), sizeBytes: 900e9 };
  const filmsEnd = Promise.withResolvers<void>();
  const subtitleEnds = Promise.withResolvers<void>();
  const { runs, recorded } = recording(async (stage, input, options) => {
    if (input.name.endsWith('.mov')) await filmsEnd.promise;
    if (stage === 'encode' && input.name.endsWith('.srt')) subtitleEnds.resolve();
    return passes(stage, input, options);
  });
  submit([film, { ...film, path: 'two.mov' }]);
  submit([await sampleFile('cut.en.srt', 'some words')]);
  const runner = createRunners(toolsOf(hub.ctx, recorded));
  runner.wake();
  await subtitleEnds.promise;
  expect(runs.filter((run) => run.endsWith('.mov'))).toEqual(['checksum one.mov']);
  const ofSubtitle = ['checksum', 'inspect', 'text', 'preview', 'encode'].map(
    (stage) => `${stage} cut.en.srt`,
  );
  expect(runs.filter((run) => run.endsWith('.srt'))).toEqual(ofSubtitle);
  filmsEnd.resolve();
  // The end of a stage in one lane queues the next stage in the other.
  for (let turn = 0; turn < 20; turn += 1) await runner.runUntilIdle();
  expect(runs).toContain('encode two.mov');
  await runner.stop();
});

test('a subtitle passes all of its stages while the checksums of a film are computed on demand', async () => {
  const filmsEnd = Promise.withResolvers<void>();
  const filmBegins = Promise.withResolvers<void>();
  const subtitleEnds = Promise.withResolvers<void>();
  const { runs, recorded } = recording(async (stage, input, options) => {
    if (stage === 'encode' && input.name.endsWith('.srt')) subtitleEnds.resolve();
    return passes(stage, input, options);
  });
  const hashWhole: Pool['hashWhole'] = async (file, signal) => {
    filmBegins.resolve();
    await filmsEnd.promise;
    return pool.hashWhole(file, signal);
  };
  const runner = createRunners(toolsOf(hub.ctx, { ...recorded, hashWhole }));
  const film = createSampleDelivery(hub, [await sampleFile('one.mov', 'x')]);
  submitRequest(film.coordinator, film.request);
  for (let turn = 0; turn < 20; turn += 1) await runner.runUntilIdle();
  computeChecksums(film.coordinator, film.request, { number: 1, algorithms: ['md5'] });
  runner.wake();
  await filmBegins.promise;
  submit([await sampleFile('cut.en.srt', 'some words')]);
  runner.wake();
  await subtitleEnds.promise;
  const round = { requestId: film.request.id, number: 1 };
  expect(computingOf(hub.db, round)).toEqual(['md5']);
  expect(runs.filter((run) => run.endsWith('.srt'))).toHaveLength(5);
  filmsEnd.resolve();
  await runner.runUntilIdle();
  expect(computingOf(hub.db, round)).toEqual([]);
  await runner.stop();
});

test('a subtitle that is submitted after a sequence waits only for the frames of one job', async () => {
  const frame = await sampleFile('shot.exr', 'a frame');
  submit(Array.from({ length: 3 * framesPerJob }, (_, at) => ({ ...frame, path: `shot.${1000 + at}.exr` })));
  const begun = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { runs, recorded } = recording(passes);
  const ofFrames: number[] = [];
  const runStageBatch: Pool['runStageBatch'] = async (stage, inputs, signal) => {
    ofFrames.push(runs.length);
    begun.resolve();
    await goOn.promise;
    return pool.runStageBatch(stage, inputs, signal);
  };
  const runner = createRunner(toolsOf(hub.ctx, { ...recorded, runStageBatch }));
  runner.wake();
  await begun.promise;
  submit([await sampleFile('cut.en.srt', 'some words')]);
  goOn.resolve();
  await runner.runUntilIdle();
  // Number of stages of the subtitle that had ended: none during the two jobs of the first frames, all of them afterwards.
  expect(runs.every((run) => run.endsWith('.srt'))).toBe(true);
  expect(ofFrames).toEqual([0, 0, ...Array(4).fill(runs.length)]);
  expect(runs).toContain('encode cut.en.srt');
  await runner.stop();
});
