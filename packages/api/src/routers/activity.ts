/** The activity of a project: events that the caller may see, newest first. */
import { listActivity } from '@turnover/core/projects/activity';
import { activityInput, activityView } from '@turnover/domain/requests/requests';
import { onProject } from '../procedures.ts';
import { t } from '../trpc.ts';

export const activityRouter = t.router({
  list: onProject('project:view')
    .input(activityInput)
    .output(activityView)
    .query(({ ctx, input }) => listActivity(ctx.hub, input)),
});
