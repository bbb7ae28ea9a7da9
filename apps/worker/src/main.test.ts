/** Kills the real process at its crash points. The next worker finishes everything exactly once, with the same result. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { submitRequest } from '@turnover/core/requests/actions';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { finishUpload, recordDurableOffset } from '@turnover/core/uploads/completion';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { events } from '@turnover/db/schema/events';
import { jobs, stageRuns } from '@turnover/db/schema/jobs';
import { requests, rounds } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { beginUploadInput } from '@turnover/domain/workspace/uploads';
import { sampleFile } from './testing/worker.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Time limit for hangs only, because a process can take long to start on a busy machine. */
const slow = { timeout: 300_000 };
/** After how many of the delivery's dozen jobs the worker is killed. */
const killedJobs = inject('isLong') ? Infinity : 2;
let hub: TestHub;
let worker: ChildProcess | undefined;

beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  // The worker process uses the real clock.
  hub.clock.now = Date.now();
});

afterEach(async () => {
  if (worker && worker.exitCode === null && worker.signalCode === null) {
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  hub.close();
});

function startWorker(crashAt = ''): ChildProcess {
  const env = {
    ...process.env,
    TURNOVER_DATA: hub.folder,
    TURNOVER_CRASH_AT: crashAt,
    TURNOVER_SIMULATION_SPEED: '1000000',
    TURNOVER_WORKER_THREADS: '2',
    TURNOVER_LOG: 'debug',
  };
  worker = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return worker;
}

async function prepare(): Promise<void> {
  const { coordinator, request } = createSampleDelivery(hub, [
    await sampleFile('feature.mov', 'a picture'),
    await sampleFile('feature.wav', 'some sound'),
  ]);
  submitRequest(coordinator, request);
  const input = { projectId: request.projectId, filename: 'cue.edl', sizeBytes: 5 };
  const { uploadId } = await beginUpload(coordinator, beginUploadInput.parse(input));
  writeFileSync(hub.storage.incomingPath(uploadId), 'bytes');
  recordDurableOffset(hub.ctx, uploadId, 5);
  finishUpload(hub.ctx, uploadId);
}

/** Also resets earlier claims: on a busy machine the same job is killed five times and would be given up. */
function letLeasesLapse(): void {
  const running = hub.db
    .select()
    .from(jobs)
    .all()
    .some((job) => job.status === 'running');
  if (running) hub.db.update(jobs).set({ leaseUntil: 0, claims: 1 }).run();
}

async function everythingDone(): Promise<void> {
  const isDone = () =>
    hub.db.select().from(requests).get()!.status === 'processed' &&
    hub.db.select().from(uploads).get()!.status === 'complete';
  await expect.poll(isDone, { timeout: 60_000 }).toBe(true);
}

function expectExactlyOnce(): void {
  const number = (kind: string) =>
    hub.db
      .select()
      .from(events)
      .all()
      .filter((event) => event.kind === kind).length;
  expect(number('request.processingStarted')).toBe(1);
  expect(number('request.processed')).toBe(1);
  expect(hub.db.select().from(rounds).all()).toMatchObject([
    { filesToProcess: 2, filesProcessed: 2, filesFailed: 0 },
  ]);
  const ran = hub.db.select().from(stageRuns).all();
  expect(ran.map(({ stage, status }) => `${stage} ${status}`).sort()).toEqual([
    'checksum done',
    'checksum done',
    'encode done',
    'encode done',
    'inspect done',
    'inspect done',
    // The bytes are neither a picture nor sound.
    'preview skipped',
    'preview skipped',
    'signal skipped',
    'signal skipped',
  ]);
  // Notification mails may still be waiting for their batch.
  const ofDelivery = hub.db
    .select()
    .from(jobs)
    .all()
    .filter(({ kind }) => kind !== 'sendMails');
  // One job for the round, and one for each stage.
  expect(ofDelivery.map((job) => job.status)).toEqual(Array(1 + ran.length).fill('done'));
  const stored = hub.db.select().from(assets).all();
  expect(stored.map((asset) => asset.state)).toEqual(Array(3).fill('stored'));
  expect(hub.db.select().from(assetChecksums).all()).toHaveLength(3);
  const published = stored.find((asset) => asset.sizeBytes === 5)!;
  expect(readFileSync(hub.storage.vaultPath(published.id), 'utf8')).toBe('bytes');
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code).toBe(0);
}

test.each([
  'job.afterClaim',
  'round.beforeCommit',
  'stage.afterRun',
  'stage.afterCommit',
  'publish.beforeLink',
  'publish.afterLink',
  'publish.afterCommit',
])('killed at %s', slow, async (point) => {
  await prepare();
  const [, signal] = (await once(startWorker(point), 'exit')) as [unknown, string];
  expect(signal).toBe('SIGKILL');
  letLeasesLapse();
  const next = startWorker();
  // The killed worker may have left no work, so the test waits until the next one listens before it stops it.
  await once(next, 'message');
  await everythingDone();
  await stop(next);
  expectExactlyOnce();
});

test('killed after each finished job', slow, async () => {
  await prepare();
  for (let kills = 0; kills < killedJobs; kills++) {
    if (hub.db.select().from(requests).get()!.status === 'processed') break;
    const child = startWorker();
    let log = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('job.ended')) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    letLeasesLapse();
  }
  const last = startWorker();
  await once(last, 'message');
  await everythingDone();
  await stop(last);
  expectExactlyOnce();
});

test('writes its heartbeat and shuts down cleanly', slow, async () => {
  const child = startWorker();
  const alive = join(hub.folder, 'worker.json');
  await expect.poll(() => existsSync(alive), { timeout: 60_000 }).toBe(true);
  expect(JSON.parse(readFileSync(alive, 'utf8'))).toMatchObject({ pid: child.pid });
  await stop(child);
});
