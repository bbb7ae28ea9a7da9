/** Delivery requests: what goes in at the interface and what it tells. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { dayMs } from '../days.ts';
import { dueBuckets } from './due-buckets.ts';
import { errorCodes } from '../errors.ts';
import { eventView } from '../events.ts';
import { idSchema } from '../ids.ts';
import { manifestSummaryView } from '../manifests/summary.ts';
import { textSchema } from '../names/names.ts';
import { lineOfText } from '../names/lines.ts';
import { maxFindings, findingInput, findingView } from './findings.ts';
import { reasonCodeSchema } from './reasons.ts';
import { possibleActions } from './actions.ts';
import { requestStatuses } from './machine.ts';
import { overridableRules, requestRulesSchema } from '../rules/request-types.ts';

const requestName = lineOfText(160);
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
  /** The newest version of its rules is taken. */
  typeId: idSchema('requestType').nullable().default(null),
  /** Left out, as the type has it. */
  demandsManifest: z.boolean().optional(),
  automaticSubmit: z.boolean().optional(),
  assignees: assignees.default([]),
});
export type CreateRequestInput = z.infer<typeof createRequestInput>;

export const requestIdInput = z.object({ requestId: idSchema('request') });
export const updateRequestInput = requestIdInput.extend({
  name: requestName.optional(),
  description: description.optional(),
  dueAt: dueAt.nullable().optional(),
  demandsManifest: z.boolean().optional(),
  automaticSubmit: z.boolean().optional(),
});
export type UpdateRequestInput = z.infer<typeof updateRequestInput>;
/** Another type, or the newest version of its own; null: none. Only while files can be added. */
export const setTypeInput = requestIdInput.extend({ typeId: idSchema('requestType').nullable() });
/** Everything but files, promise and history. */
export const duplicateRequestInput = requestIdInput.extend({
  name: requestName,
  dueAt: dueAt.nullable().default(null),
});
export const maxRequestsAtOnce = 500;
/** One of a list: judged by itself, so that a wrong one does not stand in the way of the others. */
export const listedRequestInput = createRequestInput.omit({ projectId: true });
export const createManyRequestsInput = z.object({
  projectId: idSchema('project'),
  /** Each as `requests.create` has it, without the project. */
  requests: z.array(z.record(z.string(), z.unknown())).min(1).max(maxRequestsAtOnce),
});
/** In the order of the list: what was made of each, or why nothing was. */
export const createdManyView = z.object({
  made: z.number(),
  lines: z.array(
    z.object({
      requestId: z.string().nullable(),
      refusal: z
        .object({
          code: z.enum(errorCodes),
          message: z.string(),
          details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        })
        .nullable(),
      /** Another request of the project, or an earlier one of the list, has this name. It is no refusal. */
      nameTaken: z.boolean(),
    }),
  ),
});
export type CreatedManyView = z.infer<typeof createdManyView>;
export const takenNamesInput = z.object({
  projectId: idSchema('project'),
  names: z.array(z.string().max(1000)).max(maxRequestsAtOnce),
});
/** Those that a request of the project has which is not cancelled, as they were asked. */
export const takenNamesView = z.object({ taken: z.array(z.string()) });
export const assignManyRequestsInput = z.object({
  projectId: idSchema('project'),
  requestIds: z.array(idSchema('request')).min(1).max(maxRequestsAtOnce),
  assignees,
});
export const assignedManyView = z.object({
  assigned: z.number(),
  /** Those whose status keeps their assignees. */
  refused: z.array(z.object({ requestId: z.string(), name: z.string(), status: z.enum(requestStatuses) })),
});
export const overrideRuleInput = requestIdInput.extend({
  rule: z.enum(overridableRules),
  /** Null: wherever it is found in this request. */
  path: z.string().max(1000).nullable().default(null),
  reason: lineOfText(1000),
});
export const preFlightInput = requestIdInput.extend({
  files: z
    .array(
      z.object({
        path: z.string().max(1000),
        sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
        /** It is to take the place of the file that has its name. */
        replace: z.boolean().default(false),
      }),
    )
    .max(5000),
});

