import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askForPreviews } from '@turnover/core/assets/preview-runs';
import { backUpNow } from '@turnover/core/backups/queue';
import { enqueue, claim, LeaseLostError, type Job } from '@turnover/core/jobs';
import { notify } from '@turnover/core/notifications/inbox';
import { beginStage, finishStage, type StageJob } from '@turnover/core/requests/processing/stages';
import { processingOf, stagesOf } from '@turnover/core/requests/processing/view';
import { reviewAndSubmit, submitRequest } from '@turnover/core/requests/actions';
import { removeFiles } from '@turnover/core/requests/files/files';
import {
  createSampleDelivery,
  type SampleDelivery,
  type SampleFile,
} from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { backupRuns } from '@turnover/db/schema/backups';
import { events } from '@turnover/db/schema/events';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { jobs as jobRows, mediaProblems, stageRuns } from '@turnover/db/schema/jobs';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { deliveredFiles, requests, rounds } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { jobs } from '@turnover/domain/server/jobs';

import { runJob } from './handlers/index.ts';
import { openPool, type Pool } from './pool.ts';
import { createRunner } from './runner.ts';
import { md5Of, runnerOf, runToTheEnd, sampleFile, toolsOf } from './testing/worker.ts';

let pool: Pool;
let hub: TestHub;
let files: SampleFile[];

beforeAll(async () => {
  pool = openPool(2);
  files = [
    await sampleFile('reel 1/feature.mov', 'a picture', { declaredMd5: md5Of(Buffer.from('a picture')) }),
    await sampleFile('feature.wav', 'some sound'),
    await sampleFile('feature.en.srt', 'some words'),
  ];
});

afterAll(() => pool.close());

beforeEach(async () => {
  hub = await testHub();
});

afterEach(() => {
  hub.close();
});

function deliver(delivered = files): SampleDelivery {
  const delivery = createSampleDelivery(hub, delivered);
  submitRequest(delivery.coordinator, delivery.request);
  return delivery;
}

/** Sends the round back, and submits the next one without its last file. */
async function submitAgain(): Promise<void> {
  hub.db.update(requests).set({ status: 'redelivery', round: 2 }).run();
  const last = hub.db.select().from(deliveredFiles).all().at(-1)!;
  removeFiles(ownerOfRequest(), request(), { fileIds: [last.id] });
  await reviewAndSubmit(ownerOfRequest(), request());
}

const request = () => hub.db.select().from(requests).get()!;
const round = () => hub.db.select().from(rounds).get()!;
const runs = () => hub.db.select().from(stageRuns).all();
/** The run of one stage for each file, in the order of the files. */
const stageOf = (fileIds: readonly string[], stage: string) => {
  const stages = stagesOf(hub.db, fileIds, hub.clock.now);
  return fileIds.map((id) => stages.get(id)!.find((each) => each.stage === stage)!);
};
const happened = (kind: string) =>
  hub.db
    .select()
    .from(events)
    .all()
    .filter((event) => event.kind === kind);

/** A pool whose stages return what the test decides. */
function poolThat(runStage: Pool['runStage']): Pool {
  return { ...pool, stageThreads: pool.stageThreads, hashThreads: pool.hashThreads, runStage };
}

