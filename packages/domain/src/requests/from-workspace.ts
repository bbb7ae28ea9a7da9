/** Files on their way from a Workspace into a request: how well they fit, the answers to what does not, and the check itself. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { lineOfText } from '../names/lines.ts';
import { personView } from '../people/accounts.ts';
import { reportView, ruleProblemSchema } from '../rules/pre-flight.ts';
import { collisionChoices, entrySelection, maxSelected, selectEntriesInput } from '../workspace/entries.ts';
import { refusalView, requestSummaryView } from './requests.ts';

const maxAnswers = 500;
const requestId = idSchema('request');
const reason = lineOfText(1000);

/** What people decide about files that do not fit: for single files, and for all others. */
export const deliveryAnswers = z.object({
  files: z
    .array(
      z.object({
        /** The file's entry; for a frame, the entry of the frame. */
        entryId: idSchema('entry'),
        /** The path under which it is delivered, such as the offered one. */
        as: z.string().min(1).max(1000).optional(),
        onCollision: z.enum(collisionChoices).optional(),
        /** Overrides the rules that the file breaks. */
        override: reason.optional(),
        skip: z.boolean().default(false),
      }),
    )
    .max(maxAnswers)
    .default([]),
  /** For taken names. `refuse` leaves the question open, and nothing can be added while one is open. */
  onCollision: z.enum(collisionChoices).default('refuse'),
  /** Deliver files that do not fit under the names that are offered for them. */
  useOfferedNames: z.boolean().default(false),
  override: reason.optional(),
  /** Leave out files that break a rule, and are neither renamed nor overridden. */
  skipMisfits: z.boolean().default(false),
});
export type DeliveryAnswers = z.infer<typeof deliveryAnswers>;

/** Files, folders and sequences. A folder keeps its structure. */
const selected = {
  requestId,
  entryIds: z.array(idSchema('entry')).min(1).max(maxSelected).optional(),
  /** Instead of `entryIds`: everything in a folder except some. */
  selection: entrySelection.optional(),
  answers: deliveryAnswers.optional(),
  /** In a request in Redelivery: clear its present files first. */
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
    /** Replace present files of the same names. The answers, if there are any, decide instead. */
    replace: z.boolean().default(false),
    /** `revision` of the check. If the request has changed since, nothing is cleared or replaced, and the call fails. */
    revision: z.number().int().min(0).optional(),
  })
  .refine(hasOneSelection, oneSelection);
export type AddFromWorkspaceInput = z.infer<typeof addFromWorkspaceInput>;

/** What has the name of a file. `cleared`: a file that will be cleared first, so the name is free. */
const takenView = z.object({
  by: z.enum(['file', 'folder', 'upload', 'selection', 'cleared']),
  /** Null: there is no single file, or the caller may not see it. */
  file: z
    .object({ sizeBytes: z.number(), deliveredBy: personView, addedAt: z.number(), round: z.number() })
    .nullable(),
  whyNotReplace: refusalView,
});

/** `there`: the same bytes are there under this name already. `open`: a question is not answered. */
export const deliveryOutcomes = ['add', 'replace', 'skip', 'there', 'open'] as const;
export type DeliveryOutcome = (typeof deliveryOutcomes)[number];

export const checkedFileView = z.object({
  entryId: z.string(),
  /** Its folders and name in the selection. */
  path: z.string(),
  /** The path under which it would be delivered. */
  as: z.string(),
  /** A corrected path, offered for its own one. */
  offered: z.string().nullable(),
  sizeBytes: z.number(),
  mediaKind: z.enum(mediaKinds),
  /** The problems under its own path, and those that are left under `as`. */
  problems: z.array(ruleProblemSchema),
  left: z.array(ruleProblemSchema),
  taken: takenView.nullable(),
  outcome: z.enum(deliveryOutcomes),
});
export type CheckedFileView = z.infer<typeof checkedFileView>;

export const deliveryCheckView = z.object({
  /** Changes with every change of the request. */
  revision: z.number(),
  /** The first files, those with a question or a problem before all others; `counts` includes all. */
  files: z.array(checkedFileView),
  counts: z.object({
    files: z.number(),
    /** Files that fit under their own names. */
    fit: z.number(),
    /** Among the others: files that fit once they have the offered name, a reason, or both; and files that must be fixed. */
    renamed: z.number(),
    reason: z.number(),
    both: z.number(),
    blocked: z.number(),
    outcome: z.record(z.enum(deliveryOutcomes), z.number()),
  }),
  /** Skipped files that systems leave behind. */
  leftOut: z.number(),
  /** What the delivery as a whole would lack afterwards. */
  whole: reportView.shape.findings,
  /** The files in the request afterwards, and how many of the expected ones. Null: no number is expected. */
  after: z.object({ files: z.number(), there: z.number().nullable(), expected: z.number().nullable() }),
  /** What clearing would remove, as far as the caller may see it, and why it is not possible. */
  clear: z.object({
    files: z.number(),
    sizeBytes: z.number(),
    names: z.array(z.string()),
    /** Days in which they can be restored. */
    keptDays: z.number(),
    whyNot: refusalView,
  }),
});
export type DeliveryCheckView = z.infer<typeof deliveryCheckView>;

export const addedFilesView = z.object({
  /** All files that went in, those that replaced another included. */
  added: z.number(),
  replaced: z.number(),
  skipped: z.number(),
  /** Files whose bytes were there already under the same name. */
  there: z.number(),
  cleared: z.number(),
  /** For `undoAdd`; null when nothing was added. */
  eventId: z.number().nullable(),
  /** The number of skipped files that systems leave behind. Missing when there were none. */
  leftOut: z.number().optional(),
});
export type AddedFilesView = z.infer<typeof addedFilesView>;

export const undoAddInput = z.object({ requestId, eventId: z.number().int().min(1) });
export const undoneAddView = z.object({ removed: z.number(), restored: z.number() });
export type UndoneAddView = z.infer<typeof undoneAddView>;

export const matchRequestsInput = selectEntriesInput;
/** The requests that take files now, best fit first. */
export const matchedRequestsView = z.object({
  files: z.number(),
  /** The number of files that were looked at; fewer than `files` for a large selection. */
  checked: z.number(),
  requests: z.array(
    z.object({
      request: requestSummaryView,
      /** The number of files that the request expects; null: it does not say. */
      expected: z.number().nullable(),
      /** Of the files looked at: those that fit, and those that would with another name, or with a reason. */
      fit: z.number(),
      renamed: z.number(),
      reason: z.number(),
      /** The first problem of a file that does not fit. */
      problem: ruleProblemSchema.nullable(),
    }),
  ),
  /** The request that all files fit, when it is the only one. */
  onlyFit: z.string().nullable(),
  /** Requests of the project that take no files now. */
  closed: z.number(),
});
export type MatchedRequestsView = z.infer<typeof matchedRequestsView>;
