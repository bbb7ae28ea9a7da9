/** The only code that knows where bytes are stored: today a local folder. Another store can be added beside it. */
import { createReadStream, renameSync, statSync } from 'node:fs';
import {
  access,
  constants,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  statfs,
  type FileHandle,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SpaceReserve } from '@turnover/db/space-reserve';
import type { PreviewKind } from '@turnover/domain/media/previews';
import { faultError } from '@turnover/domain/requests/system-faults';
import { areFoldersThere } from './folder-state.ts';

export type Storage = {
  /** Creates the empty file of an upload; it is durable when the promise resolves. */
  createIncoming(uploadId: string): Promise<void>;
  /** Opens the growing file of an upload for reading and writing. */
  openIncoming(uploadId: string): Promise<FileHandle>;
  /** Writes a whole small file whose upload has no row yet. When it resolves, the content is synced, but not its name. */
  storeArrival(uploadId: string, bytes: Buffer): Promise<void>;
  /** Syncs the names of all arrivals stored so far. Calls that wait at the same time share one sync. */
  syncArrivals(): Promise<void>;
  /** Turns an arrival into the file of its upload, whose row is committed. After a power cut, boot repeats this. */
  keepArrival(uploadId: string): void;
  removeArrival(uploadId: string): Promise<void>;
  listArrivals(): Promise<string[]>;
  /** Opens the immutable file of an asset for reading. */
  openAsset(assetId: string): Promise<FileHandle>;
  /** Where an asset lies below the vault, for a proxy that reads the same folder. */
  vaultName(assetId: string): string;
  /** For threads and programs that need a path: a file with the bytes of the upload so far. Valid until `use` returns. */
  lendIncoming<Result>(uploadId: string, use: (path: string) => Promise<Result>): Promise<Result>;
  /** As `lendIncoming`, for the bytes of an asset. A store without local files would lend a copy. */
  lendAsset<Result>(assetId: string, use: (path: string) => Promise<Result>): Promise<Result>;
  /**
   * Makes the file of a finished upload the file of its asset. It keeps its name as an upload too, so that everything can be
   * repeated until the result is recorded. Safe to repeat.
   */
  publish(uploadId: string, assetId: string): Promise<void>;
  /** Moves an upload that must not be published to the quarantine. Safe to repeat. */
  quarantine(uploadId: string): Promise<void>;
  removeIncoming(uploadId: string): Promise<void>;
  /** Moves the file of an unreferenced asset to the quarantine. Safe to repeat. */
  quarantineAsset(assetId: string): Promise<void>;
  /** Moves the file of an asset back out of the quarantine. */
  takeBackAsset(assetId: string): Promise<void>;
  removeQuarantinedAsset(assetId: string): Promise<void>;
  /** Deletes uploads that entered the quarantine before this time of the file system. Returns their number. */
  emptyQuarantine(before: number): Promise<number>;
  /** Creates an empty local folder for making previews. `attemptId` finds the folder again after a crash. */
  openPreviewFolder(attemptId: string): Promise<PreviewFolder>;
  /** Opens a preview of an asset for reading. */
  openPreview(assetId: string, kind: PreviewKind): Promise<FileHandle>;
  removePreviews(assetId: string): Promise<void>;
  /** Deletes folders of attempts that ended or crashed. Returns their number. */
  removeOldPreviewFolders(before: number): Promise<number>;
  /** The bytes that may still be written; 0 while a part of the database's reserve is used up. */
  freeBytes(): Promise<number>;
  /** True when the disk is full and the remaining space is kept for the database. */
  isSpaceLow(): boolean;
  /** The first `length` bytes of an asset. */
  readBeginning(assetId: string, length: number): Promise<Buffer>;
  hasIncoming(uploadId: string): Promise<boolean>;
  /** All growing files, including those without a row in the database. */
  listIncoming(): Promise<{ uploadId: string; sizeBytes: number }[]>;
};

/** The most small files that are open for writing at once. Each takes a file descriptor, and more would not be faster. */
const maxArrivalsOpen = 32;

export type StoredPreview = { kind: PreviewKind; sizeBytes: number };
export type PreviewFolder = {
  path: string;
  /** Makes files of the folder, named by their kind, the previews of the asset. Safe to repeat. */
  keep(assetId: string, kinds: readonly PreviewKind[]): Promise<StoredPreview[]>;
  remove(): Promise<void>;
};

/** A store in a local folder. Only tests use its paths. */
export type LocalStorage = Storage & {
  incomingPath(uploadId: string): string;
  vaultPath(assetId: string): string;
};

/**
 * The path of an asset. Its folder comes from the last characters of the id, which are random. The first ones are the time,
 * and would put all assets into one folder.
 */
