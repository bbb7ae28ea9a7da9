/** Request types of a project. */
import { z } from 'zod';
import { stageChoices } from '@turnover/core/requests/processing/stage-choices';
import { exportType, specifiedTypes } from '@turnover/core/requests/type-specifications';
import {
  createRequestType,
  getRequestType,
  listRequestTypes,
  rulesOfVersion,
  updateRequestType,
} from '@turnover/core/requests/types';
import { stageChoicesView } from '@turnover/domain/media/stage-choice';
import {
  createRequestTypeInput,
  listRequestTypesInput,
  requestRulesSchema,
  requestTypeListView,
  requestTypeVersionInput,
  requestTypeView,
  updateRequestTypeInput,
} from '@turnover/domain/rules/request-types';
import {
  exportedTypeInput,
  readSpecificationInput,
  specificationView,
} from '@turnover/domain/rules/specifications/specification';
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
  /** The rules of an older version: requests keep the version that they were created with. */
  version: onRequestType('type:view')
    .input(requestTypeVersionInput)
    .output(requestRulesSchema)
    .query(({ ctx, input }) => rulesOfVersion(ctx.hub.db, ctx.type.id, input.version)),
  /** The stages that request types of the project can leave out, and those that always run. */
  stages: onProject('type:view')
    .output(stageChoicesView)
    .query(({ ctx }) => stageChoices(ctx.hub.db)),
  /** Exports a version of the type as a UMDP profile; without `version`, the newest. */
  umdp: onRequestType('type:view')
    .input(exportedTypeInput)
    .output(z.record(z.string(), z.unknown()))
    .query(({ ctx, input }) => exportType(ctx.hub, ctx.type, input.version)),
  /**
   * Previews the types that a published specification describes. Changes nothing; a mutation because the text is too long for
   * a query's URL.
   */
  readSpecification: onProject('type:manage')
    .input(readSpecificationInput)
    .output(specificationView)
    .mutation(({ input }) => specifiedTypes(input.text)),
  create: onProject('type:manage')
    .input(createRequestTypeInput)
    .output(requestTypeView)
    .mutation(({ ctx, input }) => createRequestType(ctx.hub, input)),
  update: onRequestType('type:manage')
    .input(updateRequestTypeInput)
    .output(requestTypeView)
    .mutation(({ ctx, input }) => updateRequestType(ctx.hub, ctx.type, input)),
});
