/** What a handler is: does one kind of job, as often as it is asked to, with the effect of once. */
import type { Context } from '@turnover/core/context';
import type { Job } from '@turnover/core/jobs';
import type { Transaction } from '@turnover/db/open';
import type { JobKind } from '@turnover/domain/server/jobs';
import type { MailTools } from '../mail/tools.ts';
import type { Pool } from '../pool.ts';

export type WorkerTools = {
  ctx: Context;
  pool: Pool;
  simulationSpeed: number;
  mail: MailTools;
  /** In [0, 1): spreads the pauses after failures. */
  random: () => number;
};
export type JobOf<Kind extends JobKind> = Extract<Job, { kind: Kind }>;

export type Handler<Kind extends JobKind> = {
  /** Ends with the job completed or rescheduled, or throws. */
  run(tools: WorkerTools, job: JobOf<Kind>, signal: AbortSignal): Promise<void>;
  /** In the transaction in which the job is given up. */
  giveUp(tx: Transaction, ctx: Context, job: JobOf<Kind>, reason: string): void;
};
