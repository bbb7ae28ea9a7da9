/** Hostile files in the real pool: each ends with a reason, reaches nothing, and changes nothing for the files after it. */
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { viewFile } from '@turnover/core/requests/files/list';
import { createSampleDelivery, type SampleFile } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { requests, rounds } from '@turnover/db/schema/requests';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import type { StageInput } from '@turnover/domain/media/stages';
import { dpx } from '@turnover/processing/inspect/testing/frames';
import { quickTime } from '@turnover/processing/inspect/testing/movies';
import { fmt, oneSecond, riff } from '@turnover/processing/inspect/testing/waves';
import { inspectOutsideStages } from '@turnover/processing/outside/inspect';
import { openPool, type Pool } from './pool.ts';
import { hostileFiles, reachingFiles, type HostileFile, type Prey } from './testing/hostile-files.ts';
import { runToTheEnd, xxh128Of } from './testing/worker.ts';

const slow = { timeout: 300_000 };
const secret = 'the words of another customer';

let folder: string;
let prey: Prey;
let server: Server;
let calls: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-poison-'));
  server = createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  prey = { file: join(folder, 'secret.txt'), address: `http://127.0.0.1:${port}/film.mp4` };
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  calls = 0;
});

const signal = new AbortController().signal;
const options = { signal, onProgress() {} };

const innocent: HostileFile[] = [
  { path: 'innocent/film.mov', bytes: quickTime() },
  { path: 'innocent/mix.wav', bytes: riff([fmt(), oneSecond]) },
  { path: 'innocent/still.dpx', bytes: dpx() },
  { path: 'innocent/en.srt', bytes: Buffer.from('1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n') },
];

function sample({ path, bytes }: HostileFile): Promise<SampleFile> {
  return xxh128Of(bytes).then((xxh128) => ({ path, bytes, xxh128 }));
}

describe('a delivery of hostile files', () => {
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

  /** Delivers the files, and returns what the API says about each: everything but ids and times. */
  async function process(files: readonly HostileFile[]) {
    const delivery = createSampleDelivery(hub, await Promise.all(files.map(sample)));
    submitRequest(delivery.coordinator, delivery.request);
    await runToTheEnd(hub, pool);
    return new Map(
      files.map(({ path }, at) => {
        const { stages } = viewFile(delivery.coordinator, delivery.fileIds[at]!);
        return [
          path,
          stages.map(({ stage, status, failure, skipReason, facts, problems }) => ({
            ...{ stage, status, failure, skipReason, facts, problems },
          })),
        ];
      }),
    );
  }

  test('ends whole: every file has a result, and innocent files the one they have alone', slow, async () => {
    const alone = await process(innocent);
    const hostile = hostileFiles(prey);
    // Each innocent file comes after some of the hostile ones, in threads that have read those.
    const share = Math.ceil(hostile.length / innocent.length);
    const mixed = innocent.flatMap((file, at) => [...hostile.slice(at * share, (at + 1) * share), file]);
    const found = await process(mixed);
    for (const { path } of innocent) expect(found.get(path), path).toEqual(alone.get(path));
    for (const { path } of hostile) {
      const stages = found.get(path)!;
      expect(
        stages.map(({ status }) => status),
        path,
      ).not.toContain('waiting');
      expect(stages.filter(({ failure }) => failure !== null).map(({ failure }) => failure)).toEqual([]);
    }
    const delivered = hub.db.select().from(requests).all();
    expect(delivered.map(({ status }) => status)).toEqual(['processed', 'processed']);
    expect(hub.db.select().from(rounds).all().at(-1)).toMatchObject({ filesProcessed: mixed.length });
  });
});

describe('a hostile file', () => {
  let pool: Pool;
  beforeAll(() => {
    pool = openPool(2);
  });
  afterAll(() => pool.close());

  test('reaches no other file and no address', slow, async () => {
    writeFileSync(prey.file, secret);
    const isSeen = seesReading(join(folder, 'control.txt'));
    utimesSync(prey.file, old, new Date());
    for (const file of reachingFiles(prey)) {
      const outcomes = JSON.stringify(await throughAllStages(pool, file));
      expect(outcomes, file.path).not.toContain(secret);
      expect(calls, file.path).toBe(0);
      if (isSeen) expect(statSync(prey.file).atime, file.path).toEqual(old);
    }
  });
});

const old = new Date(0);

