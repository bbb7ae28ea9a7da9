/** A project's request types. */
import {
  createRequestType,
  getRequestType,
  listRequestTypes,
  rulesOfVersion,
  updateRequestType,
} from '@turnover/core/requests/types';
import {
  createRequestTypeInput,
  listRequestTypesInput,
  requestRulesSchema,
  requestTypeListView,
  requestTypeVersionInput,
  requestTypeView,
  updateRequestTypeInput,
} from '@turnover/domain/rules/request-types';
import { onProject, onRequestType } from '../procedures.ts';
import { t } from '../trpc.ts';

export const requestTypesRouter = t.router({
  list: onProject('type:view')
    .input(listRequestTypesInput)
    .output(requestTypeListView)
    .query(({ ctx, input }) => listRequestTypes(ctx.hub, input)),
  get: onRequestType('type:view')
    .output(requestTypeView)
    .query(({ ctx }) => getRequestType(ctx.hub, ctx.type)),
  /** The rules of an older version; requests keep the version they were made with. */
  version: onRequestType('type:view')
    .input(requestTypeVersionInput)
    .output(requestRulesSchema)
    .query(({ ctx, input }) => rulesOfVersion(ctx.hub.db, ctx.type.id, input.version)),
  create: onProject('type:manage')
    .input(createRequestTypeInput)
    .output(requestTypeView)
    .mutation(({ ctx, input }) => createRequestType(ctx.hub, input)),
  update: onRequestType('type:manage')
    .input(updateRequestTypeInput)
    .output(requestTypeView)
    .mutation(({ ctx, input }) => updateRequestType(ctx.hub, ctx.type, input)),
});
