/** Looks at the files of the local store and sets files aside, for the doctor. Never deletes and never overwrites a file. */
import { constants, copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { markerName } from '@turnover/db/folder-markers';
import { syncFolder, vaultFile, vaultName } from './storage.ts';

/** A file below the data folder. `path` is relative to it, with `/`. */
export type FoundFile = { path: string; name: string; sizeBytes: number; changedAt: number };

export type StorageCare = {
  /** Size in bytes of the file of an asset; null when there is no file. Rejects when it cannot be read. */
  assetSize(assetId: string): Promise<number | null>;
  /** An asset's file in a copy of the data folder or of the folder `vault`; null when the copy lacks it. */
  findInCopy(copyFolder: string, assetId: string): Promise<{ path: string; sizeBytes: number } | null>;
  /** All files of the vault, folder by folder. */
  vaultFiles(): AsyncGenerator<FoundFile>;
  /** All files of `incoming`. */
  incomingFiles(): AsyncGenerator<FoundFile>;
  /** The files of `quarantine`, without those that the doctor set aside. */
  quarantinedFiles(): AsyncGenerator<FoundFile>;
  /** The path of an asset's file, for the code that hashes it. */
  assetPath(assetId: string): string;
  /** Moves a file into `quarantine/doctor`, where nothing deletes it. Returns its new path below the data folder. */
  setAside(path: string, label: string): Promise<string>;
  /**
   * Copies a file into the place of an asset. A damaged file there is set aside first. The copy is synced and has been
   * accepted by `check` before it gets its name.
   */
  putBack(
    assetId: string,
    from: string,
    label: string,
    check: (path: string) => Promise<void>,
  ): Promise<void>;
};

export const asideFolder = 'quarantine/doctor';

export function openStorageCare(dataFolder: string): StorageCare {
  const vault = join(dataFolder, 'vault');
  const assetPath = (assetId: string) => vaultFile(dataFolder, assetId);

  async function setAside(path: string, label: string): Promise<string> {
    const from = join(dataFolder, path);
    const kept = `${asideFolder}/${label}-${path.replaceAll('/', '-')}`;
    const to = join(dataFolder, kept);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await syncFolder(dirname(dirname(to)));
    // link() refuses an existing name, so that no file is overwritten.
    await link(from, to);
    await syncFolder(dirname(to));
    await rm(from);
    await syncFolder(dirname(from));
    return kept;
  }

  return {
    assetPath,
    setAside,
    assetSize: (assetId) => sizeIfThere(assetPath(assetId)),
    async findInCopy(copyFolder, assetId) {
      for (const folder of [join(copyFolder, 'vault'), copyFolder]) {
        const path = join(folder, vaultName(assetId));
        const sizeBytes = await sizeIfThere(path);
        if (sizeBytes !== null) return { path, sizeBytes };
      }
      return null;
    },
    async *vaultFiles() {
      for (const folder of await foldersIn(vault)) yield* filesIn(dataFolder, `vault/${folder}`);
      yield* filesIn(dataFolder, 'vault');
    },
    incomingFiles: () => filesIn(dataFolder, 'incoming'),
    quarantinedFiles: () => filesIn(dataFolder, 'quarantine'),
    async putBack(assetId, from, label, check) {
      const path = assetPath(assetId);
      const copy = `${path}.copy`;
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await syncFolder(vault);
      await rm(copy, { force: true });
      try {
        await copyFile(from, copy, constants.COPYFILE_EXCL);
        await syncFile(copy);
        await check(copy);
        if ((await sizeIfThere(path)) !== null) await setAside(path.slice(dataFolder.length + 1), label);
        await rename(copy, path);
        await syncFolder(dirname(path));
      } finally {
        await rm(copy, { force: true });
      }
    },
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function* filesIn(dataFolder: string, folder: string): AsyncGenerator<FoundFile> {
  for (const entry of await readdir(join(dataFolder, folder), { withFileTypes: true })) {
    if (entry.isDirectory() || entry.name === markerName) continue;
    const path = `${folder}/${entry.name}`;
    const found = await stat(join(dataFolder, path)).catch(() => null);
    // It moved or ended since the folder was read.
    if (!found) continue;
    yield { path, name: entry.name, sizeBytes: found.size, changedAt: found.ctimeMs };
  }
}

async function sizeIfThere(path: string): Promise<number | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error('It is not a file.');
    return found.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
