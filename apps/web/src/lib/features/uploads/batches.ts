/**
 * Remembers in the browser which folders and groups of files are being sent, so that the tray can say after a reload what never
 * arrived. The names are not kept: when the folder is chosen again, the server tells what is there.
 */
import type { Target } from './target.ts';

export type Batch = Pick<Target, 'projectId' | 'folderId' | 'requestId'> & {
  /** The chosen folder; null for single files. */
  folder: string | null;
  files: number;
  arrived: number;
  /** When it last changed, in epoch milliseconds. */
  at: number;
  /** The page that sends it is open, as far as it could say. */
  isOpen: boolean;
};
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const maxBatches = 20;
/** After this time the unfinished uploads of a batch have no space reserved, and nobody is likely to come back. */
const rememberedMs = 14 * 24 * 3600_000;
/** An open page says so this often at least; when it is silent for longer, it has crashed. */
export const heartbeatMs = 5_000;
const silentMs = 3 * heartbeatMs;

export class Batches {
  readonly #store: Store;
  readonly #key: string;

  /** `personId`: people who share a browser do not see each other's batches. */
  constructor(store: Store, personId: string) {
    this.#store = store;
    this.#key = `uploads.${personId}`;
  }

  /** Batches that no open page sends, the newest first. */
  left(now: number): Batch[] {
    return this.#all(now).filter(({ isOpen, at }) => !isOpen || at < now - silentMs);
  }

  /** Adds or changes a batch. There is one for each folder and target. */
  put(batch: Batch): void {
    const others = this.#all(batch.at).filter((other) => !isSameBatch(other, batch));
    this.#write([batch, ...others].slice(0, maxBatches));
  }

  forget(batch: Batch): void {
    this.#write(this.#all(batch.at).filter((other) => !isSameBatch(other, batch)));
  }

  #all(now: number): Batch[] {
    try {
      const all: unknown = JSON.parse(this.#store.getItem(this.#key) ?? '[]');
      return Array.isArray(all) ? all.filter(isBatch).filter(({ at }) => at > now - rememberedMs) : [];
    } catch {
      // Blocked storage or another program's data: nothing is remembered.
      return [];
    }
  }

  #write(batches: readonly Batch[]): void {
    try {
      if (batches.length === 0) this.#store.removeItem(this.#key);
      else this.#store.setItem(this.#key, JSON.stringify(batches));
    } catch {
      // The unfinished uploads of the server are still listed.
    }
  }
}

export function isSameBatch(one: Batch, other: Batch): boolean {
  const keyOf = ({ projectId, folderId, requestId, folder }: Batch) =>
    JSON.stringify([projectId, folderId, requestId, folder]);
  return keyOf(one) === keyOf(other);
}

/** The folder that a chosen path begins with; null for a single file. */
export function batchFolder(relativePath: string): string | null {
  const end = relativePath.indexOf('/');
  return end < 0 ? null : relativePath.slice(0, end);
}

function isBatch(value: unknown): value is Batch {
  if (typeof value !== 'object' || value === null) return false;
  const { projectId, files, arrived, at, isOpen } = value as Partial<Batch>;
  const areNumbers = [files, arrived, at].every((each) => Number.isSafeInteger(each));
  return typeof projectId === 'string' && areNumbers && typeof isOpen === 'boolean';
}