export function vaultFile(dataFolder: string, assetId: string): string {
  return join(dataFolder, 'vault', vaultName(assetId));
}

/** The path of an asset below the vault. */
export function vaultName(assetId: string): string {
  return join(assetId.slice(-2), assetId);
}

export type WrongFile = {
  path: string;
  why: 'it is missing' | 'it is no file' | 'its size differs' | 'it cannot be read';
};

/** What is wrong with the file of an asset; null when nothing is. Reads none of its bytes and needs no open storage. */
export function inspectVaultFile(dataFolder: string, assetId: string, sizeBytes: number): WrongFile | null {
  const path = vaultFile(dataFolder, assetId);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return { path, why: 'it is missing' };
    if (!found.isFile()) return { path, why: 'it is no file' };
    return found.size === sizeBytes ? null : { path, why: 'its size differs' };
  } catch {
    return { path, why: 'it cannot be read' };
  }
}

export type StorageOptions = {
  /** Disk space that is kept free for the database. */
  reserve?: Pick<SpaceReserve, 'isWhole'>;
  /**
   * The hub whose marker files the folders must carry. A missing marker means that the disk is not mounted, and nothing may
   * be written into the empty mount point.
   */
  hubId?: string;
};

/** Creates the folders inside `dataFolder`. They must be on one file system, because files move between them by rename. */
export async function openLocalStorage(
  dataFolder: string,
  { reserve, hubId }: StorageOptions = {},
): Promise<LocalStorage> {
  const incoming = join(dataFolder, 'incoming');
  const vault = join(dataFolder, 'vault');
  const quarantine = join(dataFolder, 'quarantine');
  const derived = join(dataFolder, 'derived');
  const unfinished = join(derived, 'unfinished');
  for (const folder of [incoming, vault, quarantine, unfinished])
    await mkdir(folder, { recursive: true, mode: 0o700 });

  const incomingPath = (uploadId: string) => join(incoming, `${uploadId}.part`);
  const arrivalPath = (uploadId: string) => join(incoming, `${uploadId}.new`);
  const vaultPath = (assetId: string) => vaultFile(dataFolder, assetId);
  const quarantinePath = (name: string) => join(quarantine, name);
  const previewsPath = (assetId: string) => join(derived, assetId.slice(-2), assetId);
  const requireFolders = () => {
    if (!hubId || areFoldersThere(dataFolder, hubId)) return;
    throw faultError('not_there');
  };
  const keepArrival = (uploadId: string): void => {
    try {
      renameSync(arrivalPath(uploadId), incomingPath(uploadId));
    } catch (error) {
      // The other process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  const oneOfFew = atMost(maxArrivalsOpen);
  const syncVault = sharedRuns(() => syncFolder(vault));
  const durableFolders = new Set<string>();
  const makeVaultFolder = async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (durableFolders.has(path)) return;
    // Syncs even if the folder exists: a crashed process may have created it without syncing.
    await syncVault();
    durableFolders.add(path);
  };
  const isSpaceLow = () => reserve !== undefined && !reserve.isWhole();

  return {
    incomingPath,
    vaultPath,
    async createIncoming(uploadId) {
      const path = incomingPath(uploadId);
      const file = await open(path, 'wx', 0o600);
      await file.close();
      await syncFolder(dirname(path));
    },
    openIncoming: (uploadId) => open(incomingPath(uploadId), 'r+'),
    storeArrival: (uploadId, bytes) =>
      oneOfFew(async () => {
        const file = await open(arrivalPath(uploadId), 'wx', 0o600);
        try {
          await file.writeFile(bytes);
          await file.datasync();
        } finally {
          await file.close();
        }
      }),
    syncArrivals: sharedRuns(() => syncFolder(incoming)),
    keepArrival,
    async removeArrival(uploadId) {
      await rm(arrivalPath(uploadId), { force: true });
    },
    async listArrivals() {
      const names = await readdir(incoming);
      return names.filter((name) => name.endsWith('.new')).map((name) => name.slice(0, -'.new'.length));
    },
    openAsset: (assetId) => open(vaultPath(assetId), 'r'),
    vaultName,
    lendIncoming(uploadId, use) {
      // The worker may see the commit of a small file before the web process has given the file its place.
      keepArrival(uploadId);
      return use(incomingPath(uploadId));
    },
    lendAsset: (assetId, use) => use(vaultPath(assetId)),
    async publish(uploadId, assetId) {
      requireFolders();
      const from = incomingPath(uploadId);
      const to = vaultPath(assetId);
      await makeVaultFolder(dirname(to));
      await link(from, to).catch(async (error: unknown) => {
        // link() never overwrites. If the target exists, this or an earlier attempt has already linked it.
        if (!(await exists(to))) throw error;
      });
      await syncFolder(dirname(to));
    },
    async quarantine(uploadId) {
      await renameDurably(incomingPath(uploadId), quarantinePath(`${uploadId}.part`));
    },
    async removeIncoming(uploadId) {
      await rm(incomingPath(uploadId), { force: true });
    },
    async quarantineAsset(assetId) {
      await renameDurably(vaultPath(assetId), quarantinePath(assetId));
    },
    async takeBackAsset(assetId) {
      await makeVaultFolder(dirname(vaultPath(assetId)));
      await renameDurably(quarantinePath(assetId), vaultPath(assetId));
    },
    async removeQuarantinedAsset(assetId) {
      await rm(quarantinePath(assetId), { force: true });
      await syncFolder(quarantine);
    },
    async emptyQuarantine(before) {
      let removed = 0;
      for (const name of (await readdir(quarantine)).filter((each) => each.endsWith('.part'))) {
        // A rename changes the inode's ctime, but not its mtime.
        const put = await stat(quarantinePath(name)).catch(() => null);
        if (!put || put.ctimeMs >= before) continue;
        await rm(quarantinePath(name), { force: true });
        removed++;
      }
      if (removed > 0) await syncFolder(quarantine);
      return removed;
    },
    async openPreviewFolder(attemptId) {
      requireFolders();
      const path = join(unfinished, attemptId);
      const remove = () => rm(path, { recursive: true, force: true });
      await remove();
      await mkdir(path, { mode: 0o700 });
      return { path, remove, keep: (assetId, kinds) => keepPreviews(path, previewsPath(assetId), kinds) };
    },
    openPreview: (assetId, kind) => open(join(previewsPath(assetId), kind), 'r'),
    async removePreviews(assetId) {
      await rm(previewsPath(assetId), { recursive: true, force: true });
    },
    async removeOldPreviewFolders(before) {
      let removed = 0;
      for (const name of await readdir(unfinished)) {
        const made = await stat(join(unfinished, name)).catch(() => null);
        if (!made || made.mtimeMs >= before) continue;
        await rm(join(unfinished, name), { recursive: true, force: true });
        removed += 1;
      }
      return removed;
    },
    isSpaceLow,
    async freeBytes() {
      requireFolders();
      if (isSpaceLow()) return 0;
      const { bavail, bsize } = await statfs(dataFolder);
      return bavail * bsize;
    },
    async readBeginning(assetId, length) {
      if (length <= 0) return Buffer.alloc(0);
      const chunks: Buffer[] = [];
      for await (const chunk of createReadStream(vaultPath(assetId), { end: length - 1 }))
        chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    hasIncoming: (uploadId) => exists(incomingPath(uploadId)),
    async listIncoming() {
      const names = (await readdir(incoming)).filter((name) => name.endsWith('.part'));
      return Promise.all(
        names.map(async (name) => ({
          uploadId: name.slice(0, -'.part'.length),
          sizeBytes: await sizeOf(join(incoming, name)),
        })),
      );
    },
  };
}

async function keepPreviews(
  from: string,
  to: string,
  kinds: readonly PreviewKind[],
): Promise<StoredPreview[]> {
  if (kinds.length === 0) return [];
  await mkdir(to, { recursive: true, mode: 0o700 });
  const kept: StoredPreview[] = [];
  for (const kind of kinds) {
    const file = await open(join(from, kind), 'r+');
    try {
      await file.chmod(0o600);
      await file.sync();
      kept.push({ kind, sizeBytes: (await file.stat()).size });
    } finally {
      await file.close();
    }
    await rename(join(from, kind), join(to, kind));
  }
  for (const folder of [to, dirname(to), dirname(dirname(to))]) await syncFolder(folder);
  return kept;
}

/** A new name survives a power cut only after its folder was synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Returns a function that runs at most this many calls at once; the others wait in order. */
function atMost(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/**
 * Returns a function whose concurrent calls share a run. A call during a run waits for the next one, because the running one
 * may have begun too early for it.
 */
function sharedRuns(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = async (): Promise<void> => {
    next = null;
    const own = run();
    running = own;
    try {
      await own;
    } finally {
      if (running === own) running = null;
    }
  };
  return () => {
    if (running === null) return start();
    next ??= running.then(start, start);
    return next;
  };
}

/** Moves a file within the data folder. A missing source means that an earlier attempt has moved it. */
async function renameDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Syncs even if the file was moved before: a crashed attempt may have left the folders unsynced.
  for (const folder of [dirname(to), dirname(from)]) {
    if (await exists(folder)) await syncFolder(folder);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
