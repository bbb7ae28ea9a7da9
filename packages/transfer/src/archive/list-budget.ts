// Bounds the memory of all file lists that are sent at the same time. Each file takes about 400 bytes.
import type { FileList } from '@turnover/core/archives/archived-files';
import { maxArchivedFiles } from '@turnover/domain/archives/archives';
import { HubError } from '@turnover/domain/errors';

const maxFiles = 2 * maxArchivedFiles;
/** Limit per person, so that two large archives of one person leave room for other people's. */
const maxFilesPerPerson = maxFiles / 2;
/** Lists up to this length do not count: the number of downloads bounds them. */
export const smallList = 2000;

export type HeldList = { list: FileList; release(): void };

export class ListBudget {
  readonly #heldBy = new Map<string, number>();
  #held = 0;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Calls `read` with the maximum number of files that the list may have. Calls run one after the other, because parallel ones would count on the same memory.
   * Passes on the errors of `read`; throws `unavailable` while other lists leave too little memory. The caller releases the list.
   */
  take(personId: string, read: (most: number) => Promise<FileList>): Promise<HeldList> {
    const next = this.#last.then(() => this.#take(personId, read));
    const ended = (): void => undefined;
    this.#last = next.then(ended, ended);
    return next;
  }

  async #take(personId: string, read: (most: number) => Promise<FileList>): Promise<HeldList> {
    const left = Math.min(maxFiles - this.#held, maxFilesPerPerson - (this.#heldBy.get(personId) ?? 0));
    const most = Math.max(smallList, Math.min(maxArchivedFiles, left));
    const list = await read(most).catch((error: unknown) => {
      const isOurs = most < maxArchivedFiles && error instanceof HubError && error.code === 'too_large';
      if (!isOurs) throw error;
      throw new HubError('unavailable', 'Too many downloads of many files at once. Try again in a moment.');
    });
    const { length } = list.files;
    const counted = length > smallList ? length : 0;
    this.#count(personId, counted);
    return { list, release: () => this.#count(personId, -counted) };
  }

  #count(personId: string, files: number): void {
    this.#held += files;
    const held = (this.#heldBy.get(personId) ?? 0) + files;
    if (held === 0) this.#heldBy.delete(personId);
    else this.#heldBy.set(personId, held);
  }
}
