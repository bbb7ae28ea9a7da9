/** The hub's own state and settings, for its owners. */
import { z } from 'zod';
import { dismissDeadJob, retryDeadJob } from '@turnover/core/requests/processing/dead-jobs';
import { describeCapabilities } from '@turnover/core/server/capabilities';
import { confirmClock } from '@turnover/core/server/clock-trust';
import { describeServer } from '@turnover/core/server/server';
import { discardUnfinished, listUnfinished } from '@turnover/core/uploads/unfinished';
import { capabilitiesView, deadJobInput } from '@turnover/domain/server/capabilities';
import { confirmClockInput } from '@turnover/domain/server/clock';
import { serverView } from '@turnover/domain/server/server';
import {
  discardedView,
  discardUnfinishedInput,
  listUnfinishedInput,
  unfinishedListView,
} from '@turnover/domain/workspace/uploads';
import { asOwner } from '../procedures.ts';
import { t } from '../trpc.ts';

export const serverRouter = t.router({
  get: asOwner.output(serverView).query(({ ctx }) => describeServer(ctx.hub)),
  /** An owner confirms that the server's time is right; expiry and cleanup then continue. */
  confirmClock: asOwner
    .input(confirmClockInput)
    .output(z.void())
    .mutation(({ ctx, input }) => confirmClock(ctx.hub, input)),
  /** Everybody's unfinished uploads, without file names, which are confidential. */
  uploads: asOwner
    .input(listUnfinishedInput)
    .output(unfinishedListView)
    .query(({ ctx, input }) => listUnfinished(ctx.hub, input)),
  discardUploads: asOwner
    .input(discardUnfinishedInput)
    .output(discardedView)
    .mutation(({ ctx, input }) => discardUnfinished(ctx.hub, input)),
  /** Which stages are real, which tools a worker found, how the queue stands, and which jobs were given up. */
  capabilities: asOwner.output(capabilitiesView).query(({ ctx }) => describeCapabilities(ctx.hub)),
  /** Queues a job once more that was given up. A stage follows the rules of `requestFiles.retryStage`. */
  retryJob: asOwner
    .input(deadJobInput)
    .output(z.void())
    .mutation(({ ctx, input }) => retryDeadJob(ctx.hub, input.jobId)),
  /** Removes a job that was given up from the list. What it would have done stays undone. */
  dismissJob: asOwner
    .input(deadJobInput)
    .output(z.void())
    .mutation(({ ctx, input }) => dismissDeadJob(ctx.hub, input.jobId)),
});
