/**
 * Reads dropped or chosen files with their paths, wherever files can be dropped. It uses its own stack instead of
 * recursion, so no folder is too large or too deep. Unreadable items are reported and do not stop the rest.
 */
import { isSystemLitter, litterOf, litterRoot } from '@turnover/domain/workspace/litter';
import { maxPathDepth } from '@turnover/domain/names/names';
import { inNameOrder } from './name-order.ts';
import type { Dropped } from './dropped.ts';
import type { ChosenFile } from './target.ts';

/** `gone`: a dead link, or a file moved meanwhile. `denied`: no permission. */
export type UnreadableReason = 'gone' | 'denied' | 'too_deep' | 'other';
export type Unreadable = { path: string; reason: UnreadableReason };

export type ReadDrop = {
  files: readonly ChosenFile[];
  /** Folders that contain no files, or only system litter. */
  emptyFolders: readonly string[];
  unreadable: readonly Unreadable[];
  /** System files such as `.DS_Store`; a system folder counts once and is not searched. */
  litter: readonly string[];
};

export type Reading = {
  signal: AbortSignal;
  /** Called with the number of files found, and the number of those read. */
  onfound: (found: number, read: number) => void;
};

/** The most files that are opened at once. */
const filesAtOnce = 100;
/**
 * Reads the first byte of this many files to find out whether they are readable. Further unreadable files fail when
 * they are sent.
 */
const maxTried = 2_000;

export async function readDropped({ entries, files }: Dropped, reading: Reading): Promise<ReadDrop> {
  const reader = new DropReader(reading);
  await reader.addFiles(files);
  await reader.addEntries(entries);
  return reader.result;
}

/** Reads files from a file chooser; the paths of a chosen folder begin with its name. */
export async function readChosen(files: ArrayLike<File>, reading: Reading): Promise<ReadDrop> {
  return readDropped({ entries: [], files }, reading);
}

type Folder = { entry: FileSystemDirectoryEntry; path: string };

class DropReader {
  readonly #reading: Reading;
  readonly #files: ChosenFile[] = [];
  readonly #emptyFolders: string[] = [];
  readonly #unreadable: Unreadable[] = [];
  readonly #litter = new Set<string>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  get result(): ReadDrop {
    return {
      files: this.#files,
      emptyFolders: this.#emptyFolders,
      unreadable: this.#unreadable,
      litter: [...this.#litter],
    };
  }

  async addFiles(chosen: ArrayLike<File>): Promise<void> {
    // A file chooser lists the files of a folder in the order of the disk.
    const list = inNameOrder(chosen, ({ webkitRelativePath, name }) => webkitRelativePath || name);
    for (let from = 0; from < list.length; from += filesAtOnce) {
      const page: ChosenFile[] = [];
      for (let index = from; index < Math.min(list.length, from + filesAtOnce); index++) {
        const file = list[index]!;
        const relativePath = file.webkitRelativePath || file.name;
        const litter = litterOf(relativePath);
        if (litter?.kind === 'system') this.#litter.add(litterRoot(relativePath, litter));
        else page.push({ file, relativePath });
      }
      this.#keep(await Promise.all(page.map((chosen) => this.#tried(chosen))));
      if (from % 2_000 === 0) await new Promise((resolve) => setTimeout(resolve));
      this.#goOn();
    }
  }

  async addEntries(entries: readonly FileSystemEntry[]): Promise<void> {
    const waiting: Folder[] = [];
    await this.#addChildren(entries, '', waiting);
    for (let folder = waiting.pop(); folder; folder = waiting.pop()) await this.#addFolder(folder, waiting);
  }

  async #addFolder({ entry, path }: Folder, waiting: Folder[]): Promise<void> {
    if (path.split('/').length > maxPathDepth) {
      this.#unreadable.push({ path, reason: 'too_deep' });
      return;
    }
    const reader = entry.createReader();
    const children: FileSystemEntry[] = [];
    try {
      // `readEntries` returns at most a hundred entries per call, and none at the end.
      for (;;) {
        const page = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (page.length === 0) break;
        for (const child of page) children.push(child);
        this.#goOn(children.length);
      }
    } catch (error) {
      this.#rethrowEnd(error);
      this.#unreadable.push({ path, reason: reasonOf(error) });
      if (children.length === 0) return;
    }
    const kept = await this.#addChildren(
      inNameOrder(children, ({ name }) => name),
      `${path}/`,
      waiting,
    );
    if (kept === 0) this.#emptyFolders.push(path);
  }

  /** Returns how many children were kept. */
  async #addChildren(
    children: readonly FileSystemEntry[],
    folder: string,
    waiting: Folder[],
  ): Promise<number> {
    const folders: Folder[] = [];
    let kept = 0;
    for (let from = 0; from < children.length; from += filesAtOnce) {
      const page: Promise<ChosenFile | Unreadable>[] = [];
      for (const child of children.slice(from, from + filesAtOnce)) {
        const path = folder + child.name;
        if (isSystemLitter(child.name)) this.#litter.add(path);
        else if (child.isFile) page.push(this.#read(child as FileSystemFileEntry, path));
        else folders.push({ entry: child as FileSystemDirectoryEntry, path });
      }
      kept += this.#keep(await Promise.all(page));
      this.#goOn();
    }
    // The stack returns the last folder first.
    for (const each of folders.reverse()) waiting.push(each);
    return kept + folders.length;
  }

  async #read(entry: FileSystemFileEntry, path: string): Promise<ChosenFile | Unreadable> {
    try {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      return await this.#tried({ file, relativePath: path });
    } catch (error) {
      return { path, reason: reasonOf(error) };
    }
  }

  /** Reads the first byte of a file, because an unreadable file looks like any other until it is read. */
  async #tried(chosen: ChosenFile): Promise<ChosenFile | Unreadable> {
    if (this.#files.length >= maxTried) return chosen;
    try {
      const { file } = chosen;
      // A slice of an empty file reads nothing. A dead link looks like an empty file until it is read completely.
      await (file.size === 0 ? file : file.slice(0, 1)).arrayBuffer();
      return chosen;
    } catch (error) {
      return { path: chosen.relativePath, reason: reasonOf(error) };
    }
  }

  #keep(page: readonly (ChosenFile | Unreadable)[]): number {
    const before = this.#files.length;
    for (const each of page) {
      if ('file' in each) this.#files.push(each);
      else this.#unreadable.push(each);
    }
    return this.#files.length - before;
  }

  /** Reports progress and stops after a cancellation. `more`: files that were found but not read yet. */
  #goOn(more = 0): void {
    this.#reading.signal.throwIfAborted();
    const read = this.#files.length + this.#unreadable.length;
    this.#reading.onfound(read + more, read);
  }

  #rethrowEnd(error: unknown): void {
    if (this.#reading.signal.aborted) throw error;
  }
}

const reasons: Record<string, UnreadableReason> = {
  NotFoundError: 'gone',
  NotReadableError: 'denied',
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NoModificationAllowedError: 'denied',
};

function reasonOf(error: unknown): UnreadableReason {
  return (error instanceof Object && 'name' in error && reasons[String(error.name)]) || 'other';
}
