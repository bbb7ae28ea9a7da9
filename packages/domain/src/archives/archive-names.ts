/** The names of one folder of an archive, so that every system can unpack it. */
import { cleanName } from '../names/clean-names.ts';
import { nameKey, nameProblem } from '../names/names.ts';
import { freePath } from '../names/numbered-names.ts';

/**
 * Gives each file and folder of one folder its name in the archive: its own one, unless no system could hold it or another one
 * has it already. Two people may share files of the same name, so one of them gets a number.
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
