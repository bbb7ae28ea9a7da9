/** The hashes of folders that an ASC MHL manifest states, and those that differ. */
import { nameKey } from '../names/names.ts';
import type { ChecksumAlgorithm } from '../media/checksums.ts';

/** The root and the first folders. A root hash covers all of them. */
export const maxStatedFolders = 5000;
export const maxFolderFaults = 20;

/** Formats of folder hashes, in the order in which they are compared: the hub has XXH128 of every file. */
export const folderAlgorithms = [
  'xxh128',
  'xxh3',
  'xxh64',
  'md5',
  'sha1',
  'c4',
] as const satisfies readonly ChecksumAlgorithm[];
export type FolderAlgorithm = (typeof folderAlgorithms)[number];

export type StatedFolder = {
  /** Relative to the folder that the history describes; empty for that folder itself. */
  path: string;
  algorithm: FolderAlgorithm;
  /** Covers the hashes of everything in the folder. */
  content: string;
  /** Also covers the names; null when the list does not state it. */
  structure: string | null;
};

/** `content`: other files, or other bytes. `names`: the same files under other names. */
export const folderFaults = ['content', 'names'] as const;
export type FolderFault = { path: string; fault: (typeof folderFaults)[number] };

/** Returns the folders whose hashes differ from those that the list states. A folder that has no hashes differs. */
export function differingFolders(
  stated: readonly StatedFolder[],
  found: ReadonlyMap<string, { content: string; structure: string }>,
): FolderFault[] {
  return stated.flatMap(({ path, content, structure }): FolderFault[] => {
    const hashes = found.get(nameKey(path));
    if (hashes?.content !== content) return [{ path, fault: 'content' }];
    return structure === null || hashes.structure === structure ? [] : [{ path, fault: 'names' }];
  });
}
