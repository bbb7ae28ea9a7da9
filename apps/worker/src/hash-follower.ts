/** Hashes uploads while they arrive: follows each growing file up to its durable offset, in steps that share a few threads. */
import type { Context } from '@turnover/core/context';
import { algorithmsAskedFor } from '@turnover/core/manifests/state';
import {
  hashingWork,
  recordHashed,
  verifyUpload,
  type VerificationResult,
} from '@turnover/core/uploads/verification';
import { standardAlgorithm, type ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { HashValues } from '@turnover/processing/hash';
import type { Pool } from './pool.ts';

export type HashFollower = {
  /** Starts all hashing that is possible now. Call it after any change. */
  wake(): void;
  /** Resolves when there is nothing left to hash. */
  runUntilIdle(): Promise<void>;
  /** Starts no more steps and resolves when the running ones have ended. */
  stop(): Promise<void>;
};

type Work = ReturnType<typeof hashingWork>[number];

/** Bytes per step. A step takes 0.1 s with xxh128 and 0.8 s with md5, so that other uploads do not wait longer for their turn. */
const stepBytes = 256 * 1024 * 1024;
/** How many uploads are loaded to choose the next one. */
const candidates = 100;
/** How many hashed uploads are published at once: they wait for the disk together, and share commits. */
const maxPublishing = 16;
const pauseMs = 5000;
const busyPauseMs = 100;

export type HashFollowerTools = {
  ctx: Context;
  pool: Pool;
  onVerified?: ((result: VerificationResult) => void) | undefined;
};

export function createHashFollower({ ctx, pool, onVerified }: HashFollowerTools): HashFollower {
  /** The uploads that are being hashed or published. */
  const following = new Map<string, Promise<void>>();
  let hashing = 0;
  /** When each unfinished upload last had a turn. The upload that waited longest is next. */
  const lastTurns = new Map<string, number>();
  const paused = new Set<string>();
  let turn = 0;
  let isStopping = false;

  function wake(): void {
    while (!isStopping && hashing < pool.hashThreads && following.size < maxPublishing + pool.hashThreads) {
      const next = nextWorkOrNone();
      if (!next) return;
      lastTurns.set(next.id, ++turn);
      hashing++;
      const step = follow(next).finally(() => following.delete(next.id));
      following.set(next.id, step);
      void step.then(wake);
    }
  }

  /** The next step, or undefined. If the database cannot be read now, it is tried again at the next commit or after a pause. */
  function nextWorkOrNone(): Work | undefined {
    try {
      return nextWork();
    } catch (error) {
      if (!faultReasonOf(error)) throw error;
      ctx.log('error', 'upload.hashingWaits', { message: String(error) });
      setTimeout(wake, pauseMs).unref();
      return undefined;
    }
  }

  function nextWork(): Work | undefined {
    const free = hashingWork(ctx.db, candidates + following.size + paused.size).filter(
      ({ id }) => !following.has(id) && !paused.has(id),
    );
    const lastTurn = ({ id }: Work) => lastTurns.get(id) ?? 0;
    return free.sort((a, b) => lastTurn(a) - lastTurn(b))[0];
  }

  async function follow(upload: Work): Promise<void> {
    try {
      const { to, values } = await hashNextStep(ctx, pool, upload).finally(() => hashing--);
      if (to === upload.durableOffset) lastTurns.delete(upload.id);
      if (!values) return;
      // The thread hashes the next upload while this one is published.
      wake();
      const result = await verifyUpload(ctx, upload.id, values);
      if (result !== null) onVerified?.(result);
    } catch (error) {
      // The database is busy while many uploads end: nothing failed, and somebody waits for the checksum.
      if (faultReasonOf(error) === 'busy') return pause(upload.id, busyPauseMs);
      ctx.log('error', 'upload.hashingFailed', { upload: upload.id, message: String(error) });
      pause(upload.id, pauseMs);
    }
  }

  function pause(uploadId: string, forMs: number): void {
    paused.add(uploadId);
    const resume = () => {
      paused.delete(uploadId);
      wake();
    };
    setTimeout(resume, forMs).unref();
  }

  return {
    wake,
    async runUntilIdle() {
      wake();
      while (following.size > 0) await Promise.all(following.values());
    },
    async stop() {
      isStopping = true;
      await Promise.all(following.values());
    },
  };
}

type Hashed = { to: number; values?: HashValues };

/** Hashes the next step and returns the new offset; at the end of a complete upload its checksums too. */
async function hashNextStep(ctx: Context, pool: Pool, upload: Work): Promise<Hashed> {
  const from = upload.hashedOffset;
  const to = Math.min(upload.durableOffset, from + stepBytes);
  const algorithms = algorithmsOf(ctx, upload);
  const { states, values } = await ctx.storage.lendIncoming(upload.id, (path) =>
    pool.runHashStep({ path, from, to, algorithms, states: upload.hashState }),
  );
  // The result is recorded with the checksums, so the last state need not be.
  if (upload.status === 'verifying' && to === upload.sizeBytes) return { to, values };
  if (to > from && !recordHashed(ctx, upload.id, from, to, states)) return { to: from };
  return { to };
}

/** The algorithms with which hashing began. At the first byte, the algorithms of the request's checksum lists are added. */
function algorithmsOf(ctx: Context, upload: Work): ChecksumAlgorithm[] {
  if (upload.hashState) return Object.keys(upload.hashState) as ChecksumAlgorithm[];
  const { declaredAlgorithm: declared, requestId } = upload;
  const wanted = [standardAlgorithm, declared ?? standardAlgorithm, ...algorithmsAskedFor(ctx.db, requestId)];
  return [...new Set(wanted)];
}
