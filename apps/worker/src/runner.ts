/** Claims due jobs into free slots, renews their leases and records their results. */
import type { Context } from '@turnover/core/context';
import { crashpoint } from '@turnover/core/crashpoints';
import {
  giveUpLapsed,
  fail,
  heartbeat,
  LeaseLostError,
  nextDueAt,
  release,
  type OnFailure,
  type Job,
} from '@turnover/core/jobs';
import { claimSome } from '@turnover/core/requests/processing/short-stages';
import type { StageJob } from '@turnover/core/requests/processing/stages';
import { heartbeatMs, jobKinds, jobs, longJobKinds, type JobKind } from '@turnover/domain/server/jobs';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { WorkerTools } from './handlers/handler.ts';
import { giveUpJob, runJob, signalRetry } from './handlers/index.ts';
import { runTogether } from './handlers/run-together.ts';
import { longStageSlots } from './pool.ts';
import { TookTooLongError } from './took-too-long.ts';

export type Runner = {
  /** Claims all due jobs. Call it after any change. */
  wake(): void;
  /** Resolves when no job is running, and none is due by the clock of the context. */
  runUntilIdle(): Promise<void>;
  /** Cancels running jobs and releases their leases. */
  stop(): Promise<void>;
};

export type RunnerScope = {
  kinds?: readonly JobKind[];
  /** How many jobs may run at once. */
  slots?: number;
};

const longestNapMs = 30_000;
const retryNapMs = 2000;
/** How long a clean shutdown waits for cancelled jobs, of the five seconds it may take. */
const maxWaitMs = 3000;
const mailSlots = 4;
/** Time limit for jobs that run together, which are short. After it, each job is tried again alone. */
const togetherLimitMs = 60_000;
/** How often the runner looks for expired leases. */
const lookForLapsedMs = 1000;

class StoppedError extends Error {}

/** Without a scope, runs every kind of job, with one slot for each stage thread. */
export function createRunner(tools: WorkerTools, scope: RunnerScope = {}): Runner {
  const { ctx, pool } = tools;
  const { kinds = jobKinds, slots = pool.stageThreads } = scope;
  const attempts = new Map<readonly Job[], { cancel: AbortController; ended: Promise<void> }>();
  const onFailure: OnFailure = {
    giveUp: (tx, job, reason) => giveUpJob(tx, ctx, job, reason),
    retryLater: (tx, job) => signalRetry(tx, ctx, job),
  };
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  let lookedAt = -Infinity;

  function wake(): void {
    if (isStopping) return;
    try {
      giveUpWhatLapsed();
      while (attempts.size < slots) {
        const claimed = claimSome(ctx, kinds, slots - attempts.size);
        if (claimed.length === 0) break;
        start(claimed);
      }
      napUntilDue();
    } catch (error) {
      wakeLater(error);
    }
  }

  function giveUpWhatLapsed(): void {
    const now = ctx.clock();
    if (Math.abs(now - lookedAt) < lookForLapsedMs) return;
    lookedAt = now;
    giveUpLapsed(ctx, onFailure.giveUp);
  }

  /** Tries again later when the database is locked, full or read-only. Rethrows other errors, because they are bugs. */
  function wakeLater(error: unknown): void {
    const reason = faultReasonOf(error);
    if (!reason) throw error;
    ctx.log('error', 'runner.systemFailed', { reason, message: String(error) });
    clearTimeout(timer);
    timer = setTimeout(wake, retryNapMs);
    timer.unref();
  }

  function start(claimed: readonly Job[]): void {
    crashpoint('job.afterClaim');
    const cancel = new AbortController();
    const ended = attempt(tools, claimed, cancel, onFailure).then(() => {
      attempts.delete(claimed);
      wake();
    });
    attempts.set(claimed, { cancel, ended });
  }

  function napUntilDue(): void {
    clearTimeout(timer);
    // If all slots are taken, the end of an attempt calls `wake`.
    const isFull = attempts.size >= slots;
    const dueAt = isFull ? Infinity : (nextDueAt(ctx.db, kinds) ?? Infinity);
    const nap = Math.min(longestNapMs, Math.max(10, dueAt - ctx.clock()));
    timer = setTimeout(wake, nap);
    timer.unref();
  }

  return {
    wake,
    async runUntilIdle() {
      wake();
      while (attempts.size > 0) await Promise.all([...attempts.values()].map(({ ended }) => ended));
      clearTimeout(timer);
    },
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      for (const { cancel } of attempts.values()) cancel.abort(new StoppedError());
      const ended = Promise.all([...attempts.values()].map(({ ended }) => ended));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, maxWaitMs).unref())]);
      for (const job of [...attempts.keys()].flat()) release(ctx, job);
    },
  };
}

