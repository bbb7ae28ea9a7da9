/** Outside stages, end to end: the example of docs/stages.md, and modules that misbehave. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { recordOutsideStages } from '@turnover/core/requests/processing/outside-stages';
import { viewFile } from '@turnover/core/requests/files/list';
import {
  createSampleDelivery,
  type SampleDelivery,
  type SampleFile,
} from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { requests, rounds } from '@turnover/db/schema/requests';
import { deliveredFileView } from '@turnover/domain/requests/files';
import { inspectOutsideStages } from '@turnover/processing/outside/inspect';
import { openPool, type Pool } from './pool.ts';
import { runToTheEnd, sampleFile, xxh128Of } from './testing/worker.ts';

const example = fileURLToPath(new URL('../../../docs/examples/wav-peak/wav-peak.js', import.meta.url));
const slow = { timeout: 120_000 };
let folder: string;
let hub: TestHub;
let pool: Pool | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-stages-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  hub = await testHub();
});
afterEach(async () => {
  await pool?.close();
  pool = undefined;
  hub.close();
});

let written = 0;

/** Writes a module whose stage is named `x-test.stage`, applies to sound, and has the changes in `more`. */
function moduleWith(more: string, before = ''): string {
  const path = join(folder, `stage-${written++}.mjs`);
  writeFileSync(
    path,
    `import { defineStage } from '@turnover/processing';
    ${before}
    export default defineStage({
      name: 'x-test.stage',
      appliesTo: ({ kind }) => kind === 'audio',
      words: { name: { en: 'Test' } },
      run: () => ({ kind: 'done' }),
      ${more}
    });`,
  );
  return path;
}

/** Delivers the files to a worker that started with the modules, and returns the stages of each file. */
async function processFiles(modules: string[], files: SampleFile[]) {
  const stages = await inspectOutsideStages(modules);
  recordOutsideStages(hub.ctx, stages);
  pool = openPool(2, { modules, stages });
  const delivery = createSampleDelivery(hub, files);
  submitRequest(delivery.coordinator, delivery.request);
  await runToTheEnd(hub, pool);
  expect(hub.db.select().from(requests).get()!.status).toBe('processed');
  return { ...delivery, stagesOf: (at: number) => viewOf(delivery, at).stages };
}

/** Returns the stages as the API does. */
function viewOf({ coordinator, fileIds }: SampleDelivery, at: number) {
  return deliveredFileView.parse(viewFile(coordinator, fileIds[at]!));
}

/** Half a second of 16-bit stereo with a peak at half of full scale. */
async function waveFile(path: string): Promise<SampleFile> {
  const frames = 24_000;
  const bytes = Buffer.alloc(44 + frames * 4);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(2, 22);
  bytes.writeUInt32LE(48_000, 24);
  bytes.writeUInt32LE(48_000 * 4, 28);
  bytes.writeUInt16LE(4, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * 4, 40);
  bytes.writeInt16LE(-16_384, 44 + 4000);
  return { path, bytes, xxh128: await xxh128Of(bytes) };
}

const sound = () => sampleFile('mix.wav', 'some sound');

describe('the example', () => {
  test('reads duration and peak, and the API returns its facts and texts', slow, async () => {
    const files = [await waveFile('reel 1/mix.wav'), await sound(), await sampleFile('notes.txt', 'words')];
    const { stagesOf } = await processFiles([example], files);
    expect(stagesOf(0).map(({ stage, status }) => [stage, status])).toEqual([
      ['checksum', 'done'],
      ['inspect', 'done'],
      ['signal', 'done'],
      ['preview', 'done'],
      ['encode', 'done'],
      ['example.wav-peak', 'done'],
    ]);
    expect(stagesOf(0).at(-1)).toMatchObject({
      facts: { duration: '0.500 s', channels: 2, clipped: false, peak: -6.02 },
      words: {
        name: { en: 'Peak', 'es-419': 'Pico' },
        facts: { peak: { en: 'Peak (dBFS)' } },
        outcome: null,
      },
    });
    expect(stagesOf(1).at(-1)).toMatchObject({
      status: 'failed',
      failure: 'not_wave',
      words: { outcome: { en: 'The file is not a WAV file.' } },
    });
    expect(stagesOf(2).map(({ stage }) => stage)).not.toContain('example.wav-peak');
    expect(hub.db.select().from(rounds).get()).toMatchObject({ filesProcessed: 3, filesFailed: 1 });
  });

  test('keeps its texts when the setting is removed, and its waiting stages are skipped', slow, async () => {
    const delivery = await processFiles([example], [await waveFile('mix.wav')]);
    await pool!.close();
    pool = openPool(2);
    expect(delivery.stagesOf(0).at(-1)).toMatchObject({ status: 'done', words: { name: { en: 'Peak' } } });
    const input = { path: '', sizeBytes: 0, name: 'mix.wav', mediaKind: 'audio', checksums: [] } as const;
    const more = {
      report: null,
      siblings: [],
      layouts: null,
      wanted: null,
      limits: null,
      previews: null,
      seed: '',
      simulationSpeed: 1,
      lanes: { heavy: [0], light: [0] },
      now: 0,
    };
    const options = { signal: new AbortController().signal, onProgress() {} };
    expect(await pool.runStage('example.wav-peak', { ...input, ...more, checksums: [] }, options)).toEqual({
      kind: 'skipped',
      reason: 'not_installed',
    });
  });
});

