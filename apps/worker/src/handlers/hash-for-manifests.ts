/** Computes checksums that a request's lists need and that were not computed during the upload. */
import { nextToHash, recordComputed } from '@turnover/core/manifests/hashing';
import type { Handler } from './handler.ts';
import { filesPerTurn, hashFiles } from './hash-files.ts';

export const hashForManifests: Handler<'hashForManifests'> = {
  async run(tools, job, signal) {
    const { requestId, failed } = job.payload;
    const files = nextToHash(tools.ctx.db, requestId, filesPerTurn, failed);
    recordComputed(tools.ctx, job, await hashFiles(tools, files, signal));
  },
  // Files without a computed checksum stay "not checkable yet". The next change of the files queues the job again.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'manifests.notHashed', { ...job.payload, reason });
  },
};
