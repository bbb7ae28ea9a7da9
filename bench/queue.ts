// Measures the queue: the start of a round of 75,000 frames, 10,000 trivial jobs, and frames that are checked and inspected,
// beside a program that only hashes them. Watches how long the longest transaction holds the database. Processor time is printed
// too, because other work on the machine hardly changes it.
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openPool, type Pool } from '../apps/worker/src/pool.ts';
import { createRunner } from '../apps/worker/src/runner.ts';
import type { WorkerTools } from '../apps/worker/src/handlers/handler.ts';
import type { PersonContext } from '../packages/core/src/context.ts';
import { claim } from '../packages/core/src/jobs.ts';
import { startRound, type RoundJob } from '../packages/core/src/requests/processing/rounds.ts';
import { submitRound } from '../packages/core/src/requests/actions.ts';
import { createRequest } from '../packages/core/src/requests/edit.ts';
import { currentRequest } from '../packages/core/src/requests/transitions.ts';
import { vaultFile } from '../packages/core/src/storage.ts';
import type { Database } from '../packages/db/src/open.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';
import { createRequestInput } from '../packages/domain/src/requests/requests.ts';
import { hashWhole } from '../packages/processing/src/hash-whole.ts';
import { dpx } from '../packages/processing/src/inspect/testing/frames.ts';
import { onHub } from './in-process.ts';
import { peerMs, sayGoal, sayLoad, sayMissing, timesOf } from './peers.ts';

const manyFrames = 75_000;
const trivialJobs = 10_000;
const realFrames = 3000;
/** The number of different files on disk; the other frames are hard links to them. */
const differentFrames = 16;
const goals = { fanOutMs: 4000, jobsPerSecond: 500, ofHashing: 3, transactionMs: 20 };

export async function benchQueue(): Promise<void> {
  sayLoad();
  const pool = openPool(2);
  try {
    await onHub('coordinator', startManyFrames);
    await onHub('coordinator', (ctx, projectId) => runTrivialJobs(ctx, projectId, pool));
    await onHub('coordinator', (ctx, projectId, folder) => processFrames(ctx, projectId, folder, pool));
  } finally {
    await pool.close();
  }
  sayLoad();
}

async function startManyFrames(ctx: PersonContext, projectId: string): Promise<void> {
  const frames = Array.from({ length: manyFrames }, (_, index) => frameName(index));
  submit(ctx, deliver(ctx, projectId, frames, 8_300_000));
  const job = claim(ctx, ['processRound']) as RoundJob;
  const transactions = watchTransactions(ctx.db);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await startRound(ctx, job);
  const ms = performance.now() - startedAt;
  sayCpu(cpu, manyFrames, 'frame');
  const runs = ctx.db.$client.prepare('select count(*) from stage_runs').pluck().get();
  sayGoal(
    `start of a round of ${manyFrames} frames`,
    `${(ms / 1000).toFixed(1)} s`,
    '4 s',
    ms <= goals.fanOutMs,
  );
  console.log(`    ${String(runs)} stages`);
  transactions.say();
}

async function runTrivialJobs(ctx: PersonContext, projectId: string, pool: Pool): Promise<void> {
  // The `encode` stage skips an empty file, so the job is trivial.
  const names = Array.from({ length: trivialJobs }, (_, index) => `${index}.pdf`);
  const requestId = deliver(ctx, projectId, names, 0);
  submit(ctx, requestId);
  await startRound(ctx, claim(ctx, ['processRound']) as RoundJob);
  ctx.db.$client.exec("delete from stage_runs where stage <> 'encode'; delete from jobs");
  ctx.db.$client.exec(`
    insert into jobs (id, kind, payload, status, run_at, claims, created_at)
    select 'job_' || substr(id, 5), 'runStage', json_object('stageRunId', id), 'waiting', 0, 0, 0 from stage_runs`);
  const transactions = watchTransactions(ctx.db);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await createRunner(toolsOf(ctx, pool), { kinds: ['runStage'] }).runUntilIdle();
  sayCpu(cpu, trivialJobs, 'job');
  const perSecond = trivialJobs / ((performance.now() - startedAt) / 1000);
  const left = ctx.db.$client
    .prepare("select count(*) from stage_runs where status <> 'skipped'")
    .pluck()
    .get();
  if (left !== 0) throw new Error(`${String(left)} jobs did not run.`);
  sayGoal(
    `${trivialJobs} trivial jobs`,
    `${perSecond.toFixed(0)} jobs/s`,
    '500 jobs/s',
    perSecond >= goals.jobsPerSecond,
  );
  transactions.say();
}

