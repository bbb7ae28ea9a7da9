/** Hashes uploads while they arrive: follows each growing file up to its durable offset, in steps that share a few threads. */
import type { Context } from '@turnover/core/context';
import { algorithmsAskedFor } from '@turnover/core/manifests/state';
import { hashingWork, recordHashed, verifyUpload } from '@turnover/core/uploads/verification';
import { standardAlgorithm, type ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
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
const pauseMs = 5000;

export function createHashFollower({ ctx, pool }: { ctx: Context; pool: Pool }): HashFollower {
  const following = new Map<string, Promise<void>>();
  /** When each unfinished upload last had a turn. The upload that waited longest is next. */
  const lastTurns = new Map<string, number>();
  const paused = new Set<string>();
  let turn = 0;
  let isStopping = false;

  function wake(): void {
    while (!isStopping && following.size < pool.hashThreads) {
      const next = nextWorkOrNone();
      if (!next) return;
      lastTurns.set(next.id, ++turn);
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
      const to = await hashNextStep(ctx, pool, upload);
      if (to === upload.durableOffset) lastTurns.delete(upload.id);
    } catch (error) {
      ctx.log('error', 'upload.hashingFailed', { upload: upload.id, message: String(error) });
      pause(upload.id);
    }
  }

  function pause(uploadId: string): void {
    paused.add(uploadId);
    const resume = () => {
      paused.delete(uploadId);
      wake();
    };
    setTimeout(resume, pauseMs).unref();
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

/** Hashes the next step and returns the new offset. At the end of a complete upload, compares the checksum. */
async function hashNextStep(ctx: Context, pool: Pool, upload: Work): Promise<number> {
  const from = upload.hashedOffset;
  const to = Math.min(upload.durableOffset, from + stepBytes);
  const algorithms = algorithmsOf(ctx, upload);
  const { states, values } = await ctx.storage.lendIncoming(upload.id, (path) =>
    pool.runHashStep({ path, from, to, algorithms, states: upload.hashState }),
  );
  // Records the hash state before verifying, because publishing moves the file away from this path.
  if (to > from && !recordHashed(ctx, upload.id, from, to, states)) return from;
  if (upload.status === 'verifying' && to === upload.sizeBytes) await verifyUpload(ctx, upload.id, values);
  return to;
}

/** The algorithms with which hashing began. At the first byte, the algorithms of the request's checksum lists are added. */
function algorithmsOf(ctx: Context, upload: Work): ChecksumAlgorithm[] {
  if (upload.hashState) return Object.keys(upload.hashState) as ChecksumAlgorithm[];
  const { declaredAlgorithm: declared, requestId } = upload;
  const wanted = [standardAlgorithm, declared ?? standardAlgorithm, ...algorithmsAskedFor(ctx.db, requestId)];
  return [...new Set(wanted)];
}
