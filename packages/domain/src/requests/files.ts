/** Delivered files: inputs that add or change them, and their views. */
import { z } from 'zod';
import { knownPersonView, personView } from '../people/accounts.ts';
import { checksumView } from '../media/checksums.ts';
import { entryStates, framesView, maxListPage } from '../workspace/entries.ts';
import { idSchema } from '../ids.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { previewKind } from '../media/previews.ts';
import { fileManifestView } from '../manifests/summary.ts';
import { nameSchema } from '../names/schemas.ts';
import { refusalView, whyNotView } from './requests.ts';
import { stageView } from '../media/stages.ts';

const requestId = idSchema('request');

const fileIds = z.array(idSchema('deliveredFile')).max(1000);
/** The id of an image sequence in a request. */
export const sequenceIdSchema = z.string().max(1100);
const sequenceIds = z.array(sequenceIdSchema).max(1000);

/**
 * Some files and image sequences, or all except some, so that a selection of 75,000 frames needs few bytes in a call.
 */
export const fileSelection = z.union([
  z
    .object({ fileIds, sequenceIds: sequenceIds.optional() })
    .refine((chosen) => chosen.fileIds.length + (chosen.sequenceIds?.length ?? 0) > 0, 'Select something.'),
  /** `sequenceId`: all frames of this sequence. */
  z.object({
    allExcept: fileIds,
    exceptSequences: sequenceIds.optional(),
    sequenceId: sequenceIdSchema.optional(),
  }),
]);
export type FileSelection = z.infer<typeof fileSelection>;

export const listRequestFilesInput = z.object({
  requestId,
  cursor: z.string().max(21_000).nullish(),
  /** The number of rows to skip, for lists that scroll to any position. Cannot be combined with a cursor. */
  offset: z.number().int().min(0).default(0),
  /** A part of the path, in any case. */
  search: z.string().max(200).optional(),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListRequestFilesInput = z.infer<typeof listRequestFilesInput>;
export const deliveredFileIdInput = z.object({ fileId: idSchema('deliveredFile') });
export const renameFileInput = deliveredFileIdInput.extend({
  name: nameSchema,
  /**
   * The name that the person saw when renaming. If the file has another name by now, the call fails with
   * `changed_meanwhile`.
   */
  seenName: nameSchema.optional(),
});
/** A stage of one file, by its name. */
export const stageIdInput = deliveredFileIdInput.extend({ stage: z.string().max(60) });
export const skipStageInput = stageIdInput.extend({ reason: z.string().trim().min(1).max(1000) });
export const chosenFilesInput = z.object({ requestId, selection: fileSelection });
/** One stage of several files, by its name. */
export const skipStagesInput = chosenFilesInput.extend(
  skipStageInput.pick({ stage: true, reason: true }).shape,
);
export const removeFilesInput = z.object({ requestId, selection: fileSelection });
export const undoRemoveInput = z.object({ requestId, undo: z.number().int() });
/** During this time, the person who removed files may restore them without being a coordinator. */
export const undoRemoveMs = 60_000;
export const restoredFilesView = z.object({
  restored: z.number(),
  /** The number of files that stay removed; `refusal` is the reason of the first one. */
  refused: z.number(),
  refusal: refusalView,
});
export type RestoredFilesView = z.infer<typeof restoredFilesView>;
export const removedFilesView = z.object({
  removed: z.number(),
  /** Identifies this removal for `undoRemove`; null when it cannot be undone. */
  undo: z.number().nullable(),
});
export type RemovedFilesView = z.infer<typeof removedFilesView>;

export const deliveredFileView = z.object({
  id: z.string(),
  requestId: z.string(),
  name: z.string(),
  /** The name with its hidden characters spelled out; null when it has none. */
  visibleName: z.string().nullable(),
  /** The path of another file of the request that looks the same; null when there is none. */
  looksLike: z.string().nullable(),
  /** The folders of the path, without the name; empty at the top. */
  folder: z.string(),
  sizeBytes: z.number(),
  mediaKind: z.enum(mediaKinds),
  state: z.enum(entryStates),
  isManifest: z.boolean(),
  deliveredBy: personView,
  addedAt: z.number(),
  round: z.number(),
  checksums: z.array(checksumView),
  /**
   * The statement of the request's checksum lists about the file; null when there is no list, or none has been compared
   * yet.
   */
  manifest: fileManifestView,
  stages: z.array(stageView),
  /** The previews that a browser can show: `GET /files/<id>?preview=<kind>`. */
  previews: z.array(previewKind),
  /** Who removed the file from the request, and how; null while it is present. */
  removal: z
    .object({
      how: z.enum(['removed', 'cleared', 'replaced', 'renamed']),
      by: knownPersonView,
      at: z.number(),
    })
    .nullable(),
  possible: z.object({
    rename: whyNotView,
    remove: whyNotView,
    download: whyNotView,
    /** Considers the request only. The stage must allow the action, too: `media/stage-control.ts`. */
    retryStage: whyNotView,
    skipStage: whyNotView,
    cancelStage: whyNotView,
  }),
});
export type DeliveredFileView = z.infer<typeof deliveredFileView>;

export const requestFileListView = z.object({
  files: z.array(deliveredFileView),
  /** The number of rows in the whole list. */
  total: z.number(),
  nextCursor: z.string().nullable(),
});
export type RequestFileListView = z.infer<typeof requestFileListView>;

/** The first image sequences of a request by folder and name; `total` counts all. */
export const requestSequencesView = z.object({
  sequences: z.array(
    z.object({
      /** The folders of the path; empty at the top. */
      folder: z.string(),
      /** `shot.####.exr` */
      name: z.string(),
      files: z.number(),
      sizeBytes: z.number(),
      frames: framesView,
      /** The first groups of file names that have the same frame number. */
      sameFrames: z.array(z.array(z.string())),
    }),
  ),
  total: z.number(),
});
export type RequestSequencesView = z.infer<typeof requestSequencesView>;

export const listRemovedFilesInput = z.object({
  requestId,
  /** `removedAt` of the oldest file that the caller has. */
  before: z.number().int().nullish(),
  limit: z.number().int().min(1).max(maxListPage).default(200),
});
/** Removed files that can still be restored. */
export const removedFilesListView = z.object({
  files: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      sizeBytes: z.number(),
      /** The round in which the file was added. */
      round: z.number(),
      removal: z.enum(['removed', 'cleared', 'replaced', 'renamed']),
      removedAt: z.number(),
      removedBy: personView.nullable(),
      deliveredBy: personView,
      /** End of the time in which the file can be restored, in epoch milliseconds. */
      until: z.number(),
    }),
  ),
  keptDays: z.number(),
});
export type RemovedFilesListView = z.infer<typeof removedFilesListView>;