async function processFrames(
  ctx: PersonContext,
  projectId: string,
  folder: string,
  pool: Pool,
): Promise<void> {
  const frame = dpx({ width: 1920, height: 1080 });
  const frames = Array.from({ length: realFrames }, (_, index) => frameName(index));
  const requestId = deliver(ctx, projectId, frames, frame.length);
  const files = ctx.db.$client.prepare('select id from assets').pluck().all() as string[];
  const paths = files.map((id) => vaultFile(folder, id));
  const hashes: (string | undefined)[] = [];
  for (const [index, path] of paths.entries()) {
    mkdirSync(dirname(path), { recursive: true });
    if (index >= differentFrames) {
      linkSync(paths[index % differentFrames]!, path);
      continue;
    }
    frame.writeUInt32BE(index, 2048);
    writeFileSync(path, frame);
    const found = await hashWhole({ path, sizeBytes: frame.length, algorithms: ['xxh128'] });
    hashes.push(found.xxh128);
  }
  const insert = ctx.db.$client.prepare(
    "insert into asset_checksums (asset_id, algorithm, source, value, at) values (?, 'xxh128', 'computed', ?, 1)",
  );
  inTransaction(ctx.db, () => {
    for (const [index, id] of files.entries()) insert.run(id, hashes[index % differentFrames]);
  });
  submit(ctx, requestId);
  peerMs('xxhsum', ['-H2', ...paths]);
  const before = peerMs('xxhsum', ['-H2', ...paths]);
  const transactions = watchTransactions(ctx.db);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await createRunner(toolsOf(ctx, pool)).runUntilIdle();
  const ms = performance.now() - startedAt;
  sayCpu(cpu, realFrames, 'frame');
  const after = peerMs('xxhsum', ['-H2', ...paths]);
  const inspected = ctx.db.$client
    .prepare("select count(*) from stage_runs where stage = 'inspect' and status = 'done'")
    .pluck()
    .get();
  if (inspected !== realFrames) throw new Error(`${String(inspected)} frames were inspected.`);
  const perFrame = (ms / realFrames).toFixed(2);
  const what = `${realFrames} frames checked and inspected`;
  if (before === null || after === null) sayMissing('xxhsum', `${what} in ${ms.toFixed(0)} ms, compared`);
  else {
    const ratio = ms / ((before + after) / 2);
    sayGoal(`${what}, of xxhsum`, ratio.toFixed(2), `at most ${goals.ofHashing}`, ratio <= goals.ofHashing);
  }
  console.log(
    `    ${(ms / 1000).toFixed(1)} s, ${perFrame} ms a frame of ${(frame.length / 1e6).toFixed(1)} MB`,
  );
  transactions.say();
}

/** Prints the processor time of all threads of this process since `cpu`. */
function sayCpu(cpu: NodeJS.CpuUsage, of: number, what: string): void {
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  console.log(
    `    ${seconds.toFixed(1)} s of processor time, ${((seconds / of) * 1000).toFixed(2)} ms for each ${what}`,
  );
}

function frameName(index: number): string {
  return `reel 1/shot.${String(86_400 + index).padStart(7, '0')}.dpx`;
}

function toolsOf(ctx: PersonContext, pool: Pool): WorkerTools {
  const mail = { send: null, publicUrl: 'http://hub.example.test' };
  return { ctx, pool, simulationSpeed: 1, mail, random: () => 0.5 };
}

/** Inserts with few statements, because adding files one by one is not what this measures. */
function deliver(ctx: PersonContext, projectId: string, paths: readonly string[], sizeBytes: number): string {
  const { db, newId, person } = ctx;
  const requestId = createRequest(ctx, createRequestInput.parse({ projectId, name: 'Delivery' })).id;
  const asset = db.$client.prepare(
    "insert into assets (id, size_bytes, state, created_at) values (?, ?, 'stored', 1)",
  );
  const file = db.$client.prepare(
    `insert into delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
     values (?, ?, ?, ?, ?, ?, 1, 1)`,
  );
  inTransaction(db, () => {
    for (const path of paths) {
      const assetId = newId('asset');
      asset.run(assetId, sizeBytes);
      file.run(newId('deliveredFile'), requestId, path, path.toLowerCase(), assetId, person.id);
    }
  });
  db.$client.prepare('update requests set file_count = ? where id = ?').run(paths.length, requestId);
  return requestId;
}

function submit(ctx: PersonContext, requestId: string): void {
  inTransaction(ctx.db, (tx) =>
    submitRound(tx, ctx, currentRequest(tx, requestId), { by: ctx.person.id, automatic: false }),
  );
}

type Timed = ((...args: unknown[]) => unknown) & Record<string, (...args: unknown[]) => unknown>;

/** Measures every transaction of the connection, including its commit. */
function watchTransactions(db: Database): { say(): void } {
  const byClock: number[] = [];
  const byCpu: number[] = [];
  const client = db.$client as unknown as { transaction: (work: unknown) => Timed };
  const begin = client.transaction.bind(client);
  client.transaction = (work) => {
    const run = begin(work);
    const immediate = (...args: unknown[]) => {
      const before = process.threadCpuUsage();
      const startedAt = performance.now();
      try {
        return run.immediate!(...args);
      } finally {
        byClock.push(performance.now() - startedAt);
        const { user, system } = process.threadCpuUsage(before);
        byCpu.push((user + system) / 1000);
      }
    };
    return { immediate } as unknown as Timed;
  };
  return {
    say() {
      const { most } = timesOf(byCpu);
      const isShort = most <= goals.transactionMs;
      sayGoal('  longest transaction, of processor time', `${most.toFixed(1)} ms`, '20 ms', isShort);
      const { median, most: longest } = timesOf(byClock);
      const late = byClock.filter((ms) => ms > goals.transactionMs).length;
      console.log(
        `    by the clock, with the wait for the disk: median ${median.toFixed(1)} ms, longest ${longest.toFixed(0)} ms, ` +
          `${late} of ${byClock.length} over 20 ms`,
      );
    },
  };
}
