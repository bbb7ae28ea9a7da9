/** Delivery requests: the inputs and views of the API. */
import { z } from 'zod';
import { knownPersonView, personView } from '../people/accounts.ts';
import { dayMs } from '../days.ts';
import { dueBuckets } from './due-buckets.ts';
import { errorCodes } from '../errors.ts';
import { eventView } from '../events.ts';
import { revisionView, seenRevision } from '../revisions.ts';
import { idSchema } from '../ids.ts';
import { manifestSummaryView } from '../manifests/summary.ts';
import { textSchema } from '../names/schemas.ts';
import { lineOfText } from '../names/lines.ts';
import { maxFindings, findingInput, findingView } from './findings.ts';
import {
  maxAssignees,
  maxDueAt,
  maxRequestDescription,
  maxRequestName,
  maxRequestsAtOnce,
} from './limits.ts';
import { reasonCodeSchema } from './reasons.ts';
import { possibleActions, refusalCodes } from './actions.ts';
import { requestStatuses } from './machine.ts';
import { overridableRules, requestRulesSchema } from '../rules/request-types.ts';

const requestName = lineOfText(maxRequestName);
const description = textSchema(maxRequestDescription);
/** Epoch milliseconds. */
export const dueAt = z.number().int().min(0).max(maxDueAt);

export const assigneeInput = z.union([
  z.object({ userId: idSchema('user') }),
  z.object({ companyId: idSchema('company') }),
]);
export type AssigneeInput = z.infer<typeof assigneeInput>;
export const assignees = z.array(assigneeInput).max(maxAssignees);

export const createRequestInput = z.object({
  projectId: idSchema('project'),
  name: requestName,
  description: description.default(''),
  dueAt: dueAt.nullable().default(null),
  /** The request gets the newest version of the type. */
  typeId: idSchema('requestType').nullable().default(null),
  /** Defaults to the value of the type, as `automaticSubmit` does. */
  demandsManifest: z.boolean().optional(),
  automaticSubmit: z.boolean().optional(),
  assignees: assignees.default([]),
});
export type CreateRequestInput = z.infer<typeof createRequestInput>;

export const requestIdInput = z.object({ requestId: idSchema('request') });
export const updateRequestInput = requestIdInput.extend({
  revision: seenRevision,
  name: requestName.optional(),
  description: description.optional(),
  dueAt: dueAt.nullable().optional(),
  demandsManifest: z.boolean().optional(),
  automaticSubmit: z.boolean().optional(),
});
export type UpdateRequestInput = z.infer<typeof updateRequestInput>;
/** Sets another type, or the newest version of the present one; null removes the type. Only while files can be added. */
export const setTypeInput = requestIdInput.extend({
  revision: seenRevision,
  typeId: idSchema('requestType').nullable(),
});
export type SetTypeInput = z.infer<typeof setTypeInput>;
/** Copies everything except files, promise and history. */
export const duplicateRequestInput = requestIdInput.extend({
  name: requestName,
  dueAt: dueAt.nullable().default(null),
});
/** One line of a list. Each line is checked by itself, so that a bad line does not block the others. */
export const listedRequestInput = createRequestInput.omit({ projectId: true });
export const createManyRequestsInput = z.object({
  projectId: idSchema('project'),
  /** Each item has the fields of `requests.create`, without the project. */
  requests: z.array(z.record(z.string(), z.unknown())).min(1).max(maxRequestsAtOnce),
});
/** The result of each line, in the order of the list: the new request, or why there is none. */
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
      /**
       * True when another request of the project, or an earlier line, has this name. The request is created all the
       * same.
       */
      nameTaken: z.boolean(),
    }),
  ),
});
export type CreatedManyView = z.infer<typeof createdManyView>;
export const takenNamesInput = z.object({
  projectId: idSchema('project'),
  names: z.array(z.string().max(1000)).max(maxRequestsAtOnce),
});
/** The names that requests of the project already have, spelled as in the input. Cancelled requests do not count. */
export const takenNamesView = z.object({ taken: z.array(z.string()) });
export const overrideRuleInput = requestIdInput.extend({
  rule: z.enum(overridableRules),
  /** Null overrides every problem that this rule reports in the request. */
  path: z.string().max(1000).nullable().default(null),
  reason: lineOfText(1000),
});
export const preFlightInput = requestIdInput.extend({
  files: z
    .array(
      z.object({
        path: z.string().max(1000),
        sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
        /** True replaces the present file of this name. */
        replace: z.boolean().default(false),
      }),
    )
    .max(5000),
});

export const assignRequestInput = requestIdInput.extend({ revision: seenRevision, assignees });
export type AssignRequestInput = z.infer<typeof assignRequestInput>;
export const promiseInput = requestIdInput
  .extend({
    revision: seenRevision,
    promisedAt: dueAt.nullable(),
    reason: lineOfText(1000, { optional: true }).default(''),
  })
  .refine(({ promisedAt, reason }) => promisedAt === null || reason !== '', {
    path: ['reason'],
    error: 'a promise states its reason',
  });
