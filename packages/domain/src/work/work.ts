/** My work: the open tasks of a person in a project, in sections by their role. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import type { Role } from '../people/projects.ts';
import { redeliveryView, requestSummaryView } from '../requests/requests.ts';
import { extensionView } from '../workspace/retention.ts';

/**
 * `review`: processed and waiting for a decision. `late`: overdue or due within a day, and not submitted.
 * `redeliveries`: sent back and not submitted again. `unanswered`: comments that await the person's answer. `deliver`:
 * open and assigned. `again`: sent back. `transit`: own uploads into requests. `waiting`: submitted; the other side
 * must act.
 */
export const workSections = [
  'review',
  'late',
  'redeliveries',
  'unanswered',
  'deliver',
  'again',
  'transit',
  'waiting',
] as const;
export type WorkSectionName = (typeof workSections)[number];

const toDeliver: readonly WorkSectionName[] = ['deliver', 'again', 'transit', 'waiting'];

/** The sections of each role, in the order in which they are shown. */
export const sectionsOfRole: Record<Role, readonly WorkSectionName[]> = {
  coordinator: ['review', 'late', 'redeliveries', 'unanswered'],
  partner: toDeliver,
  uploader: toDeliver,
  reviewer: ['review'],
  workspace: [],
};

/** Returns true when the rows of a section are tasks, which the sidebar counts. */
export function isToDo(section: WorkSectionName): boolean {
  return section !== 'waiting';
}

/** A section lists this many rows; `total` counts all. */
export const maxWorkRows = 50;

const requestNameView = z.object({ id: z.string(), name: z.string() });

/** Unfinished uploads into a request. */
const arrivingView = z.object({
  uploads: z.number(),
  sentBytes: z.number(),
  sizeBytes: z.number(),
  lastByteAt: z.number(),
});
export type ArrivingView = z.infer<typeof arrivingView>;

export const workRequestView = z.object({
  kind: z.literal('request'),
  request: requestSummaryView,
  promiseReason: z.string(),
  /** When the last round was submitted or processed; null when none was. */
  submittedAt: z.number().nullable(),
  processedAt: z.number().nullable(),
  /** When processing is expected to end; null when unknown or not running. */
  expectedEndAt: z.number().nullable(),
  /** Findings of the last redelivery, as far as the person may see them. */
  findings: z.object({
    total: z.number(),
    answered: z.number(),
    /** Number of unresolved findings by severity. */
    open: z.object({ blocker: z.number(), issue: z.number(), note: z.number() }),
  }),
  /** Number of files of the last round that could not be processed. */
  failedFiles: z.number(),
  /**
   * The missing files that a submit would report; null when the request expects nothing in particular, or has too many
   * files to check.
   */
  missing: z.object({ files: z.number(), list: z.boolean() }).nullable(),
  /** Unfinished uploads into the request, as far as the person may see them; null when there are none. */
  arriving: arrivingView.nullable(),
  /** The last redelivery; its findings are listed only in the section `again`. */
  redelivery: redeliveryView.nullable(),
  remindedAt: z.number().nullable(),
});
export type WorkRequestView = z.infer<typeof workRequestView>;

export const workQuestionView = z.object({
  kind: z.literal('question'),
  request: requestNameView,
  commentId: z.string(),
  by: personView,
  /** Contains a token for each person in `mentions`, as in `comments.list`. */
  text: z.string(),
  mentions: z.array(personView),
  at: z.number(),
});
export type WorkQuestionView = z.infer<typeof workQuestionView>;

export const workExtensionView = z.object({
  kind: z.literal('extension'),
  extension: extensionView,
  /** The current end of the person's Workspace; null when nothing expires. */
  expiresAt: z.number().nullable(),
});
export type WorkExtensionView = z.infer<typeof workExtensionView>;

/** The person's own unfinished uploads into one request. */
export const workTransitView = z.object({
  kind: z.literal('transit'),
  request: requestNameView.extend({ dueAt: z.number().nullable() }),
  /** The file's name; null for several files. */
  name: z.string().nullable(),
  arriving: arrivingView,
  /** Number of uploads whose checksum differs from the declared one. */
  mismatches: z.number(),
});
export type WorkTransitView = z.infer<typeof workTransitView>;

export const workRowView = z.discriminatedUnion('kind', [
  workRequestView,
  workQuestionView,
  workExtensionView,
  workTransitView,
]);
export type WorkRowView = z.infer<typeof workRowView>;

export const workSectionView = z.object({
  name: z.enum(workSections),
  total: z.number(),
  rows: z.array(workRowView),
  /** For an empty section: the request that is likely to appear in it next, and when. */
  next: z.object({ request: requestNameView, at: z.number().nullable() }).nullable(),
});
export type WorkSectionView = z.infer<typeof workSectionView>;

export const workView = z.object({ sections: z.array(workSectionView) });
export type WorkView = z.infer<typeof workView>;
