/** The contents of a request, or of an earlier round, as a page lists them: an image sequence is one row. */
import { z } from 'zod';
import { mediaKinds } from '../media/media-kinds.ts';
import { framesView, maxListPage } from '../workspace/entries.ts';
import { byName, contentColumns } from './content-order.ts';
import { deliveredFileView, sequenceIdSchema } from './files.ts';
import { requestIdInput } from './requests.ts';

const contentOrder = z.object({ column: z.enum(contentColumns), descending: z.boolean() });

export const listContentsInput = requestIdInput.extend({
  /** A submitted round as it was; null for the present contents. */
  round: z.number().int().min(1).nullable().default(null),
  /** The id of a sequence whose frames are listed in order; null for all contents. */
  sequenceId: sequenceIdSchema.nullable().default(null),
  order: contentOrder.default(byName),
  /** A part of the path, in any case. A sequence is listed as a whole when one of its frames matches. */
  filter: z.string().max(200).default(''),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListContentsInput = z.infer<typeof listContentsInput>;

/** The number of files of a row by difference from the previous round. */
const contentChange = z.object({
  added: z.number(),
  changed: z.number(),
  /** The same bytes under another name. */
  renamed: z.number(),
  same: z.number(),
});
export type ContentChange = z.infer<typeof contentChange>;

const sequenceRowView = z.object({
  kind: z.literal('sequence'),
  id: z.string(),
  /** The folders of the path; empty at the top. */
  folder: z.string(),
  /** `shot.####.exr` */
  name: z.string(),
  /** The lowest frame. */
  firstFileId: z.string(),
  files: z.number(),
  sizeBytes: z.number(),
  frames: framesView,
  mediaKind: z.enum(mediaKinds),
  /** When the last of its frames was delivered. */
  addedAt: z.number(),
  /** The number of files with a stage that waits or runs, with a failed stage, and without a checksum. */
  counts: z.object({ live: z.number(), failed: z.number(), verifying: z.number() }),
  change: contentChange.nullable(),
});
export type SequenceRowView = z.infer<typeof sequenceRowView>;
const fileRowView = z.object({
  kind: z.literal('file'),
  id: z.string(),
  file: deliveredFileView,
  change: contentChange.nullable(),
});
const contentRowView = z.discriminatedUnion('kind', [sequenceRowView, fileRowView]);
export type ContentRowView = z.infer<typeof contentRowView>;

export const contentsView = z.object({
  rows: z.array(contentRowView),
  /** The number of rows that match the filter. */
  total: z.number(),
  /** The sequence whose frames are listed; null when none was asked for or it no longer exists. */
  sequence: sequenceRowView.nullable(),
});
export type ContentsView = z.infer<typeof contentsView>;
