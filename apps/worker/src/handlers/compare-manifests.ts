/** Reads the checksum lists of a request, each once and in a thread, and compares them with its files. */
import {
  compareLists,
  giveUpComparing,
  nextUnreadList,
  recordList,
} from '@turnover/core/manifest-comparison';
import type { Handler } from './handler.ts';

export const compareManifests: Handler<'compareManifests'> = {
  async run({ ctx, pool }, job, signal) {
    const { requestId } = job.payload;
    for (let list = nextUnreadList(ctx.db, requestId); list; list = nextUnreadList(ctx.db, requestId)) {
      const file = ctx.storage.vaultPath(list.assetId);
      await recordList(ctx, job, list, await pool.readManifest({ file, path: list.path }, signal));
    }
    await compareLists(ctx, job);
  },
  bury(tx, ctx, job, reason) {
    ctx.log('error', 'manifests.notCompared', { ...job.payload, reason });
    giveUpComparing(tx, ctx, job);
  },
};