/** Returns false on a disk that does not record when a file was read. */
function seesReading(path: string): boolean {
  writeFileSync(path, secret);
  utimesSync(path, old, new Date());
  readFileSync(path);
  return statSync(path).atimeMs !== old.getTime();
}

/** Runs the stages of a delivery, as a delivery does, and reads the file as a checksum list. */
async function throughAllStages(pool: Pool, { path: name, bytes }: HostileFile): Promise<unknown[]> {
  const path = join(folder, 'asset');
  writeFileSync(path, bytes);
  const input = inputOf(path, name);
  const inspected = await pool.runStage('inspect', input, options);
  const report = (inspected.kind === 'done' && 'report' in inspected && inspected.report) || null;
  const previews = { folder: mkdtempSync(join(folder, 'previews-')), maxBytes: 1e8 };
  const outcomes: unknown[] = [inspected];
  for (const stage of ['signal', 'text', 'package', 'preview'])
    outcomes.push(await pool.runStage(stage, { ...input, report, previews }, options));
  outcomes.push(await pool.readManifest({ file: path, path: name }, signal));
  return outcomes;
}

function inputOf(path: string, name: string): StageInput {
  return {
    path,
    name,
    sizeBytes: statSync(path).size,
    mediaKind: mediaKind(name),
    ...{ checksums: [], report: null, siblings: [], layouts: null, wanted: null, limits: null },
    ...{ previews: null, seed: 'asset', simulationSpeed: 1, lanes: { heavy: [0], light: [0] }, now: 0 },
  };
}

describe('a stage that is overcome', () => {
  const pools: Pool[] = [];
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.close()));
  });

  /** Opens a pool with one outside stage, which runs this code for the file `hostile.wav` and is content with every other. */
  async function poolOvercomeBy(code: string, timeLimitMs: number): Promise<Pool> {
    const module = join(folder, 'stage.mjs');
    writeFileSync(
      module,
      `import { defineStage } from '@turnover/processing';
      export default defineStage({
        name: 'x-test.stage',
        appliesTo: () => true,
        words: { name: { en: 'Test' } },
        timeLimitMs: ${timeLimitMs},
        async run({ name }) {
          if (name === 'hostile.wav') { ${code} }
          return { kind: 'done', facts: { name } };
        },
      });`,
    );
    const stages = await inspectOutsideStages([module]);
    const pool = openPool(2, { modules: [module], stages }, { graceMs: 200 });
    pools.push(pool);
    return pool;
  }

  test.each([
    ['ends its thread', 'process.exit(3);', /exit/i, 60_000],
    ['throws', `throw new Error('broken');`, /broken/, 60_000],
    [
      'throws later',
      `setTimeout(() => { throw new Error('late'); }, 1); await new Promise(() => {});`,
      /late/,
      60_000,
    ],
    ['never ends', 'for (;;);', /took_too_long/, 500],
    ['waits for ever', 'await new Promise(() => {});', /took_too_long/, 500],
  ])(
    'because its file %s fails alone, and the next file is judged',
    slow,
    async (_, code, reason, limitMs) => {
      const pool = await poolOvercomeBy(code, limitMs);
      const path = join(folder, 'sound');
      writeFileSync(path, riff([fmt(), oneSecond]));
      const beside = pool.runStage('inspect', inputOf(path, 'beside.wav'), options);
      await expect(pool.runStage('x-test.stage', inputOf(path, 'hostile.wav'), options)).rejects.toThrow(
        reason,
      );
      expect(await beside).toMatchObject({ kind: 'done' });
      expect(await pool.runStage('x-test.stage', inputOf(path, 'next.wav'), options)).toEqual(
        expect.objectContaining({ kind: 'done', facts: { name: 'next.wav' } }),
      );
      expect(await pool.runStage('inspect', inputOf(path, 'next.wav'), options)).toEqual(await beside);
    },
  );

  test('a built-in stage is stopped by its time limit, alone and together with others', slow, async () => {
    const pool = openPool(2, undefined, { stageMs: () => 100, graceMs: 10_000 });
    pools.push(pool);
    const path = join(folder, 'endless');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
    const input = inputOf(path, 'feature.mov');
    await expect(pool.runStage('checksum', input, options)).rejects.toThrow('took_too_long');
    await expect(pool.runStageBatch('checksum', [input, input], signal)).rejects.toThrow('took_too_long');
  });
});