describe('a round', () => {
  test('goes from submitted to processed, through real and simulated stages', async () => {
    const { fileIds } = deliver();
    await runnerOf(hub.ctx, pool).runUntilIdle();
    expect(request().status).toBe('processing');
    for (const checksum of stageOf(fileIds, 'checksum')) {
      expect(checksum).toMatchObject({ mode: 'real', status: 'done', progress: 1 });
    }
    for (const encode of stageOf(fileIds, 'encode')) {
      expect(encode).toMatchObject({ mode: 'simulated', status: 'running', progress: 0 });
      expect(encode.endAt).toBeGreaterThan(hub.clock.now);
    }
    await runToTheEnd(hub, pool);
    expect(request().status).toBe('processed');
    expect(round()).toMatchObject({ filesToProcess: 3, filesProcessed: 3, filesFailed: 0 });
    expect(runs().filter(({ status }) => status !== 'done' && status !== 'skipped')).toEqual([]);
    expect(stageOf(fileIds, 'encode').map(({ status }) => status)).toEqual(Array(3).fill('done'));
    expect(processingOf(hub.db, request(), hub.clock.now)).toEqual({
      files: 3,
      done: 3,
      failed: 0,
      expectedEndAt: null,
    });
    expect(happened('request.processingStarted')).toHaveLength(1);
    expect(happened('request.processed')).toHaveLength(1);
  });

  test('ends although a file differs from its declared checksum, and counts the failure', async () => {
    const wrong = { ...files[0]!, xxh128: '0'.repeat(32) };
    const { fileIds } = deliver([wrong, files[1]!]);
    await runToTheEnd(hub, pool);
    expect(request().status).toBe('processed');
    expect(round()).toMatchObject({ filesToProcess: 2, filesProcessed: 2, filesFailed: 1 });
    const stages = stagesOf(hub.db, fileIds, hub.clock.now).get(fileIds[0]!)!;
    expect(stages).toHaveLength(1);
    expect(stages[0]).toMatchObject({ status: 'failed', failure: 'stored_bytes_differ' });
    expect(happened('file.stageFailed')).toHaveLength(1);
  });

  test('ends at once when there is nothing to process', async () => {
    deliver();
    await runToTheEnd(hub, pool);
    const before = runs();
    await submitAgain();
    await runnerOf(hub.ctx, pool).runUntilIdle();
    expect(request()).toMatchObject({ status: 'processed', round: 2 });
    expect(runs()).toEqual(before);
    expect(hub.db.select().from(rounds).all()[1]).toMatchObject({ filesToProcess: 0, filesProcessed: 0 });
  });

  test('completes with a skipped stage, which does not count as passed and is not repeated', async () => {
    const { fileIds } = deliver([await sampleFile('silence.wav', ''), files[1]!]);
    await runToTheEnd(hub, pool);
    expect(stageOf(fileIds, 'checksum')[0]).toMatchObject({ status: 'done', skipReason: null });
    const skipped = { status: 'skipped', skipReason: 'empty_file', progress: 0, failure: null };
    expect(stageOf(fileIds, 'encode')[0]).toMatchObject(skipped);
    expect(round()).toMatchObject({ filesToProcess: 2, filesProcessed: 2, filesFailed: 0 });
    expect(request().status).toBe('processed');
    await submitAgain();
    await runToTheEnd(hub, pool);
    expect(hub.db.select().from(rounds).all()[1]).toMatchObject({ filesToProcess: 0 });
    expect(stageOf(fileIds, 'encode')[0]).toMatchObject(skipped);
  });

  test('retries stages that failed in the previous round, and repeats none that succeeded', async () => {
    deliver([files[0]!, files[1]!]);
    const crashing = poolThat((stage, input, options) => {
      if (stage === 'encode' && input.name === files[0]!.path) throw new Error('broken');
      return pool.runStage(stage, input, options);
    });
    await runToTheEnd(hub, crashing);
    expect(round()).toMatchObject({ filesProcessed: 2, filesFailed: 1 });
    hub.db.update(requests).set({ status: 'redelivery', round: 2 }).run();
    await reviewAndSubmit(ownerOfRequest(), request());
    await runToTheEnd(hub, pool);
    expect(hub.db.select().from(rounds).all()[1]).toMatchObject({ filesToProcess: 1, filesFailed: 0 });
    expect(runs().filter(({ status }) => status !== 'done' && status !== 'skipped')).toEqual([]);
    expect(runs().filter((run) => run.round === 2)).toMatchObject([{ stage: 'encode' }]);
  });

  test('compares an IMF package with the delivery in every round', async () => {
    const id = (n: number) => `<Id>urn:uuid:00000000-0000-4000-8000-00000000000${n}</Id>`;
    const asset = (n: number, path: string) =>
      `<Asset>${id(n)}<ChunkList><Chunk><Path>${path}</Path></Chunk></ChunkList></Asset>`;
    const map = `<AssetMap>${id(1)}<AssetList>${asset(2, 'PKL.xml')}${asset(3, 'v.mxf')}</AssetList></AssetMap>`;
    const list = `<PackingList>${id(2)}<AssetList><Asset>${id(3)}<Size>5</Size></Asset></AssetList></PackingList>`;
    const documents = [await sampleFile('imf/ASSETMAP.xml', map), await sampleFile('imf/PKL.xml', list)];
    deliver([...documents, await sampleFile('notes.txt', 'not in the package')]);
    const problems = () => hub.db.select().from(mediaProblems).all();
    await runToTheEnd(hub, pool);
    expect(problems()).toMatchObject([{ code: 'package_file_missing', details: { measured: 'v.mxf' } }]);
    await submitAgain();
    await runToTheEnd(hub, pool);
    expect(runs().filter((run) => run.round === 2)).toMatchObject([{ stage: 'package', status: 'done' }]);
    expect(problems()).toHaveLength(1);
  });
});

