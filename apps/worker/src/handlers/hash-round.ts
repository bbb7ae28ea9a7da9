/** Computes the checksums that somebody wants of a round, for some seconds at a time. */
import {
  nextOfRound,
  recordOfRound,
  type FoundHashes,
  type WantedHash,
} from '@turnover/core/requests/receipts/wanted-checksums';
import type { Handler, WorkerTools } from './handler.ts';

const turnMs = 5000;
/** Recording as many takes a few milliseconds. */
const filesPerTurn = 100;

export const hashRound: Handler<'hashRound'> = {
  async run(tools, job, signal) {
    const { ctx } = tools;
    const began = performance.now();
    const found: FoundHashes[] = [];
    const { files, next: nextPage } = nextOfRound(ctx.db, job, filesPerTurn);
    let next = nextPage;
    for (const [index, file] of files.entries()) {
      found.push({ assetId: file.assetId, values: await hash(tools, file, signal) });
      if (index < files.length - 1 && performance.now() - began > turnMs) {
        next = file.pathKey;
        break;
      }
    }
    recordOfRound(ctx, job, found, next);
  },
  // The button is there again, and tries anew.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.notHashed', { ...job.payload, reason });
  },
};

/** A file that is missing or damaged on the disk has no values, and holds up no other. */
async function hash(
  { ctx, pool }: WorkerTools,
  { assetId, sizeBytes, algorithms }: WantedHash,
  signal: AbortSignal,
): Promise<FoundHashes['values']> {
  try {
    return await ctx.storage.lendAsset(assetId, (path) =>
      pool.hashWhole({ path, sizeBytes, algorithms }, signal),
    );
  } catch (error) {
    signal.throwIfAborted();
    ctx.log('error', 'round.fileNotHashed', { asset: assetId, message: String(error) });
    return {};
  }
}
