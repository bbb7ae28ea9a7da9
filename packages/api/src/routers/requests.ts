/** Delivery requests: lists, edits and status changes. */
import { z } from 'zod';
import { askForRedelivery } from '@turnover/core/requests/redelivery/redeliveries';
import {
  acceptRequest,
  cancelRequest,
  reopenRequest,
  restoreRequest,
  reviewAndSubmit,
} from '@turnover/core/requests/actions';
import { requestEvents } from '@turnover/core/requests/history';
import { listRequests } from '@turnover/core/requests/list';
import { remindAssignees } from '@turnover/core/requests/reminders';
import { availableInProject } from '@turnover/core/uploads/space';
import { checkDelivery, checkArriving, overrideRule } from '@turnover/core/requests/rule-checks';
import {
  assignRequest,
  createRequest,
  duplicateRequest,
  getRequest,
  promiseDate,
  setRequestType,
  updateRequest,
} from '@turnover/core/requests/edit';
import { assignMany, moveMany, setDueDates } from '@turnover/core/requests/many';
import { createRequests, takenNames } from '@turnover/core/requests/from-list';
import { viewImfPackage } from '@turnover/core/requests/imf-packages';
import { listRequestsInput, requestListView } from '@turnover/domain/requests/list';
import {
  assignManyInput,
  datesSetView,
  manyDoneView,
  manyRequestsInput,
  setDueDatesInput,
} from '@turnover/domain/requests/many';
import { eventView } from '@turnover/domain/events';
import { reportView } from '@turnover/domain/rules/pre-flight';
import {
  askForRedeliveryInput,
  assignRequestInput,
  createdManyView,
  createManyRequestsInput,
  createRequestInput,
  duplicateRequestInput,
  imfPackageView,
  overrideRuleInput,
  preFlightInput,
  promiseInput,
  reminderView,
  requestHistoryInput,
  requestView,
  setTypeInput,
  takenNamesInput,
  takenNamesView,
  updateRequestInput,
} from '@turnover/domain/requests/requests';
import { onAction, onProject, onRequest } from '../procedures.ts';
import { t } from '../trpc.ts';

