/** Files and folders of a Workspace. */
import { z } from 'zod';
import { checksumView } from './checksums.ts';
import { idSchema } from './ids.ts';
import { mediaKinds } from './media-kinds.ts';
import { nameSchema } from './names.ts';

export const maxListPage = 500;

export const listWorkspaceInput = z.object({
  projectId: idSchema('project'),
  /** Null: the root of My Workspace. */
  folderId: idSchema('entry').nullable().default(null),
  cursor: z.string().max(1000).nullish(),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export const createFolderInput = z.object({
  projectId: idSchema('project'),
  parentId: idSchema('entry').nullable().default(null),
  name: nameSchema,
});
export const entryIdInput = z.object({ entryId: idSchema('entry') });
export const renameEntryInput = entryIdInput.extend({ name: nameSchema });
export const listTrashInput = z.object({
  projectId: idSchema('project'),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});

export const entryStates = ['verifying', 'stored'] as const;

export const entryView = z.object({
  id: z.string(),
  parentId: z.string().nullable(),
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  /** Bytes of a file; null for folders. */
  sizeBytes: z.number().nullable(),
  /** Entries directly in a folder; null for files. */
  items: z.number().nullable(),
  mediaKind: z.enum(mediaKinds).nullable(),
  /** A file is `verifying` from its last byte until its checksum is known; null for folders. */
  state: z.enum(entryStates).nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
  deletedAt: z.number().nullable(),
});
export type EntryView = z.infer<typeof entryView>;

export const entryDetailsView = entryView.extend({ checksums: z.array(checksumView) });
export type EntryDetailsView = z.infer<typeof entryDetailsView>;

export const workspaceListView = z.object({
  /** From the root to the folder listed, both ends included; empty at the root. */
  path: z.array(z.object({ id: z.string(), name: z.string() })),
  entries: z.array(entryView),
  nextCursor: z.string().nullable(),
});
export type WorkspaceListView = z.infer<typeof workspaceListView>;
