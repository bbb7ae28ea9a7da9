/** Computes the checksums that somebody wants of a round, for some seconds at a time. */
import {
  nextOfRound,
  recordOfRound,
  type FoundHashes,
} from '@turnover/core/requests/receipts/wanted-checksums';
import type { Handler } from './handler.ts';

const turnMs = 5000;
/** Recording as many takes a few milliseconds. */
const filesPerTurn = 100;

export const hashRound: Handler<'hashRound'> = {
  async run({ ctx, pool }, job, signal) {
    const began = performance.now();
    const found: FoundHashes[] = [];
    const { files, next: nextPage } = nextOfRound(ctx.db, job, filesPerTurn);
    let next = nextPage;
    for (const [index, { assetId, pathKey, sizeBytes, algorithms }] of files.entries()) {
      const values = await ctx.storage.lendAsset(assetId, (path) =>
        pool.hashWhole({ path, sizeBytes, algorithms }, signal),
      );
      found.push({ assetId, values });
      if (index < files.length - 1 && performance.now() - began > turnMs) {
        next = pathKey;
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
