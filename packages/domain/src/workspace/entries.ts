/** Files and folders of a Workspace. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { checksumView } from '../media/checksums.ts';
import { idSchema } from '../ids.ts';
import { previewKind } from '../media/previews.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { nameSchema } from '../names/schemas.ts';
import { deliverySummary } from './deliveries.ts';

export const maxListPage = 500;
/** The most ids in a selection. A larger selection is expressed as "all except". */
export const maxSelected = 10_000;

/** `sequence`: the frames of an image sequence, listed as one row and opened like a folder. */
export const entryKinds = ['file', 'folder', 'sequence'] as const;
export type EntryKind = (typeof entryKinds)[number];

export const entryStates = ['verifying', 'stored'] as const;

export const entryColumns = ['name', 'size', 'changed', 'shared', 'state'] as const;
export type EntryColumn = (typeof entryColumns)[number];
export const entryOrder = z.object({
  column: z.enum(entryColumns).default('name'),
  descending: z.boolean().default(false),
});
export type EntryOrder = z.infer<typeof entryOrder>;

const projectId = idSchema('project');
const folderId = idSchema('entry').nullable().default(null);
/** A part of a name; case and accents are ignored. */
const filter = z.string().max(255).default('');

export const listWorkspaceInput = z.object({
  projectId,
  /** An own or shared folder or sequence; null for the root of My Workspace. */
  folderId,
  order: entryOrder.prefault({}),
  filter,
  /** True lists only folders, to choose a target. */
  foldersOnly: z.boolean().default(false),
  /** Continues after the last row of a page, whatever has changed meanwhile. */
  cursor: z.string().max(2000).nullish(),
  /** The number of rows to skip, for a list that scrolls to any position; used instead of the cursor. */
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListWorkspaceInput = z.infer<typeof listWorkspaceInput>;

/**
 * Finds the next row with `text` in its name, starting at row `from`, and continues at the other end after the last
 * row.
 */
export const findInWorkspaceInput = z.object({
  projectId,
  folderId,
  order: entryOrder.prefault({}),
  filter,
  text: z.string().min(1).max(255),
  from: z.number().int().min(0).default(0),
  backwards: z.boolean().default(false),
});
export type FindInWorkspaceInput = z.infer<typeof findInWorkspaceInput>;
export const foundInWorkspaceView = z.object({
  /** The number of rows that contain the text. */
  matches: z.number(),
  /** Null when there is no match. `row` counts from 0 in the list, `number` from 1 among the matches. */
  found: z.object({ row: z.number(), number: z.number(), entryId: z.string() }).nullable(),
});
export type FoundInWorkspaceView = z.infer<typeof foundInWorkspaceView>;

/** Searches names in all folders of the person's own Workspace. */
export const searchWorkspaceInput = z.object({ projectId, text: z.string().trim().min(1).max(255) });
export type SearchWorkspaceInput = z.infer<typeof searchWorkspaceInput>;
export const searchWorkspaceView = z.object({
  found: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(entryKinds),
      name: z.string(),
      /** The parent folder; null for the root. */
      folderId: z.string().nullable(),
      /** The names of the folders above it, beginning at the root. */
      path: z.array(z.string()),
    }),
  ),
  /** False when there may be more matches. */
  isComplete: z.boolean(),
});
export type SearchWorkspaceView = z.infer<typeof searchWorkspaceView>;

/**
 * Some entries, or everything in a folder (filtered) except some, so that a selection of 100,000 rows needs few bytes
 * in a call.
 */
export const entrySelection = z.union([
  z.object({ entryIds: z.array(idSchema('entry')).min(1).max(maxSelected) }),
  z.object({ folderId, filter, allExcept: z.array(idSchema('entry')).max(maxSelected) }),
]);
export type EntrySelection = z.infer<typeof entrySelection>;
export const selectEntriesInput = z.object({ projectId, selection: entrySelection });

