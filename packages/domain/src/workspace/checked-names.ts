/** Checks names before an upload: whether they are allowed, taken, or look like a name that is present. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { personView } from '../people/accounts.ts';
import { nameProblems } from '../names/names.ts';
import { litterKinds } from './litter.ts';

export const maxPathsChecked = 500;
const path = z.string().min(1).max(20_000);

/** A folder of a Workspace (null for its root), or a request. */
const target = z.object({
  projectId: idSchema('project'),
  folderId: idSchema('entry').nullish(),
  requestId: idSchema('request').nullish(),
});

export const checkNamesInput = target
  .extend({
    /** Paths of files or folders, relative to the target: `Reel 1/a.dpx`. */
    paths: z.array(path).min(1).max(maxPathsChecked),
  })
  .refine((input) => !(input.folderId && input.requestId), {
    error: 'Names are checked for a folder or for a request, not for both.',
  });
export type CheckNamesInput = z.infer<typeof checkNamesInput>;

/** The file that has the name. An upload of the same size and modification time is probably the same file. */
const presentFileView = z.object({
  sizeBytes: z.number(),
  /** When its sender last modified it, in epoch milliseconds; null when unknown. */
  modifiedAt: z.number().nullable(),
  /** When the file arrived; null for an unfinished upload. */
  arrivedAt: z.number().nullable(),
  state: z.enum(['uploading', 'verifying', 'stored']),
  by: personView.nullable(),
  /** True when the caller may replace it. */
  canReplace: z.boolean(),
});
export type PresentFileView = z.infer<typeof presentFileView>;

export const checkedNameView = z.object({
  path: z.string(),
  /** Why the path is not allowed; null when it is allowed. */
  problem: z.enum(nameProblems).nullable(),
  /** The path with each name cleaned; null when nothing needs a correction, or no correction is possible. */
  suggestion: z.string().nullable(),
  /** The path with its hidden characters spelled out; null when it has none. */
  visibleName: z.string().nullable(),
  litter: z.enum(litterKinds).nullable(),
  /** The kind of the entry that has this name at the target; null when the name is free. */
  taken: z.enum(['file', 'folder', 'sequence']).nullable(),
  /** The file that has the name, or its upload; null when there is none, or the caller may not know about it. */
  present: presentFileView.nullable(),
  /** A different name at the target that looks the same; null when there is none. */
  looksLike: z.string().nullable(),
});
export type CheckedNameView = z.infer<typeof checkedNameView>;

/** Creates dropped folders, including empty ones. Folders that already exist stay. */
export const createFoldersInput = z.object({
  projectId: idSchema('project'),
  folderId: idSchema('entry').nullable(),
  paths: z.array(path).min(1).max(maxPathsChecked),
});
export type CreateFoldersInput = z.infer<typeof createFoldersInput>;
export const createdFoldersView = z.object({ folders: z.number() });
