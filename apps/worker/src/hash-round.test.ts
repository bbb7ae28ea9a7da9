import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { hasChecksums } from '@turnover/core/requests/receipts/lists';
import { computeChecksums, computingOf } from '@turnover/core/requests/receipts/wanted-checksums';
import { viewRound } from '@turnover/core/requests/rounds';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { claim } from '@turnover/core/jobs';
import { refusalOf } from '@turnover/core/testing/requests';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { assetChecksums } from '@turnover/db/schema/assets';
import { events } from '@turnover/db/schema/events';
import { jobs as jobRows } from '@turnover/db/schema/jobs';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { runJob } from './handlers/index.ts';
import { openPool, type Pool } from './pool.ts';
import { md5Of, runToTheEnd, sampleFile, toolsOf } from './testing/worker.ts';

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

async function submitted(names: readonly string[]) {
  const files = await Promise.all(names.map((name) => sampleFile(name, `bytes of ${name}`)));
  const delivery = createSampleDelivery(hub, files);
  submitRequest(delivery.coordinator, delivery.request);
  await runToTheEnd(hub, pool);
  return { ...delivery, files, round: { requestId: delivery.request.id, number: 1 } };
}

const hashJobs = () =>
  hub.db
    .select()
    .from(jobRows)
    .all()
    .filter(({ kind }) => kind === 'hashRound');

test('computes all missing checksums of a file in one read, for every file of a round, and signals the page', async () => {
  const names = Array.from({ length: 130 }, (_, index) => `shot.${1001 + index}.dpx`);
  const { coordinator, request, files, round } = await submitted(names);
  let reads = 0;
  const counting: Pool = {
    ...pool,
    stageThreads: 1,
    hashThreads: 1,
    hashWhole(file, signal) {
      reads += 1;
      return pool.hashWhole(file, signal);
    },
  };
  expect(viewRound(coordinator, request, 1)).toMatchObject({ hasMd5: false, computing: [] });
  const wanted = { number: 1, algorithms: ['md5', 'sha1', 'xxh128'] as const };
  expect(computeChecksums(coordinator, request, wanted)).toEqual(['md5', 'sha1']);
  expect(viewRound(coordinator, request, 1)).toMatchObject({ hasMd5: false, computing: ['md5', 'sha1'] });
  const before = hub.db.select().from(events).all().length;
  await runToTheEnd(hub, counting);
  expect(reads).toBe(files.length);
  expect(hasChecksums(hub.db, round, ['md5']) && hasChecksums(hub.db, round, ['sha1'])).toBe(true);
  const values = hub.db
    .select()
    .from(assetChecksums)
    .all()
    .filter(({ algorithm }) => algorithm === 'md5')
    .map(({ value }) => value);
  expect(values.sort()).toEqual(files.map(({ bytes }) => md5Of(bytes)).sort());
  expect(viewRound(coordinator, request, 1)).toMatchObject({ hasMd5: true, computing: [] });
  expect(hub.db.select().from(events).all().slice(before)).toMatchObject([{ kind: 'manifest.changed' }]);
});

test('continues after the file where its last turn stopped', async () => {
  const names = Array.from({ length: 230 }, (_, index) => `shot.${1001 + index}.dpx`);
  const { coordinator, request, round } = await submitted(names);
  computeChecksums(coordinator, request, { number: 1, algorithms: ['md5'] });
  const keyOf = (at: number) => `shot.${1001 + at}.dpx`;
  const turn = async () => {
    const job = claim(hub.ctx, ['hashRound'])!;
    await runJob(toolsOf(hub.ctx, pool), job, new AbortController().signal);
    return hashJobs()[0]!;
  };
  expect(await turn()).toMatchObject({ status: 'waiting', payload: { after: keyOf(99) } });
  expect(await turn()).toMatchObject({ status: 'waiting', payload: { after: keyOf(199) } });
  expect(hasChecksums(hub.db, round, ['md5'])).toBe(false);
  expect(await turn()).toMatchObject({ status: 'done' });
  expect(hasChecksums(hub.db, round, ['md5'])).toBe(true);
});

describe('a file that is missing or short in the vault', () => {
  function damage(name: string, change: (path: string) => void): void {
    const files = hub.db.select().from(deliveredFiles).all();
    change(hub.storage.vaultPath(files.find(({ path }) => path === name)!.assetId));
  }
  const md5s = () =>
    hub.db
      .select()
      .from(assetChecksums)
      .all()
      .filter(({ algorithm }) => algorithm === 'md5')
      .map(({ value }) => value);

  test('is left out, and the other files get their checksums', async () => {
    const { coordinator, request, files, round } = await submitted(['a.wav', 'b.wav', 'c.wav', 'd.wav']);
    damage('a.wav', (path) => rmSync(path));
    damage('c.wav', (path) => truncateSync(path, 3));
    computeChecksums(coordinator, request, { number: 1, algorithms: ['md5'] });
    await runToTheEnd(hub, pool);
    expect(hashJobs()).toMatchObject([{ status: 'done', lastError: null }]);
    expect(md5s().sort()).toEqual([md5Of(files[1]!.bytes), md5Of(files[3]!.bytes)].sort());
    expect(computingOf(hub.db, round)).toEqual([]);
  });

  test('ends the job when there are no other files, signals the page, and can be tried again', async () => {
    const { coordinator, request, files } = await submitted(['a.wav']);
    damage('a.wav', (path) => rmSync(path));
    const compute = () => computeChecksums(coordinator, request, { number: 1, algorithms: ['md5'] });
    compute();
    const before = hub.db.select().from(events).all().length;
    await runToTheEnd(hub, pool);
    expect(hashJobs()).toMatchObject([{ status: 'done' }]);
    expect(hub.db.select().from(events).all().slice(before)).toMatchObject([{ kind: 'manifest.changed' }]);
    damage('a.wav', (path) => writeFileSync(path, files[0]!.bytes));
    compute();
    await runToTheEnd(hub, pool);
    expect(md5s()).toEqual([md5Of(files[0]!.bytes)]);
  });
});

test('queues nothing for checksums that are known or already queued', async () => {
  const { coordinator, request, round } = await submitted(['a.wav']);
  const compute = (...algorithms: ('md5' | 'sha1')[]) =>
    computeChecksums(coordinator, request, { number: 1, algorithms });
  compute('md5');
  expect(compute('md5')).toEqual(['md5']);
  expect(hashJobs()).toHaveLength(1);
  expect(compute('md5', 'sha1')).toEqual(['md5', 'sha1']);
  expect(hashJobs().map(({ payload }) => payload)).toMatchObject([
    { algorithms: ['md5'] },
    { algorithms: ['sha1'] },
  ]);
  await runToTheEnd(hub, pool);
  expect(computingOf(hub.db, round)).toEqual([]);
  expect(compute('md5', 'sha1')).toEqual([]);
  expect(hashJobs().filter(({ status }) => status === 'waiting')).toEqual([]);
});

test('throws not_found for a round that was not submitted', async () => {
  const { coordinator, request } = await submitted(['a.wav']);
  const refusal = await refusalOf(() =>
    computeChecksums(coordinator, request, { number: 2, algorithms: ['md5'] }),
  );
  expect(refusal).toMatchObject({ code: 'not_found' });
});