export const createFolderInput = z.object({
  projectId,
  parentId: folderId,
  name: nameSchema,
  /** Entries to move into the new folder. */
  selection: entrySelection.optional(),
});
export type CreateFolderInput = z.infer<typeof createFolderInput>;
export const entryIdInput = z.object({ entryId: idSchema('entry') });
export const renameEntryInput = entryIdInput.extend({
  name: nameSchema,
  /** The name that the caller saw. If the name has changed since, the call fails and changes nothing. */
  seenName: nameSchema.optional(),
});

/** What to do when the name is taken at the target. `replace`: the present entry goes to the trash. */
export const collisionChoices = ['refuse', 'keepBoth', 'replace', 'skip'] as const;
export type CollisionChoice = (typeof collisionChoices)[number];
export const moveInput = selectEntriesInput.extend({
  /** Null for the root of My Workspace. */
  folderId,
  onCollision: z.enum(collisionChoices).default('refuse'),
});
export type MoveInput = z.infer<typeof moveInput>;
export const previewMoveInput = selectEntriesInput.extend({ folderId });

export const movePreviewView = z.object({
  entries: z.number(),
  /** The first few names that are taken at the target; `collisionCount` includes all. */
  collisions: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(entryKinds),
      /** An unfinished upload has the name: it cannot be replaced. Null: an entry has it. */
      by: z.literal('upload').nullable(),
    }),
  ),
  collisionCount: z.number(),
  /** How many of them an unfinished upload has. */
  uploadingCount: z.number(),
  /** People who would gain access, and people who would lose access. */
  gains: z.array(personView),
  loses: z.array(personView),
});
export type MovePreviewView = z.infer<typeof movePreviewView>;

export const removalPreviewView = z.object({
  entries: z.number(),
  /** People who would lose access. */
  loses: z.array(personView),
  /** The number of further people, whose names the caller may not know. */
  more: z.number(),
});
export type RemovalPreviewView = z.infer<typeof removalPreviewView>;

/** One step of a move, in the form that `workspace.undoMove` reverses. */
export const movedEntry = z.object({
  entryId: idSchema('entry'),
  fromFolderId: idSchema('entry').nullable(),
  fromName: nameSchema,
  /** The entry that the moved one replaced; null when it replaced none. */
  replacedId: idSchema('entry').nullable(),
});
export type MovedEntry = z.infer<typeof movedEntry>;
export const movedView = z.object({
  moved: z.number(),
  skipped: z.number(),
  /** Input for `workspace.undoMove`; empty when the move is too large to be undone in one call. */
  undo: z.array(movedEntry),
});
export type MovedView = z.infer<typeof movedView>;
export const undoMoveInput = z.object({ projectId, moves: z.array(movedEntry).min(1).max(maxSelected) });

export const removedEntriesView = z.object({
  removed: z.number(),
  /** The ids for an undo; empty when there are more than `maxSelected`. */
  entryIds: z.array(z.string()),
});
export type RemovedEntriesView = z.infer<typeof removedEntriesView>;

