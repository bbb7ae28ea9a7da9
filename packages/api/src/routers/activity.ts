/** Everything that happened in a project and that the caller may see, newest first. */
import { z } from 'zod';
import { projectActivity } from '@turnover/core/events';
import { eventView } from '@turnover/domain/events';
import { activityInput } from '@turnover/domain/requests';
import { onProject } from '../procedures.ts';
import { t } from '../trpc.ts';

export const activityRouter = t.router({
  list: onProject('project:view')
    .input(activityInput)
    .output(z.array(eventView))
    .query(({ ctx, input }) =>
      projectActivity(ctx.hub.db, ctx.hub.person, ctx.project.id, {
        ...{ before: input.before ?? null, limit: input.limit, about: input.about ?? null },
        ...{ personId: input.personId ?? null, requestId: input.requestId ?? null },
      }),
    ),
});
