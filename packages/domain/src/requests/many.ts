/** Actions on several requests at once. Each request succeeds or is refused by itself, and the answer reports it. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { maxRequestsAtOnce } from './limits.ts';
import { assignees, dueAt, refusalView } from './requests.ts';

const requestId = idSchema('request');
export const manyRequestsInput = z.object({
  projectId: idSchema('project'),
  requestIds: z.array(requestId).min(1).max(maxRequestsAtOnce),
});
export type ManyRequestsInput = z.output<typeof manyRequestsInput>;

export const assignManyInput = manyRequestsInput.extend({ assignees });

export const setDueDatesInput = z.object({
  projectId: idSchema('project'),
  dates: z
    .array(
      z.object({
        requestId,
        dueAt: dueAt.nullable(),
        /**
         * The due date that the person saw. If the request has another date by now, it is refused with
         * `changed_meanwhile`.
         */
        was: dueAt.nullable().optional(),
      }),
    )
    .min(1)
    .max(maxRequestsAtOnce),
});

export const manyDoneView = z.object({
  /** The ids of the requests that are now as desired. */
  done: z.array(z.string()),
  refused: z.array(z.object({ requestId: z.string(), name: z.string(), refusal: refusalView.unwrap() })),
});
export type ManyDoneView = z.infer<typeof manyDoneView>;

export const datesSetView = manyDoneView.extend({
  /** The previous dates, so that the change can be undone. */
  before: z.array(z.object({ requestId: z.string(), dueAt: z.number().nullable() })),
});
