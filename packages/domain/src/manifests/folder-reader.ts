/** Collects the hashes of folders while an ASC MHL manifest is read. */
import { tidyPath } from './entries.ts';
import {
  folderAlgorithms,
  maxStatedFolders,
  type FolderAlgorithm,
  type StatedFolder,
} from './stated-folders.ts';

type Pair = { content?: string; structure?: string };

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
