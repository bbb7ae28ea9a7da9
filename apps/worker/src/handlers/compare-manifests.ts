/** Compares the checksum lists of a request with its files. Each list is parsed once, in a thread. */
import { compareLists, giveUpComparing } from '@turnover/core/manifests/comparison';
import { nextUnreadLists, recordList } from '@turnover/core/manifests/lists';
import type { Handler } from './handler.ts';

export const compareManifests: Handler<'compareManifests'> = {
  async run({ ctx, pool }, job, signal) {
    const { requestId } = job.payload;
    let lists = nextUnreadLists(ctx.db, requestId);
    while (lists.length > 0) {
      for (const list of lists) {
        const read = await ctx.storage.lendAsset(list.assetId, (file) =>
          pool.readManifest({ file, path: list.path }, signal),
        );
        await recordList(ctx, job, list, read);
      }
      lists = nextUnreadLists(ctx.db, requestId, lists.at(-1)!.pathKey);
    }
    await compareLists(ctx, job);
  },
  giveUp(tx, ctx, job, reason) {
    ctx.log('error', 'manifests.notCompared', { ...job.payload, reason });
    giveUpComparing(tx, ctx, job);
  },
};