export const assignRequestInput = requestIdInput.extend({ assignees });
export const promiseInput = requestIdInput.extend({
  promisedAt: dueAt.nullable(),
  reason: lineOfText(1000, { optional: true }).default(''),
});
export type PromiseInput = z.infer<typeof promiseInput>;
export const askForRedeliveryInput = requestIdInput.extend({
  reasons: z.array(reasonCodeSchema).max(50),
  /** Findings at files and moments; each of their reasons is one of `reasons`. */
  pins: z.array(findingInput).max(maxFindings).default([]),
  comment: textSchema(4000).default(''),
  clearExisting: z.boolean().default(false),
});
export type AskForRedeliveryInput = z.infer<typeof askForRedeliveryInput>;
export const requestSorts = ['dueAt', 'name', 'status', 'updatedAt', 'fileCount'] as const;
export const listRequestsInput = z.object({
  projectId: idSchema('project'),
  status: z.array(z.enum(requestStatuses)).max(requestStatuses.length).optional(),
  search: z.string().max(200).optional(),
  /** Of the request itself: assigned to the person or company, to nobody, or to whoever asks and their company. */
  assignee: z.union([z.enum(['nobody', 'me']), assigneeInput]).optional(),
  /** `none`: without a type. */
  type: z.union([z.literal('none'), idSchema('requestType')]).optional(),
  bucket: z.enum(dueBuckets).optional(),
  /** From this moment, and before that one. */
  dueFrom: dueAt.optional(),
  dueBefore: dueAt.optional(),
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

/**
 * When people are reminded of what is due and not submitted. Each is said once for each due date, and only within a day of
 * its time.
 */
export const dueWarnings = [
  { name: 'days', beforeMs: 3 * dayMs, tells: 'fulfillers' },
  { name: 'day', beforeMs: dayMs, tells: 'fulfillers' },
  { name: 'over', beforeMs: 0, tells: 'coordinators' },
] as const;

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
  type: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** How urgent it is (`due-buckets.ts`); null: it is over. */
  bucket: z.enum(dueBuckets).nullable(),
  assignees: z.array(assigneeView),
  fileCount: z.number(),
  totalBytes: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type RequestSummaryView = z.infer<typeof requestSummaryView>;

export const requestListView = z.object({
  requests: z.array(requestSummaryView),
  /** Of everything that is filtered, whichever status and bucket are chosen. */
  counts: z.object({
    status: z.record(z.enum(requestStatuses), z.number()),
    bucket: z.record(z.enum(dueBuckets), z.number()),
  }),
  nextCursor: z.string().nullable(),
});
export type RequestListView = z.infer<typeof requestListView>;

export const redeliveryView = z.object({
  round: z.number(),
  by: personView,
  at: z.number(),
  reasons: z.array(z.string()),
  pins: z.array(findingView),
  comment: z.string(),
  cleared: z.boolean(),
});

export const requestView = requestSummaryView.extend({
  description: z.string(),
  promiseReason: z.string(),
  demandsManifest: z.boolean(),
  automaticSubmit: z.boolean(),
  /** Of the version the request was made with, or moved to; `newest`: there is none newer. */
  rules: z
    .object({ typeId: z.string(), version: z.number(), newest: z.boolean(), rules: requestRulesSchema })
    .nullable(),
  /** Rules that were set aside; without a path wherever they are found. */
  overrides: z.array(z.object({ rule: z.string(), path: z.string().nullable() })),
  /** Many files are on their way out. */
  isRemoving: z.boolean(),
  /** A manifest is demanded or among the files: files can be changed only as a whole. */
  withChecksum: z.boolean(),
  /** What the checksum lists among the files say of the others; null: there is none. */
  manifests: manifestSummaryView,
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
  /** If it were submitted now, by what went through before; null: nobody knows, or it is not to be submitted. */
  processingForecastAt: z.number().nullable(),
  redelivery: redeliveryView.nullable(),
  possible: z.record(z.enum(possibleActions), refusalView),
});
export type RequestView = z.infer<typeof requestView>;

/** What the documents of a delivered IMF package say of it. */
export const imfPackageView = z.object({
  /** Of its packing list. */
  id: z.string().nullable(),
  title: z.string().nullable(),
  /** Track files that its compositions play and it does not bring: it supplements the package that has them. */
  elsewhereCount: z.number(),
  elsewhere: z.array(z.string()),
  /** Requests of the project, of those the caller sees, whose packages have them. */
  foundIn: z.array(z.object({ requestId: z.string(), name: z.string() })),
  /** Files that its asset map lists and the delivery lacks. */
  missingCount: z.number(),
  missing: z.array(z.string()),
});
export type ImfPackageView = z.infer<typeof imfPackageView>;

export const requestHistoryInput = requestIdInput.extend({
  /** Events before this one; the newest come first. */
  before: z.number().int().nullish(),
  limit: z.number().int().min(1).max(200).default(100),
});
/** What happened in a project, as far as the caller may know. */
export const activityInput = z.object({
  projectId: idSchema('project'),
  before: z.number().int().nullish(),
  limit: z.number().int().min(1).max(200).default(50),
  /** The kinds whose names begin so: `request`, `file`, `member`. */
  about: z.enum(['request', 'file', 'upload', 'member']).nullish(),
  personId: idSchema('user').nullish(),
  requestId: idSchema('request').nullish(),
});
export type ActivityInput = z.infer<typeof activityInput>;
/** `request`: its name as it is now. */
export const activityView = z.object({
  events: z.array(eventView.extend({ request: z.string().nullable() })),
  more: z.boolean(),
});
export type ActivityView = z.infer<typeof activityView>;
export type RequestHistoryInput = z.infer<typeof requestHistoryInput>;
