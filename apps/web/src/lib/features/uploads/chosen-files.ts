/** Reads what was chosen or dropped into files with their paths, folders walked through, system files left out. */
import type { ChosenFile } from './target.ts';

/** What operating systems leave behind in folders; nobody ever means to deliver it. */
const systemNames = new Set([
  '.ds_store',
  'thumbs.db',
  'desktop.ini',
  '.spotlight-v100',
  '.trashes',
  '.fseventsd',
  '__macosx',
]);

export function isSystemFile(relativePath: string): boolean {
  return relativePath
    .split('/')
    .some((segment) => segment.startsWith('._') || systemNames.has(segment.toLowerCase()));
}

export function withoutSystemFiles(chosen: readonly ChosenFile[]): { files: ChosenFile[]; skipped: number } {
  const files = chosen.filter(({ relativePath }) => !isSystemFile(relativePath));
  return { files, skipped: chosen.length - files.length };
}

/** From a file chooser; a chosen folder gives paths that begin with its name. */
export function readChosen(list: Iterable<File>): ChosenFile[] {
  return [...list].map((file) => ({ file, relativePath: file.webkitRelativePath || file.name }));
}

/** From a drop. The entries are taken at once: the browser forgets them when the event is over. */
export async function readDropped(transfer: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return readChosen(transfer.files);
  const found = await Promise.all(entries.map((entry) => readEntry(entry, '')));
  return found.flat();
}

export async function readEntry(entry: FileSystemEntry, folder: string): Promise<ChosenFile[]> {
  const relativePath = folder + entry.name;
  if (entry.isFile) return [{ file: await fileOf(entry as FileSystemFileEntry), relativePath }];
  const found: ChosenFile[] = [];
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) {
    found.push(...(await readEntry(child, `${relativePath}/`)));
  }
  return found;
}

/** A reader gives at most a hundred at a time, and nothing when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  let read: FileSystemEntry[];
  do {
    read = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    children.push(...read);
  } while (read.length > 0);
  return children;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