describe('the simulated queue', () => {
  test('gives each slot one file at a time and reports queue positions in starting order', async () => {
    const hour = 3600 * 22e6;
    const many = [1, 2, 3, 4, 5].map((number) => ({ ...files[1]!, path: `${number}.mov`, sizeBytes: hour }));
    const othersPass = poolThat(async (stage, input, options) => {
      if (stage === 'encode') return pool.runStage(stage, input, options);
      return { kind: 'done', facts: {}, problems: [] };
    });
    const { fileIds } = deliver(many);
    await runnerOf(hub.ctx, othersPass).runUntilIdle();
    const encodes = () => stageOf(fileIds, 'encode');
    const inOrder = encodes().sort((a, b) => a.startAt! - b.startAt!);
    expect(inOrder.map(({ status, place }) => [status, place])).toEqual([
      ['running', null],
      ['running', null],
      ['waiting', 0],
      ['waiting', 1],
      ['waiting', 2],
    ]);
    for (const slot of [0, 1]) {
      const plans = runs()
        .filter((run) => run.slot === slot)
        .sort((a, b) => a.startAt! - b.startAt!);
      for (const [index, plan] of plans.entries()) {
        if (index > 0) expect(plan.startAt).toBe(plans[index - 1]!.endAt);
      }
    }
    expect(processingOf(hub.db, request(), hub.clock.now)?.expectedEndAt).toBe(
      Math.max(...inOrder.map(({ endAt }) => endAt!)),
    );
    hub.clock.now = inOrder[2]!.startAt!;
    const later = encodes().sort((a, b) => a.startAt! - b.startAt!);
    expect(later[2]).toMatchObject({ status: 'running', place: null, progress: 0 });
    expect(later[3]!.place).toBe(0);
    expect(later[0]!.progress).toBeGreaterThan(0.5);
  });

  test('two workers that plan at the same time never share a slot', async () => {
    const many = Array.from({ length: 12 }, (_, number) => ({ ...files[2]!, path: `${number}.srt` }));
    deliver(many);
    await Promise.all([runnerOf(hub.ctx, pool).runUntilIdle(), runnerOf(hub.ctx, pool).runUntilIdle()]);
    await runnerOf(hub.ctx, pool).runUntilIdle();
    const plans = runs().filter((run) => run.stage === 'encode');
    expect(plans).toHaveLength(12);
    for (const plan of plans) {
      const overlapping = plans.filter(
        (other) =>
          other !== plan &&
          other.slot === plan.slot &&
          other.startAt! < plan.endAt! &&
          plan.startAt! < other.endAt!,
      );
      expect(overlapping).toEqual([]);
    }
  });
});

describe('failing', () => {
  test('reports how each attempt ended', async () => {
    deliver([files[0]!]);
    const poisonous = poolThat(async () => {
      throw new Error('the thread died');
    });
    const ended: string[] = [];
    const onJobEnded = (kind: string, outcome: string) => void ended.push(`${kind} ${outcome}`);
    const runner = createRunner({ ...toolsOf(hub.ctx, poisonous), onJobEnded });
    await runner.runUntilIdle();
    expect(ended).toEqual(['processRound done', 'runStage retried']);
    hub.db
      .update(jobRows)
      .set({ claims: jobs.runStage.maxClaims - 1, runAt: hub.clock.now, turnAt: hub.clock.now })
      .run();
    await runner.runUntilIdle();
    await runner.stop();
    expect(ended).toContain('runStage dead');
  });

  test('gives up a job that keeps failing, and its round still ends', async () => {
    deliver([files[0]!]);
    let tries = 0;
    const poisonous = poolThat(async () => {
      tries += 1;
      throw new Error('the thread died');
    });
    await runToTheEnd(hub, poisonous);
    expect(tries).toBe(jobs.runStage.maxClaims);
    expect(
      hub.db
        .select()
        .from(jobRows)
        .all()
        .filter((job) => job.status === 'dead'),
    ).toHaveLength(1);
    expect(runs()).toMatchObject([{ stage: 'checksum', status: 'failed', failure: 'crashed' }]);
    expect(request().status).toBe('processed');
    expect(round()).toMatchObject({ filesProcessed: 1, filesFailed: 1 });
  });

  test('a worker that lost its job does not write its result', async () => {
    deliver([files[0]!]);
    const roundJob = claim(hub.ctx)!;
    await runJob(toolsOf(hub.ctx, pool), roundJob, new AbortController().signal);
    const zombie = claim(hub.ctx) as StageJob;
    const work = beginStage(hub.ctx, zombie)!;
    hub.clock.advance(jobs.runStage.leaseMs + 1);
    const heir = claim(hub.ctx) as StageJob;
    expect(heir.id).toBe(zombie.id);
    expect(() => finishStage(hub.ctx, zombie, work, { facts: {}, problems: [], problemCount: 0 })).toThrow(
      LeaseLostError,
    );
    expect(runs()[0]!.status).toBe('running');
    finishStage(hub.ctx, heir, beginStage(hub.ctx, heir)!, { facts: {}, problems: [], problemCount: 0 });
    expect(runs()[0]!.status).toBe('done');
  });

  test('a stopped worker releases its job without counting a failure', async () => {
    deliver([files[0]!]);
    const begun = Promise.withResolvers<void>();
    const endless = poolThat(
      (_stage, _input, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('cancelled')));
          begun.resolve();
        }),
    );
    const runner = createRunner(toolsOf(hub.ctx, endless));
    runner.wake();
    await begun.promise;
    await runner.stop();
    const [waiting] = hub.db
      .select()
      .from(jobRows)
      .all()
      .filter((job) => job.kind === 'runStage');
    expect(waiting).toMatchObject({ status: 'waiting', claims: 0, leaseToken: null });
    await runToTheEnd(hub, pool);
    expect(request().status).toBe('processed');
  });
});

