/** Computes checksums that a request's lists need and that were not computed during upload: a few files per job run. */
import { endHashing, nextToHash, recordComputed } from '@turnover/core/manifests/hashing';
import type { Handler } from './handler.ts';

const turnMs = 5000;

export const hashForManifests: Handler<'hashForManifests'> = {
  async run({ ctx, pool }, job, signal) {
    const began = performance.now();
    while (performance.now() - began < turnMs) {
      const work = nextToHash(ctx.db, job.payload.requestId);
      if (!work) break;
      const { assetId, sizeBytes, algorithms } = work;
      const values = await ctx.storage.lendAsset(assetId, (path) =>
        pool.hashWhole({ path, sizeBytes, algorithms }, signal),
      );
      recordComputed(ctx, job, assetId, values);
    }
    endHashing(ctx, job);
  },
  // Files without a computed value stay "not checkable yet". The next change of the files tries again.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'manifests.notHashed', { ...job.payload, reason });
  },
};
