/** The durable jobs: payload, lease and limits of each kind. The worker has the handlers. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { checksumAlgorithms, checksumAlgorithmSchema } from '../media/checksums.ts';
import { maxPreviewsAtOnce } from '../media/preview-runs.ts';

type JobDefinition = {
  payload: z.ZodType;
  /** A claim holds this long without a heartbeat. */
  leaseMs: number;
  /** The job is given up after this many failed claims. */
  maxClaims: number;
  /** One attempt may run at most this long. */
  timeLimitMs: number;
};

/** Recording as many results at once takes a few milliseconds. */
export const framesPerJob = 32;

const usual = { leaseMs: 20_000, maxClaims: 5 } as const;

const assetIds = z.array(idSchema('asset')).min(1).max(maxPreviewsAtOnce);

export const jobs = {
  /** Queues the stages of a submitted round. */
  processRound: {
    ...usual,
    payload: z.object({ requestId: idSchema('request'), round: z.number().int() }),
    timeLimitMs: 10 * 60_000,
  },
  /** Submits a request with automatic submit if everything it expects is there. */
  submitWhenComplete: {
    ...usual,
    payload: z.object({ requestId: idSchema('request') }),
    timeLimitMs: 10 * 60_000,
  },
  /** Removes many files from a request, batch by batch. */
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
  /** Computes the algorithms that a request's lists use, a few files at a time. */
  hashForManifests: {
    ...usual,
    payload: z.object({
      requestId: idSchema('request'),
      /** What could not be read since the job began. */
      failed: z.array(idSchema('asset')).default([]),
    }),
    timeLimitMs: 24 * 3600_000,
  },
  /** Computes checksums that a person wants of each file of a round, some files at a time. */
  hashRound: {
    ...usual,
    payload: z.object({
      requestId: idSchema('request'),
      round: z.number().int(),
      algorithms: z.array(checksumAlgorithmSchema).min(1).max(checksumAlgorithms.length),
      /** The path key of the last file that it has dealt with. */
      after: z.string().default(''),
    }),
    timeLimitMs: 24 * 3600_000,
  },
  /** Runs one stage of one file. A checksum of several TB takes hours; heartbeats keep its lease. */
  runStage: {
    ...usual,
    payload: z.object({ stageRunId: idSchema('stageRun') }),
    timeLimitMs: 24 * 3600_000,
  },
  /** The same for a stage that works as long as the film runs, in a slot of its own. */
  runLongStage: {
    ...usual,
    payload: z.object({ stageRunId: idSchema('stageRun') }),
    timeLimitMs: 24 * 3600_000,
  },
  /** Runs the stages of some frames of an image sequence, one stage after the other. */
  runFrames: {
    ...usual,
    payload: z.object({ fileIds: z.array(idSchema('deliveredFile')).min(1).max(framesPerJob) }),
    // After it, each frame goes on in a job of its own.
    timeLimitMs: 30 * 60_000,
  },
  /** Makes previews that somebody asked for, one file after the other, in short turns. */
  makePreviews: { ...usual, payload: z.object({ assetIds }), timeLimitMs: 30 * 60_000 },
  /** The same for a film, in the slot of films. */
  makeLongPreviews: { ...usual, payload: z.object({ assetIds }), timeLimitMs: 24 * 3600_000 },
  /** Gathers the due notifications of one address into a mail, and sends it until the mail server accepts it. */
  sendMails: {
    ...usual,
    payload: z.object({ email: z.string() }),
    timeLimitMs: 10 * 60_000,
  },
} satisfies Record<string, JobDefinition>;

export type JobKind = keyof typeof jobs;
export type JobPayload<Kind extends JobKind> = z.infer<(typeof jobs)[Kind]['payload']>;
export const jobKinds = Object.keys(jobs) as JobKind[];

/** One turn of these reads a whole film. They have a slot of their own, so that no subtitle waits for one. */
export const longJobKinds: readonly JobKind[] = ['runLongStage', 'makeLongPreviews', 'hashRound'];

/** Nobody's request waits for these: they are claimed when no other job of their slot is due. */
export const lastJobKinds: readonly JobKind[] = ['makeLongPreviews'];

export const heartbeatMs = 5_000;

/**
 * Milliseconds to wait after the n-th failed claim: full jitter with `random` in [0, 1), under a maximum that
 * doubles.
 */
export function backOffMs(claims: number, random: number): number {
  const roof = Math.min(5 * 60_000, 1000 * 2 ** Math.max(0, claims - 1));
  return Math.round(roof * random);
}
