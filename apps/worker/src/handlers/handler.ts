/**
 * The type of a handler, which runs one kind of job. Handlers are idempotent: running a job twice has the effect of running
 * it once.
 */
import type { Context } from '@turnover/core/context';
import type { Job } from '@turnover/core/jobs';
import type { Transaction } from '@turnover/db/open';
import type { JobKind } from '@turnover/domain/server/jobs';
import type { WorkerMetrics } from '@turnover/metrics/worker';
import type { MailTools } from '../mail/tools.ts';
import type { Pool } from '../pool.ts';

export type WorkerTools = {
  ctx: Context;
  pool: Pool;
  simulationSpeed: number;
  mail: MailTools;
  /** Returns a number in [0, 1) that spreads the delays after failures. */
  random: () => number;
  onJobEnded?: WorkerMetrics['onJobEnded'] | undefined;
};

export type JobOf<Kind extends JobKind> = Extract<Job, { kind: Kind }>;

export type Handler<Kind extends JobKind> = {
  /** Completes or reschedules the job, or throws. */
  run(tools: WorkerTools, job: JobOf<Kind>, signal: AbortSignal): Promise<void>;
  /** Called in the transaction that gives up the job. */
  giveUp(tx: Transaction, ctx: Context, job: JobOf<Kind>, reason: string): void;
  /** Called in the transaction that schedules the next attempt after a failure. */
  retryLater?(tx: Transaction, ctx: Context, job: JobOf<Kind>): void;
};