test('running a handler a second time changes nothing', async () => {
  hub.close();
  // A backup is a copy of the file.
  hub = await testHub({ onDisk: true });
  hub.db
    .insert(hubTable)
    .values({ id: hub.ctx.newId('hub'), createdAt: hub.clock.now, folderId: null })
    .run();
  const { coordinator } = deliver([files[0]!, await sampleFile('shot.1001.dpx', 'a frame')]);
  const { id: userId, email } = coordinator.person;
  const notification = { userId, email, kind: 'storage.stopped', projectId: null, actorId: null } as const;
  const requestId = request().id;
  inTransaction(hub.db, (tx) => {
    notify(tx, hub.ctx, { ...notification, data: { files: 1 } });
    const kinds = ['removeFiles', 'submitWhenComplete', 'compareManifests', 'hashForManifests'] as const;
    for (const kind of kinds) {
      enqueue(tx, hub.ctx, kind, { requestId });
    }
    const wanted = tx.select().from(deliveredFiles).all();
    const asked = wanted.map(({ assetId, path }) => ({ assetId, name: path }));
    askForPreviews(tx, hub.ctx, asked, { askedBy: userId });
    enqueue(tx, hub.ctx, 'hashRound', { requestId, round: 1, algorithms: ['md5'], after: '' });
  });
  backUpNow(coordinator);
  const tools = toolsOf(hub.ctx, pool, { send: async () => {}, publicUrl: 'http://hub.example.test' });
  const seen = new Set<string>();
  for (let job = nextJob(); job; job = nextJob()) {
    seen.add(job.kind);
    await runJob(tools, job, new AbortController().signal);
    const before = everything();
    inTransaction(hub.db, (tx) => enqueue(tx, hub.ctx, job!.kind, job!.payload as never, { runAt: 0 }));
    const again = claim(hub.ctx)!;
    expect(again.payload).toEqual(job.payload);
    await runJob(tools, again, new AbortController().signal);
    inTransaction(hub.db, (tx) => removeJob(tx, again));
    expect(everything()).toEqual(before);
  }
  expect([...seen].sort()).toEqual(Object.keys(jobs).sort());
  expect(request().status).toBe('processed');
});

function nextJob(): Job | null {
  const waiting = hub.db
    .select()
    .from(jobRows)
    .all()
    .filter((job) => job.status === 'waiting');
  if (waiting.length === 0) return null;
  hub.clock.now = Math.max(hub.clock.now, ...waiting.map((job) => job.runAt));
  return claim(hub.ctx);
}

function removeJob(tx: Parameters<Parameters<typeof inTransaction>[1]>[0], { id }: Job): void {
  const kept = tx
    .select()
    .from(jobRows)
    .all()
    .filter((job) => job.id !== id);
  tx.delete(jobRows).run();
  tx.insert(jobRows).values(kept).run();
}

function everything() {
  return [jobRows, stageRuns, requests, rounds, events, notifications, mails, backupRuns].map((table) =>
    hub.db.select().from(table).all(),
  );
}

function ownerOfRequest() {
  const { createdBy } = request();
  const person = { id: createdBy, email: '', name: '', companyId: null, isOwner: false, locale: null };
  return hub.as(person);
}