export type PromiseInput = z.infer<typeof promiseInput>;
export const askForRedeliveryInput = requestIdInput.extend({
  reasons: z.array(reasonCodeSchema).max(50),
  /** Findings at files and moments. Their reasons are added to `reasons`. */
  pins: z.array(findingInput).max(maxFindings).default([]),
  comment: textSchema(maxRequestDescription).default(''),
  clearExisting: z.boolean().default(false),
});
export type AskForRedeliveryInput = z.infer<typeof askForRedeliveryInput>;
/** The least time between two reminders of a request. */
export const remindAfterMs = dayMs;

/** Returns true when the last reminder is too recent for another one. */
export function isReminded(remindedAt: number | null, now: number): boolean {
  return remindedAt !== null && now - remindedAt < remindAfterMs;
}

export const reminderView = z.object({ remindedAt: z.number() });
export type ReminderView = z.infer<typeof reminderView>;

const refusalDetails = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** Why an action is not possible now; null when it is possible. */
export const whyNotView = z.object({ code: z.enum(refusalCodes), details: refusalDetails }).nullable();

/** Why something that was asked for was not done; null when it was. */
export const refusalView = z.object({ code: z.enum(errorCodes), details: refusalDetails }).nullable();

/**
 * The warnings about due dates of unsubmitted requests: how long before, and to whom. Each warning is sent once per due
 * date, and only within a day of its time.
 */
export const dueWarnings = [
  { name: 'days', beforeMs: 3 * dayMs, audience: 'assignees' },
  { name: 'day', beforeMs: dayMs, audience: 'assignees' },
  { name: 'over', beforeMs: 0, audience: 'coordinators' },
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
  /** The urgency (`due-buckets.ts`); null when the request is accepted or cancelled. */
  bucket: z.enum(dueBuckets).nullable(),
  assignees: z.array(assigneeView),
  fileCount: z.number(),
  totalBytes: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
  revision: revisionView,
});
export type RequestSummaryView = z.infer<typeof requestSummaryView>;

export const redeliveryView = z.object({
  round: z.number(),
  by: knownPersonView,
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
  /** The version of the type whose rules the request uses; `newest`: no newer version exists. */
  rules: z
    .object({ typeId: z.string(), version: z.number(), newest: z.boolean(), rules: requestRulesSchema })
    .nullable(),
  /** Overridden rules. A null `path` covers every problem that the rule reports. */
  overrides: z.array(z.object({ rule: z.string(), path: z.string().nullable() })),
  /**
   * True when the caller sees only the files that they delivered, so that files and rounds show a part of the delivery.
   */
  ownFilesOnly: z.boolean(),
  /** True while the worker is removing many files. */
  isRemoving: z.boolean(),
  /** True when a checksum list is demanded or delivered, so that files can change only as a whole. */
  withChecksum: z.boolean(),
  /** The statements of the delivered checksum lists about the other files; null when there is no list. */
  manifests: manifestSummaryView,
  createdBy: personView,
  /** The state of the last submitted round; null before the first submit. */
  processing: z
    .object({
      files: z.number(),
      done: z.number(),
      failed: z.number(),
      /** The expected end in epoch milliseconds; null when nothing runs or it is too early to estimate. */
      expectedEndAt: z.number().nullable(),
    })
    .nullable(),
  /**
   * When processing would end if the request were submitted now, estimated from past runs; null when unknown or submit
   * is not possible.
   */
  processingForecastAt: z.number().nullable(),
  redelivery: redeliveryView.nullable(),
  possible: z.record(z.enum(possibleActions), whyNotView),
});
export type RequestView = z.infer<typeof requestView>;

/** The statements of the documents of a delivered IMF package about it. */
export const imfPackageView = z.object({
  /** The id of the packing list. */
  id: z.string().nullable(),
  title: z.string().nullable(),
  /**
   * Track files that the compositions use and the package does not contain: it supplements the package that has them.
   */
  elsewhereCount: z.number(),
  elsewhere: z.array(z.string()),
  /** Requests of the project whose packages contain these track files, as far as the caller may see. */
  foundIn: z.array(z.object({ requestId: z.string(), name: z.string() })),
  /** Files that the asset map lists and the delivery lacks. */
  missingCount: z.number(),
  missing: z.array(z.string()),
});
export type ImfPackageView = z.infer<typeof imfPackageView>;

export const requestHistoryInput = requestIdInput.extend({
  /** Returns events before the event with this id, newest first. */
  before: z.number().int().nullish(),
  /** Only events of this round, up to the redelivery that ended it. */
  round: z.number().int().min(1).nullish(),
  limit: z.number().int().min(1).max(200).default(100),
});
/** Selects the events of a project that the caller may see. */
export const activityInput = z.object({
  projectId: idSchema('project'),
  before: z.number().int().nullish(),
  limit: z.number().int().min(1).max(200).default(50),
  /** The first part of the event kind: `file` for `file.added`. */
  about: z.enum(['request', 'file', 'upload', 'member']).nullish(),
  personId: idSchema('user').nullish(),
  requestId: idSchema('request').nullish(),
});
export type ActivityInput = z.infer<typeof activityInput>;
/** `request`: the current name of the request; null for events without a request. */
export const activityView = z.object({
  events: z.array(eventView.extend({ request: z.string().nullable() })),
  more: z.boolean(),
});
export type ActivityView = z.infer<typeof activityView>;
export type RequestHistoryInput = z.infer<typeof requestHistoryInput>;
