/** State and settings of the hub, for its owners. */
import { z } from 'zod';
import { askForExamination } from '@turnover/core/doctor/examinations';
import { describeHealth } from '@turnover/core/doctor/health';
import { describeOutbox, sendTestMail } from '@turnover/core/notifications/outbox';
import { dismissDeadJob, retryDeadJob } from '@turnover/core/requests/processing/dead-jobs';
import { describeCapabilities } from '@turnover/core/server/capabilities';
import { confirmClock } from '@turnover/core/server/clock-trust';
import { listLog } from '@turnover/core/server/log';
import { describeServer } from '@turnover/core/server/server';
import { discardUnfinished, listUnfinished } from '@turnover/core/uploads/unfinished';
import { capabilitiesView, deadJobInput } from '@turnover/domain/server/capabilities';
import { confirmClockInput } from '@turnover/domain/server/clock';
import { healthView } from '@turnover/domain/server/health';
import { listLogInput, logListView } from '@turnover/domain/server/log';
import { outboxView } from '@turnover/domain/server/outbox';
import { serverView } from '@turnover/domain/server/server';
import { settingView } from '@turnover/domain/server/settings';
import {
  discardedView,
  discardUnfinishedInput,
  listUnfinishedInput,
  unfinishedListView,
} from '@turnover/domain/workspace/uploads';
import { asOwner } from '../procedures.ts';
import { testMailIn } from '../test-mail.ts';
import { t } from '../trpc.ts';

export const serverRouter = t.router({
  get: asOwner.output(serverView).query(({ ctx }) => describeServer(ctx.hub)),
  /** The settings in force, and where each comes from. Values of secrets are never returned. */
  settings: asOwner.output(z.array(settingView)).query(({ ctx }) => [...(ctx.hub.settings ?? [])]),
  /** The newest lines of the log of the web process, the worker and the supervisor, without secrets and names of files. */
  log: asOwner
    .input(listLogInput)
    .output(logListView)
    .query(({ ctx, input }) => listLog(ctx.hub, input)),
  /** The mails that wait, were given up or were sent, without subjects and texts, because these are confidential. */
  mails: asOwner.output(outboxView).query(({ ctx }) => describeOutbox(ctx.hub)),
  /** Sends a mail to the caller, to try the mail server. */
  sendTestMail: asOwner
    .output(z.void())
    .mutation(({ ctx }) => sendTestMail(ctx.hub, testMailIn(ctx.hub.person.locale))),
  /** Confirms that the server's time is right; expiry and cleanup then continue. */
  confirmClock: asOwner
    .input(confirmClockInput)
    .output(z.void())
    .mutation(({ ctx, input }) => confirmClock(ctx.hub, input)),
  /** Lists everybody's unfinished uploads, without file names, because these are confidential. */
  uploads: asOwner
    .input(listUnfinishedInput)
    .output(unfinishedListView)
    .query(({ ctx, input }) => listUnfinished(ctx.hub, input)),
  discardUploads: asOwner
    .input(discardUnfinishedInput)
    .output(discardedView)
    .mutation(({ ctx, input }) => discardUnfinished(ctx.hub, input)),
  /** What fills the disk, and what the doctor and the scrubber found. */
  health: asOwner.output(healthView).query(({ ctx }) => describeHealth(ctx.hub)),
  /** Asks the worker to compare the database with the stored files now. It begins within seconds. */
  examine: asOwner.output(z.void()).mutation(({ ctx }) => askForExamination(ctx.hub)),
  /** The real and simulated stages, the tools that a worker found, the queue, and the jobs that were given up. */
  capabilities: asOwner.output(capabilitiesView).query(({ ctx }) => describeCapabilities(ctx.hub)),
  /** Queues a job again that was given up. For stages, the rules of `requestFiles.retryStage` apply. */
  retryJob: asOwner
    .input(deadJobInput)
    .output(z.void())
    .mutation(({ ctx, input }) => retryDeadJob(ctx.hub, input.jobId)),
  /** Removes a job that was given up from the list. Its work stays undone. */
  dismissJob: asOwner
    .input(deadJobInput)
    .output(z.void())
    .mutation(({ ctx, input }) => dismissDeadJob(ctx.hub, input.jobId)),
});
