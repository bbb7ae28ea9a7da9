/**
 * Delivering files from a Workspace to a request: how well they fit, the answers for files that do not, and the check
 * itself.
 */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { lineOfText } from '../names/lines.ts';
import { personView } from '../people/accounts.ts';
import { reportView, ruleProblemSchema } from '../rules/pre-flight.ts';
import { collisionChoices, entrySelection, maxSelected, selectEntriesInput } from '../workspace/entries.ts';
import { requestSummaryView, whyNotView } from './requests.ts';

const maxAnswers = 500;
const requestId = idSchema('request');
const reason = lineOfText(1000);

/** A person's decisions about files that do not fit: for single files, and for all others. */
export const deliveryAnswers = z.object({
  files: z
    .array(
      z.object({
        /** The file's entry; for a frame, the entry of the frame. */
        entryId: idSchema('entry'),
        /** The path under which the file is delivered, such as the offered one. */
        as: z.string().min(1).max(1000).optional(),
        onCollision: z.enum(collisionChoices).optional(),
        /** The reason for overriding the rules that the file breaks. */
        override: reason.optional(),
        skip: z.boolean().default(false),
      }),
    )
    .max(maxAnswers)
    .default([]),
  /** The decision about taken names. `refuse` leaves the question open, and nothing can be added while one is open. */
  onCollision: z.enum(collisionChoices).default('refuse'),
  /** True delivers files that do not fit under the names that are offered for them. */
  useOfferedNames: z.boolean().default(false),
  override: reason.optional(),
  /** True leaves out files that break a rule and are neither renamed nor overridden. */
  skipMisfits: z.boolean().default(false),
});
export type DeliveryAnswers = z.infer<typeof deliveryAnswers>;

/** The selected files, folders and sequences. A folder keeps its structure. */
const selected = {
  requestId,
  entryIds: z.array(idSchema('entry')).min(1).max(maxSelected).optional(),
  /** Everything in a folder except some entries; used instead of `entryIds`. */
  selection: entrySelection.optional(),
  answers: deliveryAnswers.optional(),
  /** True clears the present files first, in a request in Redelivery. */
  clearExisting: z.boolean().default(false),
};
const hasOneSelection = (input: { entryIds?: unknown; selection?: unknown }) =>
  (input.entryIds === undefined) !== (input.selection === undefined);
const oneSelection = { error: 'Give either entryIds or a selection.' };

export const checkFromWorkspaceInput = z.object(selected).refine(hasOneSelection, oneSelection);
export type CheckFromWorkspaceInput = z.infer<typeof checkFromWorkspaceInput>;

export const addFromWorkspaceInput = z
  .object({
    ...selected,
    /** True replaces present files of the same names. Ignored when there are answers. */
    replace: z.boolean().default(false),
    /**
     * `revision` from the check. If the request has changed since, nothing is cleared or replaced, and the call fails.
     */
    revision: z.number().int().min(0).optional(),
  })
  .refine(hasOneSelection, oneSelection);
export type AddFromWorkspaceInput = z.infer<typeof addFromWorkspaceInput>;

/** What already has the name of a file. `cleared`: a file that will be cleared first, so the name is free. */
const takenView = z.object({
  by: z.enum(['file', 'folder', 'upload', 'selection', 'cleared']),
  /** Null when there is no single file, or the caller may not see it. */
  file: z
    .object({ sizeBytes: z.number(), deliveredBy: personView, addedAt: z.number(), round: z.number() })
    .nullable(),
  whyNotReplace: whyNotView,
});

/** `there`: the same bytes are already present under this name. `open`: a question is not answered yet. */
export const deliveryOutcomes = ['add', 'replace', 'skip', 'there', 'open'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export const checkedFileView = z.object({
  entryId: z.string(),
  /** Folders and name in the selection. */
  path: z.string(),
  /** The path under which it would be delivered. */
  as: z.string(),
  /** A corrected path that is offered instead of the file's own path. */
  offered: z.string().nullable(),
  sizeBytes: z.number(),
  mediaKind: z.enum(mediaKinds),
  /** The problems under the file's own path, and in `left` those that remain under `as`. */
  problems: z.array(ruleProblemSchema),
  left: z.array(ruleProblemSchema),
  taken: takenView.nullable(),
  outcome: z.enum(deliveryOutcomes),
});
export type CheckedFileView = z.infer<typeof checkedFileView>;

export const deliveryCheckView = z.object({
  /** A number that changes with every change of the request. */
  revision: z.number(),
  /** The first files, beginning with those that have a question or a problem; `counts` includes all. */
  files: z.array(checkedFileView),
  counts: z.object({
    files: z.number(),
    /** Number of files that fit under their own names. */
    fit: z.number(),
    /**
     * Number of the other files that fit with the offered name, with a reason, or with both; and of files that must be
     * fixed.
     */
    renamed: z.number(),
    reason: z.number(),
    both: z.number(),
    blocked: z.number(),
    outcome: z.record(z.enum(deliveryOutcomes), z.number()),
  }),
  /** Number of litter files (such as `.DS_Store`) that are skipped. */
  leftOut: z.number(),
  /** Problems that the delivery as a whole would then have. */
  whole: reportView.shape.findings,
  /**
   * The number of files in the request afterwards, and how many of the expected ones they include. Null when no number
   * is expected.
   */
  after: z.object({ files: z.number(), there: z.number().nullable(), expected: z.number().nullable() }),
  /** The files that clearing would remove, as far as the caller may see them, and why clearing is not possible. */
  clear: z.object({
    files: z.number(),
    sizeBytes: z.number(),
    names: z.array(z.string()),
    /** Number of days in which they can be restored. */
    keptDays: z.number(),
    whyNot: whyNotView,
  }),
});
export type DeliveryCheckView = z.infer<typeof deliveryCheckView>;

export const addedFilesView = z.object({
  /** Number of all files that were added, including those that replaced another. */
  added: z.number(),
  replaced: z.number(),
  skipped: z.number(),
  /** Number of files whose bytes were already present under the same name. */
  there: z.number(),
  cleared: z.number(),
  /** The event that `undoAdd` takes; null when nothing was added. */
  eventId: z.number().nullable(),
  /** Number of litter files (such as `.DS_Store`) that were skipped. Absent when there were none. */
  leftOut: z.number().optional(),
});
export type AddedFilesView = z.infer<typeof addedFilesView>;

export const undoAddInput = z.object({ requestId, eventId: z.number().int().min(1) });
export const undoneAddView = z.object({ removed: z.number(), restored: z.number() });
export type UndoneAddView = z.infer<typeof undoneAddView>;

export const matchRequestsInput = selectEntriesInput;
/** The requests that can take files now, the best fit first. */
export const matchedRequestsView = z.object({
  files: z.number(),
  /** The number of files that were examined; smaller than `files` for a large selection. */
  checked: z.number(),
  requests: z.array(
    z.object({
      request: requestSummaryView,
      /** The number of files that the request expects; null when it states none. */
      expected: z.number().nullable(),
      /** Number of examined files that fit, and of those that would fit with another name or with a reason. */
      fit: z.number(),
      renamed: z.number(),
      reason: z.number(),
      /** The first problem of a file that does not fit. */
      problem: ruleProblemSchema.nullable(),
    }),
  ),
  /** The only request that all files fit; null when there is none or several. */
  onlyFit: z.string().nullable(),
  /** The number of requests of the project that take no files now. */
  closed: z.number(),
});
export type MatchedRequestsView = z.infer<typeof matchedRequestsView>;
