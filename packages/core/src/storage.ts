/** The only code that knows where bytes live: a local folder now, with room for another store beside it. */
import { createReadStream } from 'node:fs';
import { access, constants, link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SpaceReserve } from '@turnover/db/space-reserve';
import { faultError } from '@turnover/domain/requests/system-faults';
import { areFoldersThere } from './folder-state.ts';

export type Storage = {
  /** The growing file of an upload. */
  incomingPath(uploadId: string): string;
  /** The immutable file of an asset. */
  vaultPath(assetId: string): string;
  /** Makes the finished upload the asset's file. Doing it twice is as good as once. */
  publish(uploadId: string, assetId: string): Promise<void>;
  /** Keeps an upload that must not be published, aside. */
  quarantine(uploadId: string): Promise<void>;
  removeIncoming(uploadId: string): Promise<void>;
  /** Puts the file of an asset that nothing points to aside. Doing it twice is as good as once. */
  quarantineAsset(assetId: string): Promise<void>;
  /** The way back. */
  takeBackAsset(assetId: string): Promise<void>;
  removeQuarantinedAsset(assetId: string): Promise<void>;
  /** Unlinks uploads that were put aside before this moment, by the time of the file system. */
  emptyQuarantine(before: number): Promise<number>;
  /** Bytes that can still be written: none while a part of the database's reserve was given up. */
  freeBytes(): Promise<number>;
  /** True: the disk is full, and what is left is for the database. */
  isSpaceLow(): boolean;
  /** The first `length` bytes of an asset. */
  readBeginning(assetId: string, length: number): Promise<Buffer>;
  hasIncoming(uploadId: string): Promise<boolean>;
  /** All growing files, whoever made them. */
  listIncoming(): Promise<{ uploadId: string; sizeBytes: number }[]>;
};

/** The last characters of an id are random; the first ones are time and would put everything into one folder. */
export function vaultFile(dataFolder: string, assetId: string): string {
  return join(dataFolder, 'vault', assetId.slice(-2), assetId);
}

export type StorageOptions = {
  /** Kept for the database. */
  reserve?: Pick<SpaceReserve, 'isWhole'>;
  /** Whose markers the folders carry: without them the disk went away, and nothing is put where it was mounted. */
  hubId?: string;
};

/** Makes the folders of `dataFolder`; both ends of every rename lie on its one file system. */
export async function openLocalStorage(
  dataFolder: string,
  { reserve, hubId }: StorageOptions = {},
): Promise<Storage> {
  const incoming = join(dataFolder, 'incoming');
  const vault = join(dataFolder, 'vault');
  const quarantine = join(dataFolder, 'quarantine');
  for (const folder of [incoming, vault, quarantine]) await mkdir(folder, { recursive: true, mode: 0o700 });

  const incomingPath = (uploadId: string) => join(incoming, `${uploadId}.part`);
  const vaultPath = (assetId: string) => vaultFile(dataFolder, assetId);
  const quarantinePath = (name: string) => join(quarantine, name);
  const requireFolders = () => {
    if (!hubId || areFoldersThere(dataFolder, hubId)) return;
    throw faultError('not_there');
  };
  const isSpaceLow = () => reserve !== undefined && !reserve.isWhole();

  return {
    incomingPath,
    vaultPath,
    async publish(uploadId, assetId) {
      requireFolders();
      const from = incomingPath(uploadId);
      const to = vaultPath(assetId);
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      // Also when the folder is there: an attempt that died may have left it unsynced.
      await syncFolder(vault);
      await link(from, to).catch(async (error: unknown) => {
        // link() never overwrites; that the file is there means that an earlier or another attempt got this far.
        if (!(await exists(to))) throw error;
      });
      await syncFolder(dirname(to));
      await rm(from, { force: true });
      await syncFolder(incoming);
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
      await mkdir(dirname(vaultPath(assetId)), { recursive: true, mode: 0o700 });
      await syncFolder(vault);
      await renameDurably(quarantinePath(assetId), vaultPath(assetId));
    },
    async removeQuarantinedAsset(assetId) {
      await rm(quarantinePath(assetId), { force: true });
      await syncFolder(quarantine);
    },
    async emptyQuarantine(before) {
      let removed = 0;
      for (const name of (await readdir(quarantine)).filter((each) => each.endsWith('.part'))) {
        // A rename changes the time of the inode, not that of its content.
        const put = await stat(quarantinePath(name)).catch(() => null);
        if (!put || put.ctimeMs >= before) continue;
        await rm(quarantinePath(name), { force: true });
        removed++;
      }
      if (removed > 0) await syncFolder(quarantine);
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

/** A name is durable only when its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Within the data folder. What is not there any more has been moved before. */
async function renameDurably(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // Also when it was moved before: an attempt that died may have left the folders unsynced.
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

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