export const listTrashInput = z.object({
  projectId,
  cursor: z.string().max(2000).nullish(),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export const trashListView = z.object({
  entries: z.array(z.lazy(() => trashEntryView)),
  nextCursor: z.string().nullable(),
  /** Days after which entries in the trash are deleted for good. */
  keptDays: z.number(),
});
export type TrashListView = z.infer<typeof trashListView>;
export const restoredEntriesView = z.object({ restored: z.number() });
export const purgedView = z.object({ purged: z.number() });
export const restoreEntriesInput = z.object({
  projectId,
  entryIds: z.array(idSchema('entry')).min(1).max(maxSelected),
});

const frameRange = z.tuple([z.number(), z.number()]);
export const framesView = z.object({
  first: z.number(),
  last: z.number(),
  /** The number of different frames. */
  count: z.number(),
  /** 1, or n when only every nth frame is present. */
  step: z.number(),
  /** The number of absent frames between the first and the last, counted by the step. */
  missing: z.number(),
  /** The number of files that repeat a frame of another file, with different padding or case. */
  duplicates: z.number(),
  /**
   * The first present and the first absent ranges, both ends included; null when the sequence is too long to be read
   * for a list.
   */
  ranges: z.array(frameRange).nullable(),
  gaps: z.array(frameRange).nullable(),
});
export type FramesView = z.infer<typeof framesView>;

export const entryView = z.object({
  id: z.string(),
  /** Null at the root, and when the caller may not see the parent. */
  parentId: z.string().nullable(),
  kind: z.enum(entryKinds),
  /** For a sequence: its pattern `shot.####.exr`. */
  name: z.string(),
  /** The name with its hidden characters spelled out; null when it has none. */
  visibleName: z.string().nullable(),
  /** The name of another entry in the same folder that looks the same; null when there is none. */
  looksLike: z.string().nullable(),
  /** For a folder or sequence, the total of everything in it. */
  sizeBytes: z.number(),
  /** The number of rows directly in a folder, or of frames of a sequence; null for files. */
  items: z.number().nullable(),
  /** The number of files at all levels below; null for files. */
  files: z.number().nullable(),
  /** For a sequence: which frames are present and which are missing. */
  frames: framesView.nullable(),
  mediaKind: z.enum(mediaKinds).nullable(),
  /** A file is `verifying` from its last byte until its checksum is known; null for folders and sequences. */
  state: z.enum(entryStates).nullable(),
  /** The previews that a browser can show: `GET /files/<id>?preview=<kind>`. */
  previews: z.array(previewKind),
  /** The number of people with whom it is directly shared, and the first few names, as far as the caller may know. */
  sharedWith: z.object({ names: z.array(z.string()), people: z.number() }),
  /**
   * The requests that its files were delivered to; null in the trash, or when there are more files than a list
   * examines.
   */
  delivery: deliverySummary.nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  deletedAt: z.number().nullable(),
});
export type EntryView = z.infer<typeof entryView>;

export const trashEntryView = entryView.extend({
  /** Null when the hub deleted it at the end of its retention. */
  deletedBy: personView.nullable(),
  /** The names of its former folders, beginning at the root; empty for an entry of the root. */
  folder: z.array(z.string()),
});
export type TrashEntryView = z.infer<typeof trashEntryView>;

/** The permissions of the caller on the listed entries. */
export const entryAccessView = z.object({
  owner: personView,
  isOwner: z.boolean(),
  canShare: z.boolean(),
  canUpdate: z.boolean(),
  /** The first moment without access, in epoch milliseconds; null when access has no end. */
  until: z.number().nullable(),
  /**
   * The topmost entry that is shared with the caller and contains the listed entries; null for the owner. Nothing can
   * be moved out of it.
   */
  rootId: z.string().nullable(),
});
export type EntryAccessView = z.infer<typeof entryAccessView>;

export const entryDetailsView = entryView.extend({
  checksums: z.array(checksumView),
  access: entryAccessView,
  /** For a sequence: the first gaps, both ends included. */
  gaps: z.array(frameRange),
  /**
   * Groups of names that stand for the same frame: the first groups of a sequence, or the names that share a frame with
   * a file.
   */
  sameFrames: z.array(z.array(z.string())),
  /** When the entry expires unless it is delivered, in epoch milliseconds; null for never. */
  expiresAt: z.number().nullable(),
  /** True when each of its files is in a submitted round of a request, so that it does not expire. */
  delivered: z.boolean(),
});
export type EntryDetailsView = z.infer<typeof entryDetailsView>;

export const workspaceListView = z.object({
  /**
   * The folders from the root (or the topmost shared folder) to the listed folder, both included; empty at the root.
   */
  path: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(entryKinds) })),
  access: entryAccessView,
  entries: z.array(entryView),
  /** The number of rows in the whole list. */
  total: z.number(),
  nextCursor: z.string().nullable(),
});
export type WorkspaceListView = z.infer<typeof workspaceListView>;
