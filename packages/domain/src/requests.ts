/** Delivery requests: what goes in at the interface and what it tells. */
import { z } from 'zod';
import { personView } from './accounts.ts';
import { errorCodes } from './errors.ts';
import { idSchema } from './ids.ts';
import { textSchema } from './names.ts';
import { reasonCodeSchema } from './reasons.ts';
import { requestStatuses } from './request-machine.ts';

const requestName = textSchema(160).pipe(z.string().min(1));
const description = textSchema(4000);
/** Epoch milliseconds. */
const dueAt = z.number().int().min(0).max(8.64e15);

export const assigneeInput = z.union([
  z.object({ userId: idSchema('user') }),
  z.object({ companyId: idSchema('company') }),
]);
export type AssigneeInput = z.infer<typeof assigneeInput>;
const assignees = z.array(assigneeInput).max(50);

export const createRequestInput = z.object({
  projectId: idSchema('project'),
  name: requestName,
  description: description.default(''),
  dueAt: dueAt.nullable().default(null),
  demandsManifest: z.boolean().default(false),
  assignees: assignees.default([]),
});
export type CreateRequestInput = z.infer<typeof createRequestInput>;

export const requestIdInput = z.object({ requestId: idSchema('request') });
export const updateRequestInput = requestIdInput.extend({
  name: requestName.optional(),
  description: description.optional(),
  dueAt: dueAt.nullable().optional(),
});
export type UpdateRequestInput = z.infer<typeof updateRequestInput>;
export const assignRequestInput = requestIdInput.extend({ assignees });
export const promiseInput = requestIdInput.extend({
  promisedAt: dueAt.nullable(),
  reason: textSchema(1000).default(''),
});
export type PromiseInput = z.infer<typeof promiseInput>;
export const askForRedeliveryInput = requestIdInput.extend({
  reasons: z.array(reasonCodeSchema).max(50),
  comment: textSchema(4000).default(''),
  clearExisting: z.boolean().default(false),
});
export type AskForRedeliveryInput = z.infer<typeof askForRedeliveryInput>;
export const requestSorts = ['dueAt', 'name', 'status', 'updatedAt', 'fileCount'] as const;
export const listRequestsInput = z.object({
  projectId: idSchema('project'),
  status: z.array(z.enum(requestStatuses)).max(requestStatuses.length).optional(),
  search: z.string().max(200).optional(),
  sort: z.enum(requestSorts).default('dueAt'),
  descending: z.boolean().default(false),
  cursor: z.string().max(1000).nullish(),
  limit: z.number().int().min(1).max(500).default(200),
});
export type ListRequestsInput = z.infer<typeof listRequestsInput>;

/** Why something is not possible now; `null` where it is. */
export const refusalView = z
  .object({
    code: z.enum(errorCodes),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .nullable();

/** What the caller could do with a request, each with the reason why not. */
export const possibleActions = [
  'update',
  'assign',
  'promise',
  'add',
  'submit',
  'accept',
  'reopen',
  'askForRedelivery',
  'clear',
  'remove',
  'cancel',
  'restore',
] as const;
export type PossibleAction = (typeof possibleActions)[number];

export const assigneeView = z.union([
  z.object({ type: z.literal('person'), id: z.string(), name: z.string() }),
  z.object({ type: z.literal('company'), id: z.string(), name: z.string() }),
]);
export type AssigneeView = z.infer<typeof assigneeView>;

export const requestSummaryView = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  status: z.enum(requestStatuses),
  round: z.number(),
  dueAt: z.number().nullable(),
  promisedAt: z.number().nullable(),
  assignees: z.array(assigneeView),
  fileCount: z.number(),
  totalBytes: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type RequestSummaryView = z.infer<typeof requestSummaryView>;

export const requestListView = z.object({
  requests: z.array(requestSummaryView),
  nextCursor: z.string().nullable(),
});
export type RequestListView = z.infer<typeof requestListView>;

export const redeliveryView = z.object({
  round: z.number(),
  by: personView,
  at: z.number(),
  reasons: z.array(reasonCodeSchema),
  comment: z.string(),
  cleared: z.boolean(),
});

export const requestView = requestSummaryView.extend({
  description: z.string(),
  promiseReason: z.string(),
  demandsManifest: z.boolean(),
  /** A manifest is demanded or among the files: files can be changed only as a whole. */
  withChecksum: z.boolean(),
  createdBy: personView,
  /** Of the round being processed, or processed last; null before the first submit. */
  processing: z
    .object({
      files: z.number(),
      done: z.number(),
      failed: z.number(),
      /** When all of it is expected to end; null when nothing runs. */
      expectedEndAt: z.number().nullable(),
    })
    .nullable(),
  redelivery: redeliveryView.nullable(),
  possible: z.record(z.enum(possibleActions), refusalView),
});
export type RequestView = z.infer<typeof requestView>;

export const requestHistoryInput = requestIdInput.extend({
  /** Events before this one; the newest come first. */
  before: z.number().int().nullish(),
  limit: z.number().int().min(1).max(200).default(100),
});
export type RequestHistoryInput = z.infer<typeof requestHistoryInput>;
