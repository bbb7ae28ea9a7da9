/** Saved views of the list of requests. Each belongs to one person. */
import { z } from 'zod';
import {
  createSavedView,
  listSavedViews,
  removeSavedView,
  restoreSavedView,
  updateSavedView,
} from '@turnover/core/requests/saved-views';
import { projectIdInput } from '@turnover/domain/people/projects';
import {
  createSavedViewInput,
  savedViewListView,
  savedViewView,
  updateSavedViewInput,
} from '@turnover/domain/requests/saved-views';
import { onOwnView, onProject, onRemovedView } from '../procedures.ts';
import { t } from '../trpc.ts';

/** Everybody who may see the list of requests can save views of it. */
const onListOfRequests = onProject('project:view').meta({
  rule: { noun: 'project', permission: 'request:view', also: ', as far as it reaches' },
});

export const savedViewsRouter = t.router({
  list: onListOfRequests
    .input(projectIdInput)
    .output(savedViewListView)
    .query(({ ctx, input }) => listSavedViews(ctx.hub, input)),
  create: onListOfRequests
    .input(createSavedViewInput)
    .output(savedViewView)
    .mutation(({ ctx, input }) => createSavedView(ctx.hub, input)),
  update: onOwnView
    .input(updateSavedViewInput)
    .output(savedViewView)
    .mutation(({ ctx, input }) => updateSavedView(ctx.hub, ctx.view, input)),
  remove: onOwnView.output(z.void()).mutation(({ ctx }) => removeSavedView(ctx.hub, ctx.view)),
  restore: onRemovedView.output(savedViewView).mutation(({ ctx }) => restoreSavedView(ctx.hub, ctx.view)),
});
