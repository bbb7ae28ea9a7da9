/**
 * Saved views of the list of requests: filters, sorting and grouping under a name, owned by one person in one project.
 */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/schemas.ts';
import { projectIdInput } from '../people/projects.ts';
import { dueBuckets } from './due-buckets.ts';
import { maxSavedViewName, maxSearch } from './limits.ts';
import { dueFilters, requestGroups, requestSorts } from './list-order.ts';
import { requestStatuses } from './machine.ts';
import { assigneeInput } from './requests.ts';

/** A null filter accepts everything; a null `group` means no groups. */
export const savedQuery = z.object({
  statuses: z.array(z.enum(requestStatuses)).max(requestStatuses.length).default([]),
  bucket: z.enum(dueBuckets).nullable().default(null),
  assignee: z
    .union([z.enum(['nobody', 'me']), assigneeInput])
    .nullable()
    .default(null),
  type: z
    .union([z.literal('none'), idSchema('requestType')])
    .nullable()
    .default(null),
  due: z.enum(dueFilters).nullable().default(null),
  search: z.string().max(maxSearch).default(''),
  sort: z.enum(requestSorts).default('dueAt'),
  descending: z.boolean().default(false),
  group: z.enum(requestGroups).nullable().default(null),
});
export type SavedQuery = z.infer<typeof savedQuery>;

const viewName = textSchema(maxSavedViewName)
  .pipe(z.string().min(1))
  .refine((name) => !/[\r\n]/.test(name), { error: 'A name is one line.' });

export const savedViewIdInput = z.object({ viewId: idSchema('savedView') });
/** `replace`: an existing view of the same name gets the query; otherwise the call fails. */
export const createSavedViewInput = projectIdInput.extend({
  name: viewName,
  query: savedQuery,
  replace: z.boolean().default(false),
});
/** `isDefault`: the Deliveries page opens with this view; the previous default view loses that property. */
export const updateSavedViewInput = savedViewIdInput.extend({
  name: viewName.optional(),
  query: savedQuery.optional(),
  isDefault: z.boolean().optional(),
});

/** The filters that can refer to something that no longer exists. */
const filtersThatName = ['person', 'company', 'type'] as const;
export type FilterThatNames = (typeof filtersThatName)[number];

export const savedViewView = z.object({
  id: z.string(),
  name: z.string(),
  /** The query without the filters in `missing`. */
  query: savedQuery,
  /** Filters that were left out, because their person, company or type is no longer in the project. */
  missing: z.array(z.enum(filtersThatName)),
  isDefault: z.boolean(),
});
export type SavedViewView = z.infer<typeof savedViewView>;
/** Sorted by name. */
export const savedViewListView = z.array(savedViewView);
