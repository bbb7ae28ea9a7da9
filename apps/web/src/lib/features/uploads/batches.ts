/**
 * Stores in the browser which folders and groups of files are being sent, so that the tray can report after a reload
 * what never arrived. File names are not stored: when the person chooses the folder again, the server tells which files
 * exist.
 */
import type { Target } from './target.ts';

export type Batch = Pick<Target, 'projectId' | 'folderId' | 'requestId'> & {
  /** The chosen folder; null for single files. */
  folder: string | null;
  files: number;
  arrived: number;
  /** Time of the last change, in epoch milliseconds. */
  at: number;
  /** True while the page that sends the batch is open, as far as that page could record it. */
  isOpen: boolean;
};
type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const maxBatches = 20;
/**
 * How long a batch is remembered. By then its unfinished uploads have no reserved space, and the person is unlikely to
 * return.
 */
const rememberedMs = 14 * 24 * 3600_000;
/** An open page confirms its batches at least this often; a page that is silent for `silentMs` has crashed. */
export const heartbeatMs = 5_000;
const silentMs = 3 * heartbeatMs;

export class Batches {
  readonly #store: Store;
  readonly #key: string;

  /** `personId` keeps the batches of people who share a browser apart. */
  constructor(store: Store, personId: string) {
    this.#store = store;
    this.#key = storageKey(personId);
  }

  /** Returns the batches that no open page sends, the newest first. */
  left(now: number): Batch[] {
    return this.#all(now).filter(({ isOpen, at }) => !isOpen || at < now - silentMs);
  }

  /** Adds or changes a batch. There is one batch for each folder and target. */
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
      // The storage is blocked or contains another program's data, so no batch is known.
      return [];
    }
  }

  #write(batches: readonly Batch[]): void {
    try {
      if (batches.length === 0) this.#store.removeItem(this.#key);
      else this.#store.setItem(this.#key, JSON.stringify(batches));
    } catch {
      // Storage failed; the unfinished uploads of the server are still listed.
    }
  }
}

/** Returns true when batches of the person are stored, also old ones. */
export function hasBatches(store: Pick<Storage, 'getItem'>, personId: string): boolean {
  try {
    return store.getItem(storageKey(personId)) !== null;
  } catch {
    return false;
  }
}

const storageKey = (personId: string) => `uploads.${personId}`;

export function isSameBatch(one: Batch, other: Batch): boolean {
  const keyOf = ({ projectId, folderId, requestId, folder }: Batch) =>
    JSON.stringify([projectId, folderId, requestId, folder]);
  return keyOf(one) === keyOf(other);
}

/** Returns the folder that a chosen path begins with; null for a single file. */
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
