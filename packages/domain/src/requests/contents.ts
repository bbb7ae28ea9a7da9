/** What a request holds, or held in an earlier round, as a page lists it: image sequences are one row each. */
import { z } from 'zod';
import { mediaKinds } from '../media/media-kinds.ts';
import { framesView, maxListPage } from '../workspace/entries.ts';
import { byName, contentColumns } from './content-order.ts';
import { deliveredFileView, sequenceIdSchema } from './files.ts';
import { requestIdInput } from './requests.ts';

const contentOrder = z.object({ column: z.enum(contentColumns), descending: z.boolean() });

export const listContentsInput = requestIdInput.extend({
  /** A submitted round as it was; null: what is there now. */
  round: z.number().int().min(1).nullable().default(null),
  /** The id of a sequence: its frames are listed, in order. */
  sequenceId: sequenceIdSchema.nullable().default(null),
  order: contentOrder.default(byName),
  /** A part of the path, in any case. A sequence is listed whole when one of its frames matches. */
  filter: z.string().max(200).default(''),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListContentsInput = z.infer<typeof listContentsInput>;

/** How the files of a row differ from the round before, in files. */
const contentChange = z.object({
  added: z.number(),
  changed: z.number(),
  /** Same bytes under another name. */
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
  files: z.number(),
  sizeBytes: z.number(),
  frames: framesView,
  mediaKind: z.enum(mediaKinds),
  /** When the last of its frames was delivered. */
  addedAt: z.number(),
  /** How many of its files are waiting for a stage or in one, have failed in one, or have no checksum yet. */
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
  /** Rows that match the filter. */
  total: z.number(),
  /** The sequence whose frames are listed; null: none, or it is gone. */
  sequence: sequenceRowView.nullable(),
});
export type ContentsView = z.infer<typeof contentsView>;
