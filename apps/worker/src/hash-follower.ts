/** Hashes uploads while they land: follows each growing file up to its durable offset, in steps that share few threads. */
import type { Context } from '@turnover/core/context';
import { algorithmsAskedFor } from '@turnover/core/manifests/state';
import { hashingWork, recordHashed, verifyUpload } from '@turnover/core/uploads/verification';
import { standardAlgorithm, type ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import type { Pool } from './pool.ts';

export type HashFollower = {
  /** Starts what there is to hash; call it whenever something may have changed. */
  wake(): void;
  /** Resolves when nothing is left to hash now. */
  runUntilIdle(): Promise<void>;
  /** Starts nothing more, and resolves when the steps under way have ended. */
  stop(): Promise<void>;
};

type Work = ReturnType<typeof hashingWork>[number];

/** 0.1 s of xxh128, 0.8 s with an md5: nobody waits longer for a turn. */
const stepBytes = 256 * 1024 * 1024;
/** Waiting uploads that are looked at to find whose turn it is. */
const candidates = 100;
const pauseMs = 5000;

export function createHashFollower({ ctx, pool }: { ctx: Context; pool: Pool }): HashFollower {
  const following = new Map<string, Promise<void>>();
  /** When a file that lags behind had its last turn; the longest ago is next. */
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

  /** A database that cannot be read now is read at the next commit, or in a while. */
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

/** The offset up to which the upload is hashed now; at the end of a whole upload the verdict is given. */
async function hashNextStep(ctx: Context, pool: Pool, upload: Work): Promise<number> {
  const from = upload.hashedOffset;
  const to = Math.min(upload.durableOffset, from + stepBytes);
  const algorithms = algorithmsOf(ctx, upload);
  const path = ctx.storage.incomingPath(upload.id);
  const { states, values } = await pool.runHashStep({ path, from, to, algorithms, states: upload.hashState });
  // Recorded before the verdict: once the file is published, its bytes are not under this path any more.
  if (to > from && !recordHashed(ctx, upload.id, from, to, states)) return from;
  if (upload.status === 'verifying' && to === upload.sizeBytes) await verifyUpload(ctx, upload.id, values);
  return to;
}

/** What was begun with is gone on with; at the first byte, what the lists of its request ask for counts as well. */
function algorithmsOf(ctx: Context, upload: Work): ChecksumAlgorithm[] {
  if (upload.hashState) return Object.keys(upload.hashState) as ChecksumAlgorithm[];
  const { declaredAlgorithm: declared, requestId } = upload;
  const wanted = [standardAlgorithm, declared ?? standardAlgorithm, ...algorithmsAskedFor(ctx.db, requestId)];
  return [...new Set(wanted)];
}
