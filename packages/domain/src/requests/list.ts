/** The list of the requests of a project: its input, and its view. */
import { z } from 'zod';
import { timeZoneSchema } from '../days.ts';
import { idSchema } from '../ids.ts';
import { dueBuckets } from './due-buckets.ts';
import { maxSearch } from './limits.ts';
import { requestGroups, requestSorts } from './list-order.ts';
import { requestStatuses } from './machine.ts';
import { assigneeInput, dueAt, requestSummaryView } from './requests.ts';

export const listRequestsInput = z.object({
  projectId: idSchema('project'),
  status: z.array(z.enum(requestStatuses)).max(requestStatuses.length).optional(),
  /** Text to find in names, descriptions, and the paths of files that the caller may see. */
  search: z.string().max(maxSearch).optional(),
  /** Requests assigned to this person or company, to nobody, or (`me`) to the caller or their company. */
  assignee: z.union([z.enum(['nobody', 'me']), assigneeInput]).optional(),
  /** `none`: requests without a type. */
  type: z.union([z.literal('none'), idSchema('requestType')]).optional(),
  bucket: z.enum(dueBuckets).optional(),
  /** Requests due at or after `dueFrom` and before `dueBefore`. */
  dueFrom: dueAt.optional(),
  dueBefore: dueAt.optional(),
  /** When sorted by `dueAt`, finished requests come last. */
  sort: z.enum(requestSorts).default('dueAt'),
  descending: z.boolean().default(false),
  /** Groups are sorted by name, weeks by time; `sort` applies within each group. */
  group: z.enum(requestGroups).optional(),
  /** The time zone in which weeks begin, on Mondays. */
  timeZone: timeZoneSchema.default('UTC'),
  cursor: z.string().max(1000).nullish(),
  limit: z.number().int().min(1).max(500).default(200),
});
export type ListRequestsInput = z.infer<typeof listRequestsInput>;

/**
 * `named`: a type or a company. `week`: named after its Monday, as 2026-11-23. `several`: of more than one company.
 * `finished`: accepted or cancelled, where weeks are grouped. `none`: without a type, company or due date.
 */
export const requestGroupView = z.object({
  key: z.string(),
  kind: z.enum(['named', 'week', 'several', 'none', 'finished']),
  name: z.string().nullable(),
  /** The number of requests in the group, on all pages. */
  count: z.number(),
});
export type RequestGroupView = z.infer<typeof requestGroupView>;

export const listedRequestView = requestSummaryView.extend({
  /** The key of the request's group; null when the list is not grouped. */
  group: z.string().nullable(),
  /**
   * The path of the first file that the search found; null when the name or description matches, or nothing was
   * searched.
   */
  foundFile: z.string().nullable(),
  /** The state of processing, from Submitted to Processed; null in other statuses. */
  processing: z
    .object({
      /**
       * The number of runs that start before the request's first one; null when it already runs or is not planned yet.
       */
      place: z.number().nullable(),
      expectedEndAt: z.number().nullable(),
    })
    .nullable(),
});

export const requestListView = z.object({
  requests: z.array(listedRequestView),
  /** The groups of these requests, in order. */
  groups: z.array(requestGroupView),
  /** Counts of all requests that match the other filters, whatever the status and bucket. */
  counts: z.object({
    status: z.record(z.enum(requestStatuses), z.number()),
    bucket: z.record(z.enum(dueBuckets), z.number()),
  }),
  /** False when there are too many files to search all their names. */
  isSearchComplete: z.boolean(),
  nextCursor: z.string().nullable(),
});
export type RequestListView = z.infer<typeof requestListView>;
