// The metrics of the worker: what became of jobs and of arriving files.
import { Counter, type Registry } from 'prom-client';
import type { VerificationResult } from '@turnover/core/uploads/verification';
import { jobKinds, type JobKind } from '@turnover/domain/server/jobs';
import { openRegistry } from './registry.ts';

const jobOutcomes = ['done', 'retried', 'dead'] as const;
/** `retried`: the attempt failed and another one follows. `dead`: the job was given up. */
export type JobOutcome = (typeof jobOutcomes)[number];

export type WorkerMetrics = {
  onJobEnded(kind: JobKind, outcome: JobOutcome): void;
  onVerified(result: VerificationResult): void;
  text(): Promise<string>;
  registry: Registry;
};

export function workerMetrics(): WorkerMetrics {
  const registry = openRegistry('worker');
  const jobs = new Counter({
    name: 'turnover_job_attempts_total',
    help: 'Attempts at jobs: done, retried later, or given up (dead)',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  const files = new Counter({
    name: 'turnover_verified_files_total',
    help: 'Arrived files whose checksum was computed: complete, or a mismatch with what the sender declared',
    labelNames: ['result'],
    registers: [registry],
  });
  // A series that begins with its first event has no rate for it.
  for (const kind of jobKinds) for (const outcome of jobOutcomes) jobs.inc({ kind, outcome }, 0);
  for (const result of ['complete', 'mismatch'] as const) files.inc({ result }, 0);
  return {
    onJobEnded: (kind, outcome) => jobs.inc({ kind, outcome }),
    onVerified: (result) => files.inc({ result }),
    text: () => registry.metrics(),
    registry,
  };
}
