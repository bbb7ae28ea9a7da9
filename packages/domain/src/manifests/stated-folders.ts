/** The hashes of folders that an ASC MHL manifest states, and the verdict on them. */
import { nameKey } from '../names/names.ts';
import type { ChecksumAlgorithm } from '../media/checksums.ts';
import { tidyPath } from './entries.ts';

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

type Pair = { content?: string; structure?: string };

/** Collects the hashes of folders while a manifest is read. */
export class FolderReader {
  readonly stated: StatedFolder[] = [];
  #folder: { path: string; pairs: Map<FolderAlgorithm, Pair> } | null = null;

  open(name: string, parent: string | undefined): void {
    const isFolder =
      (name === 'directoryhash' && parent === 'hashes') || (name === 'roothash' && parent === 'processinfo');
    if (isFolder) this.#folder = { path: '', pairs: new Map() };
  }

  /** `value` is null for text that is no hash, and for a check that failed, which states no reference. */
  close(name: string, parent: string | undefined, text: string, value: string | null): void {
    const folder = this.#folder;
    if (!folder) return;
    if (name === 'path' && parent === 'directoryhash') folder.path = tidyPath(text).path;
    else if (parent === 'content' || parent === 'structure') {
      const algorithm = folderAlgorithms.find((each) => each === name);
      if (!algorithm || value === null) return;
      folder.pairs.set(algorithm, { ...folder.pairs.get(algorithm), [parent]: value });
    } else if (name === 'directoryhash' || name === 'roothash') {
      this.#folder = null;
      if (name === 'directoryhash' && folder.path === '') return;
      for (const [algorithm, { content, structure = null }] of folder.pairs) {
        if (content === undefined || this.stated.length === maxStatedFolders) continue;
        this.stated.push({ path: folder.path, algorithm, content, structure });
      }
    }
  }
}

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
