/**
 * Saves the files of an archive one by one into a folder of this computer, and compares each with the checksum that the hub
 * recorded. A file that is already there with the same bytes is left alone, so that the same download continues after a break.
 */
import type { ListedFileView } from '@turnover/domain/archives/archives';

/** The parts of the File System Access API that are used. Tests pass folders of their own. */
export type DiskFolder = {
  getDirectoryHandle(name: string, options: { create: boolean }): Promise<DiskFolder>;
  getFileHandle(name: string, options: { create: boolean }): Promise<DiskFile>;
  removeEntry(name: string): Promise<void>;
};
export type DiskFile = { getFile(): Promise<Blob>; createWritable(): Promise<DiskWriter> };
export type DiskWriter = {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Puts the written bytes in the place of the file. Before it, the file keeps its old content. */
  close(): Promise<void>;
  abort(): Promise<void>;
};

export type Hasher = { update(bytes: Uint8Array): void; digest(): string };

export type Surroundings = {
  /** Returns the bytes of an address from an offset. */
  read(url: string, from: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  newHasher(): Promise<Hasher>;
  /** Resolves when it is time to ask again after a broken connection; `failures` counts those in a row. */
  wait(failures: number, signal: AbortSignal): Promise<void>;
  onprogress(change: { path: string; bytes: number }): void;
};

/** `removed`: the file left its round. `differs`: the bytes are not those of the hub. `lost`: the hub gave no more bytes. */
export type SaveProblem = 'removed' | 'differs' | 'lost' | 'unwritable';
export type SavedFile = { path: string; is: 'saved' | 'there' } | { path: string; is: SaveProblem };

/** How often in a row a connection may fail without a single new byte. */
const maxFailures = 8;

/** Saves one file and says how it ended. Throws only when the signal aborts. */
export async function saveFile(
  root: DiskFolder,
  file: ListedFileView,
  around: Surroundings,
  signal: AbortSignal,
): Promise<SavedFile> {
  const { path } = file;
  const names = path.split('/');
  const name = names.pop()!;
  try {
    const folder = await folderAt(root, names);
    // The path of an empty folder ends with a slash.
    if (name === '') return { path, is: 'saved' };
    if (file.url === null) return { path, is: 'removed' };
    const present = await presentIn(folder, name);
    if (present && (await isSame(present, file, around, signal))) {
      around.onprogress({ path, bytes: file.sizeBytes });
      return { path, is: 'there' };
    }
    const target = await folder.getFileHandle(name, { create: true });
    let is: SavedFile['is'] = 'unwritable';
    try {
      is = await fetchInto(target, file, around, signal);
    } finally {
      // Nothing may look like a file that is not whole.
      if (is !== 'saved' && !present) await folder.removeEntry(name);
    }
    return { path, is };
  } catch (error) {
    signal.throwIfAborted();
    return { path, is: error instanceof LostConnection ? 'lost' : 'unwritable' };
  }
}

async function folderAt(root: DiskFolder, names: readonly string[]): Promise<DiskFolder> {
  let folder = root;
  for (const name of names) folder = await folder.getDirectoryHandle(name, { create: true });
  return folder;
}

async function presentIn(folder: DiskFolder, name: string): Promise<Blob | null> {
  return folder
    .getFileHandle(name, { create: false })
    .then((handle) => handle.getFile())
    .catch(() => null);
}

/** Whether the present file has the bytes of the hub. False without a recorded checksum. */
async function isSame(
  present: Blob,
  { sizeBytes, checksums }: ListedFileView,
  { newHasher }: Surroundings,
  signal: AbortSignal,
): Promise<boolean> {
  const expected = xxh128Of(checksums);
  if (expected === undefined || present.size !== sizeBytes) return false;
  const hasher = await newHasher();
  for await (const bytes of piecesOf(present.stream())) {
    signal.throwIfAborted();
    hasher.update(bytes);
  }
  return hasher.digest() === expected;
}

/** After a broken connection it goes on at the next byte. The target keeps its old content until all bytes are right. */
async function fetchInto(
  target: DiskFile,
  file: ListedFileView,
  around: Surroundings,
  signal: AbortSignal,
): Promise<'saved' | 'differs'> {
  const expected = xxh128Of(file.checksums);
  const hasher = await around.newHasher();
  const writer = await target.createWritable();
  try {
    let written = 0;
    for await (const bytes of bytesOf(file, around, signal)) {
      hasher.update(bytes);
      await writer.write(bytes);
      written += bytes.length;
      around.onprogress({ path: file.path, bytes: bytes.length });
    }
    const isRight = written === file.sizeBytes && (expected === undefined || hasher.digest() === expected);
    await (isRight ? writer.close() : writer.abort());
    return isRight ? 'saved' : 'differs';
  } catch (error) {
    await writer.abort().catch(() => undefined);
    throw error;
  }
}

/** The bytes of a file from the hub. Asks again for the rest after a break, and throws `LostConnection` in the end. */
async function* bytesOf(
  { url, sizeBytes }: ListedFileView,
  { read, wait }: Surroundings,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let received = 0;
  for (let failures = 0; received < sizeBytes;) {
    const pieces = piecesOf(await read(url!, received, signal).catch(() => null));
    for (;;) {
      const piece = await pieces.next().catch(() => null);
      if (!piece || piece.done) break;
      received += piece.value.length;
      failures = 0;
      yield piece.value;
    }
    signal.throwIfAborted();
    if (received >= sizeBytes) return;
    if (++failures >= maxFailures) throw new LostConnection();
    await wait(failures, signal);
  }
}

async function* piecesOf<Piece>(stream: ReadableStream<Piece> | null): AsyncGenerator<Piece, void, void> {
  if (!stream) return;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function xxh128Of(checksums: ListedFileView['checksums']): string | undefined {
  return checksums.find(({ algorithm }) => algorithm === 'xxh128')?.value;
}

class LostConnection extends Error {}