/**
 * Runs all kinds of jobs. Mails, backups and long work, such as the encode of a film, have slots of their own, so that short
 * work and backups do not wait for a film, and a slow mail server delays nothing else.
 */
export function createRunners(tools: WorkerTools): Runner {
  const apart: readonly { kinds: readonly JobKind[]; slots: number }[] = [
    { kinds: ['sendMails'], slots: mailSlots },
    { kinds: ['makeBackup'], slots: 1 },
    { kinds: longJobKinds, slots: longStageSlots },
  ];
  const isApart = (kind: JobKind) => apart.some(({ kinds }) => kinds.includes(kind));
  const together: RunnerScope = { kinds: jobKinds.filter((kind) => !isApart(kind)) };
  const runners = [together, ...apart].map((scope) => createRunner(tools, scope));
  return {
    wake: () => runners.forEach((runner) => runner.wake()),
    async runUntilIdle() {
      await Promise.all(runners.map((runner) => runner.runUntilIdle()));
    },
    async stop() {
      await Promise.all(runners.map((runner) => runner.stop()));
    },
  };
}

/** Runs one attempt and records its result. Never throws. */
async function attempt(
  tools: WorkerTools,
  claimed: readonly Job[],
  cancel: AbortController,
  onFailure: OnFailure,
): Promise<void> {
  const { ctx } = tools;
  const [first, ...others] = claimed as [Job, ...Job[]];
  const startedAt = performance.now();
  const factsOf = (job: Job) => ({
    job: job.id,
    kind: job.kind,
    ...job.payload,
    ms: Math.round(performance.now() - startedAt),
  });
  const beats = setInterval(() => claimed.forEach((job) => beat(ctx, job, cancel)), heartbeatMs);
  const limitMs = others.length > 0 ? togetherLimitMs : jobs[first.kind].timeLimitMs;
  const limit = setTimeout(() => cancel.abort(new TookTooLongError()), limitMs);
  try {
    // Only jobs of stages are claimed together.
    if (others.length > 0) await runTogether(tools, claimed as StageJob[], cancel.signal);
    else await runJob(tools, first, cancel.signal);
    for (const job of claimed) {
      ctx.log('debug', 'job.ended', factsOf(job));
      tools.onJobEnded?.(job.kind, 'done');
    }
  } catch (error) {
    const reason: unknown = cancel.signal.aborted ? cancel.signal.reason : error;
    for (const job of claimed) settle(tools, job, reason, onFailure, factsOf(job));
  } finally {
    clearInterval(beats);
    clearTimeout(limit);
  }
}

function beat(ctx: Context, job: Job, cancel: AbortController): void {
  try {
    if (!heartbeat(ctx, job)) cancel.abort(new LeaseLostError(job.id));
  } catch (error) {
    // The lease is longer than three missed heartbeats.
    ctx.log('warn', 'job.heartbeatFailed', { job: job.id, message: String(error) });
  }
}

function settle(
  { ctx, random, onJobEnded }: WorkerTools,
  job: Job,
  error: unknown,
  onFailure: OnFailure,
  facts: Record<string, unknown>,
): void {
  try {
    if (error instanceof LeaseLostError) ctx.log('warn', 'job.leaseLost', facts);
    else if (error instanceof StoppedError) release(ctx, job);
    else {
      const reason = error instanceof Error ? error.message : String(error);
      const outcome = fail(ctx, job, reason, random(), onFailure);
      ctx.log(outcome === 'dead' ? 'error' : 'warn', `job.${outcome}`, { ...facts, reason });
      onJobEnded?.(job.kind, outcome === 'dead' ? 'dead' : 'retried');
    }
  } catch (failure) {
    // The result could not be recorded. The lease expires, and the next claim continues from there.
    ctx.log('error', 'job.notSettled', { ...facts, message: String(failure) });
  }
}
