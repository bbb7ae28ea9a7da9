/** The durable jobs: payload, lease and limits of each kind. The worker contains the handlers. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { checksumAlgorithms, checksumAlgorithmSchema } from '../media/checksums.ts';
import { maxPreviewsAtOnce } from '../media/preview-runs.ts';

type JobDefinition = {
  payload: z.ZodType;
  /** Duration of a lease in milliseconds without a heartbeat. */
  leaseMs: number;
  /** The job is given up after this many failed claims. */
  maxClaims: number;
  /** The longest time that one attempt may run. */
  timeLimitMs: number;
};

/** The most frames per job. Recording the results of so many takes a few milliseconds. */
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
  /** Submits a request with automatic submit as soon as every expected file is present. */
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
      /** The assets that could not be read since the job began. */
      failed: z.array(idSchema('asset')).default([]),
    }),
    timeLimitMs: 24 * 3600_000,
  },
  /** Computes the checksums that a person asked for, for each file of a round, some files at a time. */
  hashRound: {
    ...usual,
    payload: z.object({
      requestId: idSchema('request'),
      round: z.number().int(),
      algorithms: z.array(checksumAlgorithmSchema).min(1).max(checksumAlgorithms.length),
      /** The path key of the last file that the job has completed. */
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
  /** Like `runStage`, for a stage that works as long as the film runs, in a slot of its own. */
  runLongStage: {
    ...usual,
    payload: z.object({ stageRunId: idSchema('stageRun') }),
    timeLimitMs: 24 * 3600_000,
  },
  /** Runs the stages of some frames of an image sequence, one stage after the other. */
  runFrames: {
    ...usual,
    payload: z.object({ fileIds: z.array(idSchema('deliveredFile')).min(1).max(framesPerJob) }),
    // After this time, each frame continues in a job of its own.
    timeLimitMs: 30 * 60_000,
  },
  /** Makes previews that somebody asked for, one file after the other, in short runs. */
  makePreviews: { ...usual, payload: z.object({ assetIds }), timeLimitMs: 30 * 60_000 },
  /** Like `makePreviews`, for a film, in the slot of long work. */
  makeLongPreviews: { ...usual, payload: z.object({ assetIds }), timeLimitMs: 24 * 3600_000 },
  /** Writes a backup of the database and reads it back. */
  makeBackup: {
    ...usual,
    payload: z.object({ backupId: idSchema('backup') }),
    timeLimitMs: 6 * 3600_000,
  },
  /** Collects the due notifications of one address into a mail, and retries until the mail server accepts it. */
  sendMails: {
    ...usual,
    payload: z.object({ email: z.string() }),
    timeLimitMs: 10 * 60_000,
  },
} satisfies Record<string, JobDefinition>;

export type JobKind = keyof typeof jobs;
export type JobPayload<Kind extends JobKind> = z.infer<(typeof jobs)[Kind]['payload']>;
export const jobKinds = Object.keys(jobs) as JobKind[];

/** Jobs that may read a whole film. They have a slot of their own, so that no subtitle waits for one. */
export const longJobKinds: readonly JobKind[] = ['runLongStage', 'makeLongPreviews', 'hashRound'];

/** Jobs that no request waits for: they are claimed only when no other job of their slot is due. */
export const lastJobKinds: readonly JobKind[] = ['makeLongPreviews'];

export const heartbeatMs = 5_000;

/**
 * Returns the milliseconds to wait after the n-th failed claim: full jitter with `random` in [0, 1), under a maximum
 * that doubles.
 */
export function backOffMs(claims: number, random: number): number {
  const roof = Math.min(5 * 60_000, 1000 * 2 ** Math.max(0, claims - 1));
  return Math.round(roof * random);
}
