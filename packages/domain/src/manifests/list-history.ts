/** The place of a list in an ASC MHL history, for people and API clients. */
import { z } from 'zod';
import { chainFaults } from './history.ts';
import { folderFaults } from './stated-folders.ts';

/** The verdict on the hashes of folders. The newest generation of a history decides; its root covers all files. */
export const folderVerdict = z.object({
  /** `none`: it states none, or is not the newest generation. `unchecked`: the hub lacks checksums for them. */
  state: z.enum(['match', 'differs', 'pending', 'unchecked', 'none']),
  /** The number of folders that were compared, with the root. */
  compared: z.number(),
  /** The first folders that differ; the root has an empty path. */
  faults: z.array(z.object({ path: z.string(), fault: z.enum(folderFaults) })),
});
export type FolderVerdict = z.infer<typeof folderVerdict>;
export const noFolders: FolderVerdict = { state: 'none', compared: 0, faults: [] };

export const listHistory = z.object({
  /** The folder that the history describes; empty at the top of the delivery. */
  folder: z.string(),
  /** The number of the generation; null for the chain. */
  generation: z.number().nullable(),
  /** The number of generations that were delivered. */
  generations: z.number(),
  /** `none`: nobody delivered the chain. */
  chain: z.enum(['whole', 'broken', 'pending', 'unchecked', 'none']),
  folders: folderVerdict,
  /** The first faults of the chain; empty for a list that is not the chain. */
  faults: z.array(
    z.object({
      fault: z.enum(chainFaults),
      generation: z.number().nullable(),
      /** Path of the list, as the chain names it; empty for a gap. */
      path: z.string(),
    }),
  ),
});
export type ListHistory = z.infer<typeof listHistory>;
