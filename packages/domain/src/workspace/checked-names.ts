/** Names asked for before anything is sent: whether they can be kept, are there already, or look like what is there. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { nameProblems } from '../names/names.ts';
import { litterKinds } from './litter.ts';

export const maxPathsChecked = 500;
const path = z.string().min(1).max(20_000);

/** A folder of a Workspace (null: its root), or a request. */
const target = z.object({
  projectId: idSchema('project'),
  folderId: idSchema('entry').nullish(),
  requestId: idSchema('request').nullish(),
});

export const checkNamesInput = target
  .extend({
    /** Of files and folders alike, below the target: `Reel 1/a.dpx`. */
    paths: z.array(path).min(1).max(maxPathsChecked),
  })
  .refine((input) => !(input.folderId && input.requestId), {
    error: 'Names are checked for a folder or for a request, not for both.',
  });
export type CheckNamesInput = z.infer<typeof checkNamesInput>;

export const checkedNameView = z.object({
  path: z.string(),
  /** Why it cannot be kept; null: it can. */
  problem: z.enum(nameProblems).nullable(),
  /** The path with each name made clean; null: nothing is to be said of it. */
  suggestion: z.string().nullable(),
  /** The path with what it hides written out; null: it hides nothing. */
  visibleName: z.string().nullable(),
  litter: z.enum(litterKinds).nullable(),
  /** What has this name there. */
  taken: z.enum(['file', 'folder', 'sequence']).nullable(),
  /** What looks the same beside it, and is another name. */
  looksLike: z.string().nullable(),
});
export type CheckedNameView = z.infer<typeof checkedNameView>;

/** Folders as they are dropped, empty ones too. What is there already stays. */
export const createFoldersInput = z.object({
  projectId: idSchema('project'),
  folderId: idSchema('entry').nullable(),
  paths: z.array(path).min(1).max(maxPathsChecked),
});
export type CreateFoldersInput = z.infer<typeof createFoldersInput>;
export const createdFoldersView = z.object({ folders: z.number() });
