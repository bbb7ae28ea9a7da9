/** File and folder names in an archive, chosen so that every operating system can unpack them. */
import { cleanName } from '../names/clean-names.ts';
import { nameKey, nameProblem } from '../names/names.ts';
import { freePath } from '../names/numbered-names.ts';

/**
 * Assigns each file and folder of one folder its name in the archive. It keeps the original name unless some system
 * could not store it or the name is already taken. Two people may share files of the same name; the second one gets a
 * number.
 */
export class ArchiveNames {
  readonly #taken = new Set<string>();

  take(name: string, kind: 'file' | 'folder'): string {
    const possible = nameProblem(name) === null ? name : cleanName(name);
    const key = nameKey(possible);
    if (!this.#taken.has(key)) {
      this.#taken.add(key);
      return possible;
    }
    const free = freePath(possible, (candidate) => this.#taken.has(candidate), { kind });
    this.#taken.add(nameKey(free));
    return free;
  }
}
