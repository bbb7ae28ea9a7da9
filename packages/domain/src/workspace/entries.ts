/** Files and folders of a Workspace. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { checksumView } from '../media/checksums.ts';
import { idSchema } from '../ids.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { nameSchema } from '../names/names.ts';

export const maxListPage = 500;
/** More than that travels as "all except". */
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
/** Part of a name, without regard to case and accents. */
const filter = z.string().max(255).default('');

export const listWorkspaceInput = z.object({
  projectId,
  /** A folder or sequence, own or shared; null: the root of My Workspace. */
  folderId,
  order: entryOrder.prefault({}),
  filter,
  /** Only folders: for a chooser of places. */
  foldersOnly: z.boolean().default(false),
  /** Goes on after the last row of another page, whatever has come or gone since. */
  cursor: z.string().max(2000).nullish(),
  /** Begins at this row instead: for a list that is scrolled anywhere. */
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListWorkspaceInput = z.infer<typeof listWorkspaceInput>;

/** Where in the list the next row with `text` in its name stands, beginning at row `from` and going round. */
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
  /** Rows with the text. */
  matches: z.number(),
  /** Null: none. `row` counts from 0 in the list, `number` from 1 among the matches. */
  found: z.object({ row: z.number(), number: z.number(), entryId: z.string() }).nullable(),
});
export type FoundInWorkspaceView = z.infer<typeof foundInWorkspaceView>;

/** Some entries, or everything in a folder (as filtered) but some: 100,000 rows stay small on the wire. */
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
  /** What is moved into the new folder with it. */
  selection: entrySelection.optional(),
});
export type CreateFolderInput = z.infer<typeof createFolderInput>;
export const entryIdInput = z.object({ entryId: idSchema('entry') });
export const renameEntryInput = entryIdInput.extend({
  name: nameSchema,
  /** The name the caller saw: if it is another one by now, nothing is changed and the caller is told. */
  seenName: nameSchema.optional(),
});

/** What happens to an entry whose name is taken where it goes to. `replace`: the present one goes to the trash. */
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
  /** Names that are taken at the target: the first few, and how many in all. */
  collisions: z.array(z.object({ name: z.string(), kind: z.enum(entryKinds) })),
  collisionCount: z.number(),
  /** People who can see something afterwards that they cannot see now, and the other way round. */
  gains: z.array(personView),
  loses: z.array(personView),
});
export type MovePreviewView = z.infer<typeof movePreviewView>;

/** What a move did, as `workspace.undoMove` takes it back. */
export const movedEntry = z.object({
  entryId: idSchema('entry'),
  fromFolderId: idSchema('entry').nullable(),
  fromName: nameSchema,
  /** What made way. */
  replacedId: idSchema('entry').nullable(),
});
export type MovedEntry = z.infer<typeof movedEntry>;
export const movedView = z.object({
  moved: z.number(),
  skipped: z.number(),
  /** Empty when it was too much to be taken back in one go. */
  undo: z.array(movedEntry),
});
export type MovedView = z.infer<typeof movedView>;
export const undoMoveInput = z.object({ projectId, moves: z.array(movedEntry).min(1).max(maxSelected) });

export const removedEntriesView = z.object({
  removed: z.number(),
  /** For the undo; empty when there were more than `maxSelected`. */
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
  /** Days after which what lies here is deleted for good. */
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
  /** Different frames. */
  count: z.number(),
  /** 1, or n where only every nth frame is there. */
  step: z.number(),
  /** Frames of that step between the first and the last that are not there. */
  missing: z.number(),
  /** Files that stand for a frame which another one stands for too, in other padding or case. */
  duplicates: z.number(),
  /** The first ranges that are there and the first that are not, both ends included; null: there are too many to look at in a list. */
  ranges: z.array(frameRange).nullable(),
  gaps: z.array(frameRange).nullable(),
});
export type FramesView = z.infer<typeof framesView>;

export const entryView = z.object({
  id: z.string(),
  /** Null at the root, and where what holds it is out of the caller's reach. */
  parentId: z.string().nullable(),
  kind: z.enum(entryKinds),
  /** Of a sequence its pattern: `shot.####.exr`. */
  name: z.string(),
  /** The name with what it hides written out; null: it hides nothing. */
  visibleName: z.string().nullable(),
  /** The name of another entry beside it that looks the same; null: there is none. */
  looksLike: z.string().nullable(),
  /** Of a folder or sequence all that is below. */
  sizeBytes: z.number(),
  /** Rows directly in a folder, frames of a sequence; null for files. */
  items: z.number().nullable(),
  /** Files at all levels below; null for files. */
  files: z.number().nullable(),
  /** Of a sequence: what is there of it, and what is not. */
  frames: framesView.nullable(),
  mediaKind: z.enum(mediaKinds).nullable(),
  /** A file is `verifying` from its last byte until its checksum is known; null for folders and sequences. */
  state: z.enum(entryStates).nullable(),
  /** The names of the first few people it is shared with directly, as far as the caller may know, and how many. */
  sharedWith: z.object({ names: z.array(z.string()), people: z.number() }),
  createdAt: z.number(),
  updatedAt: z.number(),
  deletedAt: z.number().nullable(),
});
export type EntryView = z.infer<typeof entryView>;

export const trashEntryView = entryView.extend({
  /** Null: the hub, because its time was over. */
  deletedBy: personView.nullable(),
  /** Names of the folders it lay in, from the root on; empty at the root. */
  folder: z.array(z.string()),
});
export type TrashEntryView = z.infer<typeof trashEntryView>;

/** How the caller stands to what is listed. */
export const entryAccessView = z.object({
  owner: personView,
  isOwner: z.boolean(),
  canShare: z.boolean(),
  canUpdate: z.boolean(),
  /** Epoch milliseconds of the first moment without access; null: no end. */
  until: z.number().nullable(),
  /** The topmost entry within reach that holds what is listed; null for the owner. Nothing is moved out of it. */
  rootId: z.string().nullable(),
});
export type EntryAccessView = z.infer<typeof entryAccessView>;

export const entryDetailsView = entryView.extend({
  checksums: z.array(checksumView),
  access: entryAccessView,
  /** Of a sequence: the first gaps, both ends included. */
  gaps: z.array(frameRange),
  /** Names that stand for the same frame: of a sequence the first ones, of a file those beside it. */
  sameFrames: z.array(z.array(z.string())),
  /** When it expires unless it is delivered; null: never. */
  expiresAt: z.number().nullable(),
  delivered: z.boolean(),
});
export type EntryDetailsView = z.infer<typeof entryDetailsView>;

export const workspaceListView = z.object({
  /** From the root (or the topmost folder within reach) to the folder listed, both ends included; empty at the root. */
  path: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(entryKinds) })),
  access: entryAccessView,
  entries: z.array(entryView),
  /** Rows of the whole list. */
  total: z.number(),
  nextCursor: z.string().nullable(),
});
export type WorkspaceListView = z.infer<typeof workspaceListView>;
