/** My work: what a person has to do in a project now. */
import { listWork } from '@turnover/core/work/work';
import { workView } from '@turnover/domain/work/work';
import { onProject } from '../procedures.ts';
import { t } from '../trpc.ts';

export const workRouter = t.router({
  /** The sections for the caller's role, each with its first rows. Throws `forbidden` for people who see no requests. */
  list: onProject('project:view')
    .meta({ rule: { noun: 'project', permission: 'request:view', also: ', as far as it reaches' } })
    .output(workView)
    .query(({ ctx }) => listWork(ctx.hub, ctx.project)),
});
