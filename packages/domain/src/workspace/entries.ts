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
/** A larger selection travels as "all except". */
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
/** A part of a name, without regard to case and accents. */
const filter = z.string().max(255).default('');

export const listWorkspaceInput = z.object({
  projectId,
  /** A folder or sequence, own or shared; null: the root of My Workspace. */
  folderId,
  order: entryOrder.prefault({}),
  filter,
  /** Lists only folders, to choose a place. */
  foldersOnly: z.boolean().default(false),
  /** Continues after the last row of another page, whatever changed in the meantime. */
  cursor: z.string().max(2000).nullish(),
  /** Begins at this row instead, for a list that can be scrolled to any position. */
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListWorkspaceInput = z.infer<typeof listWorkspaceInput>;

/** Finds the next row with `text` in its name, from row `from` on, and from the other end after the last one. */
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
  /** The number of rows with the text. */
  matches: z.number(),
  /** Null: no match. `row` counts from 0 in the list, `number` from 1 among the matches. */
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
      /** The folder it lies in; null: the root. */
      folderId: z.string().nullable(),
      /** The names of the folders above it, from the root on. */
      path: z.array(z.string()),
    }),
  ),
  /** False when there may be more. */
  isComplete: z.boolean(),
});
export type SearchWorkspaceView = z.infer<typeof searchWorkspaceView>;

/** Some entries, or everything in a folder (filtered) except some, so that 100,000 rows stay small on the wire. */
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

/** What happens when the name is taken at the target. `replace`: the present entry goes to the trash. */
export const collisionChoices = ['refuse', 'keepBoth', 'replace', 'skip'] as const;
export type CollisionChoice = (typeof collisionChoices)[number];
export const moveInput = selectEntriesInput.extend({
  /** Null: the root of My Workspace. */
  folderId,
  onCollision: z.enum(collisionChoices).default('refuse'),
});
export type MoveInput = z.infer<typeof moveInput>;
export const previewMoveInput = selectEntriesInput.extend({ folderId });

export const movePreviewView = z.object({
  entries: z.number(),
  /** The first few names that are taken at the target; `collisionCount` includes all. */
  collisions: z.array(z.object({ name: z.string(), kind: z.enum(entryKinds) })),
  collisionCount: z.number(),
  /** People who would see more afterwards, and people who would see less. */
  gains: z.array(personView),
  loses: z.array(personView),
});
export type MovePreviewView = z.infer<typeof movePreviewView>;

export const removalPreviewView = z.object({
  entries: z.number(),
  /** People who would lose access. */
  loses: z.array(personView),
  /** How many more, whose names the asker must not know. */
  more: z.number(),
});
export type RemovalPreviewView = z.infer<typeof removalPreviewView>;

/** One step of a move, as `workspace.undoMove` takes it back. */
export const movedEntry = z.object({
  entryId: idSchema('entry'),
  fromFolderId: idSchema('entry').nullable(),
  fromName: nameSchema,
  /** The entry that the moved one replaced. */
  replacedId: idSchema('entry').nullable(),
});
export type MovedEntry = z.infer<typeof movedEntry>;
export const movedView = z.object({
  moved: z.number(),
  skipped: z.number(),
  /** Empty when the move is too large to be undone in one call. */
  undo: z.array(movedEntry),
});
export type MovedView = z.infer<typeof movedView>;
export const undoMoveInput = z.object({ projectId, moves: z.array(movedEntry).min(1).max(maxSelected) });

export const removedEntriesView = z.object({
  removed: z.number(),
  /** For undo; empty when there were more than `maxSelected`. */
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
  /** The number of files that repeat a frame of another file, with other padding or case. */
  duplicates: z.number(),
  /** The first present and the first absent ranges, both ends included; null: the sequence is too long to be read for a list. */
  ranges: z.array(frameRange).nullable(),
  gaps: z.array(frameRange).nullable(),
});
export type FramesView = z.infer<typeof framesView>;

export const entryView = z.object({
  id: z.string(),
  /** Null at the root, and when the caller may not see the parent. */
  parentId: z.string().nullable(),
  kind: z.enum(entryKinds),
  /** For a sequence, its pattern: `shot.####.exr`. */
  name: z.string(),
  /** The name with its hidden characters written out; null: it has none. */
  visibleName: z.string().nullable(),
  /** The name of another entry in the same folder that looks the same; null: there is none. */
  looksLike: z.string().nullable(),
  /** For a folder or sequence, the total of everything in it. */
  sizeBytes: z.number(),
  /** The rows directly in a folder, or the frames of a sequence; null for files. */
  items: z.number().nullable(),
  /** The files at all levels below; null for files. */
  files: z.number().nullable(),
  /** For a sequence: which frames are present and which are missing. */
  frames: framesView.nullable(),
  mediaKind: z.enum(mediaKinds).nullable(),
  /** A file is `verifying` from its last byte until its checksum is known; null for folders and sequences. */
  state: z.enum(entryStates).nullable(),
  /** What a browser can show of it: `GET /files/<id>?preview=<kind>`. */
  previews: z.array(previewKind),
  /** The number of people it is shared with directly, and the first few names, as far as the caller may know. */
  sharedWith: z.object({ names: z.array(z.string()), people: z.number() }),
  /** Where its files were delivered; null: in the trash, or more files than a list looks at. */
  delivery: deliverySummary.nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  deletedAt: z.number().nullable(),
});
export type EntryView = z.infer<typeof entryView>;

export const trashEntryView = entryView.extend({
  /** Null: the hub deleted it, because its retention ended. */
  deletedBy: personView.nullable(),
  /** The names of its former folders, from the root on; empty at the root. */
  folder: z.array(z.string()),
});
export type TrashEntryView = z.infer<typeof trashEntryView>;

/** What the caller may do with what is listed. */
export const entryAccessView = z.object({
  owner: personView,
  isOwner: z.boolean(),
  canShare: z.boolean(),
  canUpdate: z.boolean(),
  /** Epoch milliseconds of the first moment without access; null: no end. */
  until: z.number().nullable(),
  /** The topmost entry that is shared with the caller and contains what is listed; null for the owner. Nothing can be moved out of it. */
  rootId: z.string().nullable(),
});
export type EntryAccessView = z.infer<typeof entryAccessView>;

export const entryDetailsView = entryView.extend({
  checksums: z.array(checksumView),
  access: entryAccessView,
  /** For a sequence: the first gaps, both ends included. */
  gaps: z.array(frameRange),
  /** Groups of names that stand for the same frame: the first ones of a sequence, or those beside a file. */
  sameFrames: z.array(z.array(z.string())),
  /** When it expires unless it is delivered, in epoch milliseconds; null: never. */
  expiresAt: z.number().nullable(),
  /** Each of its files is in a submitted round of a request, so it does not expire. */
  delivered: z.boolean(),
});
export type EntryDetailsView = z.infer<typeof entryDetailsView>;

export const workspaceListView = z.object({
  /** From the root (or the topmost shared folder) to the listed folder, both ends included; empty at the root. */
  path: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(entryKinds) })),
  access: entryAccessView,
  entries: z.array(entryView),
  /** The number of rows in the whole list. */
  total: z.number(),
  nextCursor: z.string().nullable(),
});
export type WorkspaceListView = z.infer<typeof workspaceListView>;
