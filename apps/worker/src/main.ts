/** The worker process: claims jobs, hashes arriving uploads, and stops within five seconds of a stop signal. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { backupsOf, limitsOf, type Config } from '@turnover/config/config';
import { loadSettings } from '@turnover/config/load-settings';
import { requireMarkers } from '@turnover/core/server/claim-folder';
import type { Context, Log } from '@turnover/core/context';
import { armCrashpoint } from '@turnover/core/crashpoints';
import { resumeMails } from '@turnover/core/notifications/mails';
import { createLog, logCrash, logFormat } from '@turnover/core/log';
import { openLogFiles } from '@turnover/core/log-files';
import { recordCapabilities } from '@turnover/core/server/capabilities';
import { recordOutsideStages } from '@turnover/core/requests/processing/outside-stages';
import { idsFrom } from '@turnover/core/ids';
import { openLocalStorage } from '@turnover/core/storage';
import { openStorageCare } from '@turnover/core/storage-care';
import { databasePath } from '@turnover/db/data-folder';
import { openMigrated } from '@turnover/db/migrate';
import { setWaitMs } from '@turnover/db/open';
import { keepReserve, openSpaceReserve } from '@turnover/db/space-reserve';
import { isPassing, startFailure } from '@turnover/db/start-failure';
import { watchCommits } from '@turnover/db/watch';
import type { ExternalCheck } from '@turnover/domain/media/external-checks';
import type { OutsideStage } from '@turnover/domain/media/outside-stages';
import type { WorkerMetrics } from '@turnover/metrics/worker';
import { stageOfCheck } from '@turnover/processing/external/check-stage';
import { readChecks } from '@turnover/processing/external/read-checks';
import { inspectOutsideStages } from '@turnover/processing/outside/inspect';
import { statedBy } from '@turnover/processing/outside/load';
import { findTools } from '@turnover/processing/tools';
import { createHashFollower } from './hash-follower.ts';
import { mailToolsFrom } from './mail/tools.ts';
import { longStageSlots, openPool } from './pool.ts';
import { createRunners } from './runner.ts';
import { startSchedule } from './schedule.ts';
import { startScrubber } from './scrubber.ts';

/** The exit code EX_CONFIG: a restart does not help until somebody changes the configuration. */
const refusedToStart = 78;
const startAgain = 1;
const shutdownMs = 4500;
const lookForDatabaseMs = 250;

async function start(): Promise<void> {
  const { config } = loadSettings(process.env);
  const { dataFolder } = config;
  if (config.crashAt) armCrashpoint(config.crashAt);
  const format = logFormat(config.logFormat, process.stderr.isTTY);
  const files = openLogFiles('worker', Date.now);
  const log = createLog({ level: config.log, format, keep: files.write }, Date.now);
  logCrash(log);
  process.on('exit', files.end);
  const checks = readChecks(config.checksFile);
  const stages = await loadStages(config.stageModules, checks);
  const path = databasePath(dataFolder);
  onStop(() => process.exit(0));
  if (!existsSync(path)) log('info', 'worker.waits', { for: 'the web process to make the database' });
  while (!existsSync(path)) await wait(lookForDatabaseMs);

  const db = openMigrated(dataFolder, { clock: Date.now });
  const hubId = requireMarkers(db, dataFolder);
  files.begin(dataFolder);
  const reserve = openSpaceReserve(dataFolder);
  keepReserve(db.$client, reserve);
  // A long wait for the database would also delay the heartbeats of other jobs.
  setWaitMs(db, 1000);
  const ctx: Context = {
    db,
    clock: Date.now,
    newId: idsFrom(Date.now),
    storage: await openLocalStorage(dataFolder, { reserve, ...(hubId && { hubId }) }),
    limits: limitsOf(config),
    backups: backupsOf(config),
    mail: { configured: config.smtpUrl !== undefined },
    log,
  };
  recordOutsideStages(ctx, stages);
  const threads = config.workerThreads ?? Math.min(8, availableParallelism());
  const pool = openPool(threads, { modules: config.stageModules, checks, stages });
  recordCapabilities(ctx, {
    tools: findTools(),
    outsideStages: stages.map(({ name }) => name),
    slots: { short: pool.stageThreads, long: longStageSlots },
  });
  const { simulationSpeed } = config;
  const mail = mailToolsFrom(config);
  const metrics = await openMetrics(config, log);
  const { onJobEnded, onVerified } = metrics ?? {};
  const runner = createRunners({ ctx, pool, simulationSpeed, mail, random: Math.random, onJobEnded });
  const follower = createHashFollower({ ctx, pool, onVerified });
  const care = openStorageCare(dataFolder);
  const schedule = startSchedule(ctx, dataFolder, care);
  const scrubber =
    config.scrubDays > 0 ? startScrubber({ ctx, pool, care, days: config.scrubDays }) : undefined;
  const watch = watchCommits(path, () => {
    follower.wake();
    runner.wake();
  });
  onStop(async () => {
    watch.close();
    schedule.stop();
    await Promise.all([runner.stop(), follower.stop(), scrubber?.stop()]);
    await pool.close();
    ctx.db.$client.close();
    process.exit(0);
  });
  resumeMails(ctx);
  follower.wake();
  runner.wake();
  log('info', 'worker.started', { stageThreads: pool.stageThreads, hashThreads: pool.hashThreads });
  process.send?.({ ready: 'worker' });
}

/** The worker's metrics are on the port after that of the web process. Null when they are switched off. */
async function openMetrics({ metricsAddress }: Config, log: Log): Promise<WorkerMetrics | null> {
  if (!metricsAddress) return null;
  const { serveMetrics } = await import('@turnover/metrics/serve');
  const { workerMetrics } = await import('@turnover/metrics/worker');
  const metrics = workerMetrics();
  const { host, port } = metricsAddress;
  await serveMetrics({ host, port: port + 1 }, metrics.text, log);
  return metrics;
}

/** Loads the descriptions of all outside stages: those of modules, and those made from checks. */
async function loadStages(
  modules: readonly string[],
  checks: readonly ExternalCheck[],
): Promise<OutsideStage[]> {
  const ofModules = await inspectOutsideStages(modules);
  const ofChecks = checks.map((check) => statedBy(stageOfCheck(check)));
  const twice = ofChecks.find(({ name }) => ofModules.some((other) => other.name === name));
  if (twice) throw new Error(`TURNOVER_CHECKS: a module of TURNOVER_STAGES has the name ${twice.name} too.`);
  return [...ofModules, ...ofChecks];
}

/** The latest registered stop function. Repeated stop signals change nothing; a shutdown that hangs is killed. */
let stop: () => void | Promise<void>;
let isStopping = false;

function onStop(what: typeof stop): void {
  const isFirst = stop === undefined;
  stop = what;
  if (!isFirst) return;
  const begin = () => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), shutdownMs).unref();
    Promise.resolve(stop()).catch(() => process.exit(1));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, begin);
}

start().catch((error: unknown) => {
  console.error(startFailure(error));
  process.exit(isPassing(error) ? startAgain : refusedToStart);
});
