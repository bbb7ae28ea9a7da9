/** The only code that knows where bytes live: a local folder now, with room for another store beside it. */
import { createReadStream } from 'node:fs';
import { access, constants, link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

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
  /** Bytes that can still be written. */
  freeBytes(): Promise<number>;
  /** The first `length` bytes of an asset. */
  readBeginning(assetId: string, length: number): Promise<Buffer>;
  hasIncoming(uploadId: string): Promise<boolean>;
  /** All growing files, whoever made them. */
  listIncoming(): Promise<{ uploadId: string; sizeBytes: number }[]>;
};

/** Makes the folders of `dataFolder`; both ends of every rename lie on its one file system. */
export async function openLocalStorage(dataFolder: string): Promise<Storage> {
  const incoming = join(dataFolder, 'incoming');
  const vault = join(dataFolder, 'vault');
  const quarantine = join(dataFolder, 'quarantine');
  for (const folder of [incoming, vault, quarantine]) await mkdir(folder, { recursive: true, mode: 0o700 });

  const incomingPath = (uploadId: string) => join(incoming, `${uploadId}.part`);
  // The last characters are random; the first ones are time and would put everything into one folder.
  const vaultPath = (assetId: string) => join(vault, assetId.slice(-2), assetId);

  return {
    incomingPath,
    vaultPath,
    async publish(uploadId, assetId) {
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
      try {
        await rename(incomingPath(uploadId), join(quarantine, `${uploadId}.part`));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return;
      }
      await syncFolder(quarantine);
      await syncFolder(incoming);
    },
    async removeIncoming(uploadId) {
      await rm(incomingPath(uploadId), { force: true });
    },
    async freeBytes() {
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}
