/** Computes further checksums of a round that somebody asked for. */
import { nextOfRound, recordOfRound } from '@turnover/core/requests/receipts/wanted-checksums';
import type { Handler } from './handler.ts';
import { filesPerTurn, hashFiles } from './hash-files.ts';

export const hashRound: Handler<'hashRound'> = {
  async run(tools, job, signal) {
    const { files, next } = nextOfRound(tools.ctx.db, job, filesPerTurn);
    const found = await hashFiles(tools, files, signal);
    const isWhole = found.length === files.length;
    recordOfRound(tools.ctx, job, found, isWhole ? next : files[found.length - 1]!.pathKey);
  },
  // The page shows the button again, which queues a new job.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'round.notHashed', { ...job.payload, reason });
  },
};