describe('a module is refused at the start when', () => {
  test.each([
    ['it throws', () => moduleWith('', 'throw new Error("no licence");'), 'cannot be loaded: no licence'],
    ['it does not exist', () => join(folder, 'absent.mjs'), 'cannot be loaded: Cannot find module'],
    ['it ends the process', () => moduleWith('', 'process.exit(0);'), 'loading ended its thread'],
    ['its name has no dot', () => moduleWith(`name: 'loudness'`), 'must be lower case and contain a dot'],
    ['it has no function to run', () => moduleWith('run: 5'), 'run must be a function'],
    ['it has no words', () => moduleWith('words: undefined'), 'is not a stage: words'],
    ['a text is too long', () => moduleWith(`words: { name: { en: 'x'.repeat(201) } }`), 'words.name.en'],
    ['a text has several lines', () => moduleWith(`words: { name: { en: 'a\\nb' } }`), 'must be one line'],
    ['it states something unknown', () => moduleWith('colour: 5'), 'colour'],
  ])('%s', slow, async (_reason, write, sentence) => {
    const path = write();
    const refusal = inspectOutsideStages([path]);
    await expect(refusal).rejects.toThrow(/^TURNOVER_STAGES: /);
    await expect(refusal).rejects.toThrow(path);
    await expect(refusal).rejects.toThrow(sentence);
  });

  test('two define the same name', slow, async () => {
    const [one, other] = [moduleWith(''), moduleWith('')];
    await expect(inspectOutsideStages([one, other])).rejects.toThrow(
      `${one} and ${other} both define the stage x-test.stage.`,
    );
  });

  test('the worker process exits with the message, and writes no data', slow, () => {
    const path = moduleWith('', 'throw new Error("no licence");');
    const data = join(folder, 'data');
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const env = { ...process.env, TURNOVER_DATA: data, TURNOVER_STAGES: path };
    const { status, stderr } = spawnSync(process.execPath, [main], {
      env,
      encoding: 'utf8',
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect(status).toBe(78);
    expect(stderr).toContain(`TURNOVER_STAGES: ${path} cannot be loaded: no licence`);
    expect(existsSync(data)).toBe(false);
  });

  test('its loading never ends', slow, async () => {
    const endless = moduleWith('', 'for (;;);');
    await expect(inspectOutsideStages([endless], 1000)).rejects.toThrow('did not end in time');
  });
});

describe('a run', () => {
  test.each([
    ['nothing', `run: () => undefined`],
    ['an unknown kind', `run: () => ({ kind: 'planned', lane: 'heavy', slot: 0, startAt: 0, endAt: 0 })`],
    ['a failure without words', `run: () => ({ kind: 'failed', failure: 'odd' })`],
    ['a fact of 201 characters', `run: () => ({ kind: 'done', facts: { a: 'x'.repeat(201) } })`],
    [
      '33 facts',
      `run: () => ({ kind: 'done', facts: Object.fromEntries(Array.from({ length: 33 }, (_, n) => ['f' + n, n])) })`,
    ],
    ['a fact that is no number', `run: () => ({ kind: 'done', facts: { a: NaN } })`],
    ['an error', `run() { throw new Error('broken'); }`],
    ['an error of appliesTo', `appliesTo() { throw new Error('broken'); }`],
  ])('with %s fails as crashed, and stores none of its result', slow, async (_what, more) => {
    const { stagesOf } = await processFiles([moduleWith(more)], [await sound()]);
    expect(stagesOf(0).at(-1)).toMatchObject({ status: 'failed', failure: 'crashed', facts: {} });
  });

  test('that never ends is stopped by its time limit', slow, async () => {
    const modules = [moduleWith('timeLimitMs: 200, run() { for (;;); }')];
    const stages = await inspectOutsideStages(modules);
    pool = openPool(2, { modules, stages });
    const { coordinator, request, fileIds } = createSampleDelivery(hub, [await sound()]);
    submitRequest(coordinator, request);
    let attempt: ReturnType<Pool['runStage']> | undefined;
    await runToTheEnd(hub, {
      ...pool,
      runStage(stage, input, options) {
        if (stage !== 'x-test.stage') return pool!.runStage(stage, input, options);
        // Later attempts end like the first one.
        attempt ??= pool!.runStage(stage, input, options);
        return attempt;
      },
    });
    expect(viewOf({ coordinator, request, fileIds }, 0).stages.at(-1)).toMatchObject({
      status: 'failed',
      failure: 'took_too_long',
    });
  });

  test('may be skipped with a reason, and its texts stay plain text', slow, async () => {
    const markup = '<script>alert(1)</script>';
    const { stagesOf } = await processFiles(
      [
        moduleWith(
          `words: { name: { en: '${markup}' }, facts: { seen: { en: '${markup}' } } },
          skips: { no_sound: { en: '${markup}' } },
          run: () => ({ kind: 'skipped', reason: 'no_sound' })`,
        ),
        moduleWith(
          `name: 'x-test.facts', words: { name: { en: 'Facts' }, facts: { seen: { en: '${markup}' } } },
          run: () => ({ kind: 'done', facts: { seen: '${markup}\\u202E', constructor: true } })`,
        ),
      ],
      [await sound()],
    );
    expect(stagesOf(0).at(-2)).toMatchObject({
      status: 'skipped',
      skipReason: 'no_sound',
      words: { name: { en: markup }, outcome: { en: markup } },
    });
    expect(stagesOf(0).at(-1)).toMatchObject({
      status: 'done',
      facts: { seen: `${markup}\uFFFD`, constructor: true },
      words: { facts: { seen: { en: markup } } },
    });
  });
});