export const requestsRouter = t.router({
  /** Lists the requests that the caller may see. Throws `forbidden` for people whose role sees no requests. */
  list: onProject('project:view')
    .meta({ rule: { noun: 'project', permission: 'request:view', also: ', as far as it reaches' } })
    .input(listRequestsInput)
    .output(requestListView)
    .query(({ ctx, input }) => listRequests(ctx.hub, input)),
  create: onProject('request:create')
    .input(createRequestInput)
    .output(requestView)
    .mutation(({ ctx, input }) => createRequest(ctx.hub, input)),
  get: onRequest('request:view')
    .output(requestView)
    .query(({ ctx }) => getRequest(ctx.hub, ctx.request.id)),
  history: onRequest('request:view')
    .input(requestHistoryInput)
    .output(z.array(eventView))
    .query(({ ctx, input }) => requestEvents(ctx.hub, ctx.request, input)),
  update: onAction('update')
    .input(updateRequestInput)
    .output(requestView)
    .mutation(({ ctx, input }) => updateRequest(ctx.hub, ctx.request, input)),
  assign: onAction('assign')
    .input(assignRequestInput)
    .output(requestView)
    .mutation(({ ctx, input }) => assignRequest(ctx.hub, ctx.request, input)),
  promise: onAction('promise')
    .input(promiseInput)
    .output(requestView)
    .mutation(({ ctx, input }) => promiseDate(ctx.hub, ctx.request, input)),
  remind: onAction('remind')
    .output(reminderView)
    .mutation(({ ctx }) => remindAssignees(ctx.hub, ctx.request)),
  createMany: onProject('request:create')
    .input(createManyRequestsInput)
    .output(createdManyView)
    .mutation(({ ctx, input }) => createRequests(ctx.hub, input)),
  /**
   * Finds names that are taken, before requests are created from a list. A mutation because the list is too long for a
   * query's URL.
   */
  takenNames: onProject('request:create')
    .input(takenNamesInput)
    .output(takenNamesView)
    .mutation(({ ctx, input }) => takenNames(ctx.hub, input)),
  duplicate: onRequest('request:update')
    .input(duplicateRequestInput)
    .output(requestView)
    .mutation(({ ctx, input }) => duplicateRequest(ctx.hub, ctx.request, input)),
  /** Accepts several requests; each is accepted or refused by itself. Refuses those with unresolved findings or failed files. */
  acceptMany: onProject('request:accept')
    .meta({ rule: { noun: 'project', permission: 'request:accept', also: ', and the same of each' } })
    .input(manyRequestsInput)
    .output(manyDoneView)
    .mutation(({ ctx, input }) => moveMany(ctx.hub, input, 'accept')),
  reopenMany: onProject('request:reopen')
    .meta({ rule: { noun: 'project', permission: 'request:reopen', also: ', and the same of each' } })
    .input(manyRequestsInput)
    .output(manyDoneView)
    .mutation(({ ctx, input }) => moveMany(ctx.hub, input, 'reopen')),
  cancelMany: onProject('request:cancel')
    .meta({ rule: { noun: 'project', permission: 'request:cancel', also: ', and the same of each' } })
    .input(manyRequestsInput)
    .output(manyDoneView)
    .mutation(({ ctx, input }) => moveMany(ctx.hub, input, 'cancel')),
  restoreMany: onProject('request:cancel')
    .meta({ rule: { noun: 'project', permission: 'request:cancel', also: ', and the same of each' } })
    .input(manyRequestsInput)
    .output(manyDoneView)
    .mutation(({ ctx, input }) => moveMany(ctx.hub, input, 'restore')),
  assignMany: onProject('request:assign')
    .meta({ rule: { noun: 'project', permission: 'request:assign', also: ', and the same of each' } })
    .input(assignManyInput)
    .output(manyDoneView)
    .mutation(({ ctx, input }) => assignMany(ctx.hub, input)),
  setDueDates: onProject('request:update')
    .meta({ rule: { noun: 'project', permission: 'request:update', also: ', and the same of each' } })
    .input(setDueDatesInput)
    .output(datesSetView)
    .mutation(({ ctx, input }) => setDueDates(ctx.hub, input)),
  setType: onRequest('request:update')
    .input(setTypeInput)
    .output(requestView)
    .mutation(({ ctx, input }) => setRequestType(ctx.hub, ctx.request, input)),
  /** Checks files before their first byte is sent. Changes nothing; a mutation because the list is too long for a query's URL. */
  preFlight: onAction('add')
    .input(preFlightInput)
    .output(reportView)
    .mutation(({ ctx, input }) => checkArriving(ctx.hub, ctx.request, input.files)),
  /** The facts that the browser needs to check files by itself. */
  space: onAction('add')
    .output(z.object({ availableBytes: z.number() }))
    .query(async ({ ctx }) => ({
      availableBytes: await availableInProject(ctx.hub, ctx.request.projectId),
    })),
  /** The rule problems that a submit would report now. */
  checks: onAction('submit')
    .output(reportView.nullable())
    .query(({ ctx }) => checkDelivery(ctx.hub, ctx.request)),
  /** The IMF package among the files. Null when there is none, or when the caller sees only their own files. */
  imfPackage: onRequest('request:view')
    .output(imfPackageView.nullable())
    .query(({ ctx }) => viewImfPackage(ctx.hub, ctx.request)),
  overrideRule: onAction('add')
    .input(overrideRuleInput)
    .output(z.void())
    .mutation(({ ctx, input }) => overrideRule(ctx.hub, ctx.request, input, input.reason)),
  submit: onAction('submit')
    .output(requestView)
    .mutation(({ ctx }) => reviewAndSubmit(ctx.hub, ctx.request)),
  accept: onAction('accept')
    .output(requestView)
    .mutation(({ ctx }) => acceptRequest(ctx.hub, ctx.request)),
  reopen: onAction('reopen')
    .output(requestView)
    .mutation(({ ctx }) => reopenRequest(ctx.hub, ctx.request)),
  askForRedelivery: onAction('askForRedelivery')
    .input(askForRedeliveryInput)
    .output(requestView)
    .mutation(({ ctx, input }) => askForRedelivery(ctx.hub, ctx.request, input)),
  cancel: onAction('cancel')
    .output(requestView)
    .mutation(({ ctx }) => cancelRequest(ctx.hub, ctx.request)),
  restore: onAction('restore')
    .output(requestView)
    .mutation(({ ctx }) => restoreRequest(ctx.hub, ctx.request)),
});
