/** The durable jobs: payload, lease and patience of each kind. Handlers are elsewhere, only where they run. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';

type JobDefinition = {
  payload: z.ZodType;
  /** How long a claim holds without a heartbeat. */
  leaseMs: number;
  /** Claims the job may be blamed for before it is given up. */
  maxClaims: number;
  /** One attempt may not run longer. */
  timeLimitMs: number;
};

const usual = { leaseMs: 20_000, maxClaims: 5 } as const;

export const jobs = {
  /** Fans a submitted round out into stages. */
  processRound: {
    ...usual,
    payload: z.object({ requestId: idSchema('request'), round: z.number().int() }),
    timeLimitMs: 10 * 60_000,
  },
  /** Submits a request that submits itself, if all it expects is there. */
  submitWhenComplete: {
    ...usual,
    payload: z.object({ requestId: idSchema('request') }),
    timeLimitMs: 10 * 60_000,
  },
  /** Takes many files out of a request, batch by batch. */
  removeFiles: {
    ...usual,
    payload: z.object({ requestId: idSchema('request') }),
    timeLimitMs: 10 * 60_000,
  },
  /** Reads the checksum lists of a request and compares them with its files. */
  compareManifests: {
    ...usual,
    payload: z.object({ requestId: idSchema('request') }),
    timeLimitMs: 30 * 60_000,
  },
  /** Computes what the lists of a request have values of, a few files at a time. */
  hashForManifests: {
    ...usual,
    payload: z.object({ requestId: idSchema('request') }),
    timeLimitMs: 24 * 3600_000,
  },
  /** One stage of one file. A checksum of several TB takes its hours; the heartbeat tells that it lives. */
  runStage: {
    ...usual,
    payload: z.object({ stageRunId: idSchema('stageRun') }),
    timeLimitMs: 24 * 3600_000,
  },
  /** All that one address is to get by mail: gathered into one mail, and sent until the mail server takes it. */
  sendMails: {
    ...usual,
    payload: z.object({ email: z.string() }),
    timeLimitMs: 10 * 60_000,
  },
} satisfies Record<string, JobDefinition>;

export type JobKind = keyof typeof jobs;
export type JobPayload<Kind extends JobKind> = z.infer<(typeof jobs)[Kind]['payload']>;
export const jobKinds = Object.keys(jobs) as JobKind[];

export const heartbeatMs = 5_000;

/** Milliseconds to wait after the n-th failed claim; `random` in [0, 1): full jitter under a doubling roof. */
export function backOffMs(claims: number, random: number): number {
  const roof = Math.min(5 * 60_000, 1000 * 2 ** Math.max(0, claims - 1));
  return Math.round(roof * random);
}
