/** Computes the checksums that somebody wants of a round, for some seconds at a time. */
import { nextOfRound, recordOfRound } from '@turnover/core/requests/receipts/wanted-checksums';
import type { HashValues } from '@turnover/processing/hash';
import type { Handler } from './handler.ts';

const turnMs = 5000;
/** Recording as many takes a few milliseconds. */
const filesPerTurn = 100;

export const hashRound: Handler<'hashRound'> = {
  async run({ ctx, pool }, job, signal) {
    const began = performance.now();
    const found: { assetId: string; values: HashValues }[] = [];
    for (const { assetId, sizeBytes, algorithms } of nextOfRound(ctx.db, job, filesPerTurn)) {
      const values = await ctx.storage.lendAsset(assetId, (path) =>
        pool.hashWhole({ path, sizeBytes, algorithms }, signal),
      );
      found.push({ assetId, values });
      if (performance.now() - began > turnMs) break;
    }
    recordOfRound(ctx, job, found);
  },
  // The button is there again, and tries anew.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.notHashed', { ...job.payload, reason });
  },
};
