// Puts the bytes of one upload into an open file and says which of them are safe. Receiving goes on while batches of
// 2–4 MiB are written, and an fdatasync is started every 16 MiB without waiting for it, so that the last one is short.
import { fdatasync, writev } from 'node:fs';
import { StorageFailure } from './storage-failure.ts';

const MIB = 1024 * 1024;
const SMALLEST_BATCH_BYTES = 2 * MIB;
const LARGEST_BATCH_BYTES = 4 * MIB;
const SYNC_EVERY_BYTES = 16 * MIB;

/** The two calls that may fail; tests hand in ones that do. */
export interface FileCalls {
  write(fd: number, buffers: Buffer[], position: number): Promise<number>;
  sync(fd: number): Promise<void>;
}

export const systemFileCalls: FileCalls = {
  write: (fd, buffers, position) =>
    new Promise((resolve, reject) => {
      writev(fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)));
    }),
  sync: (fd) =>
    new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
};

export interface DurableWriterOptions {
  fd: number;
  /** Where the first byte goes. */
  offset: number;
  /** Called, in rising order, with each offset below which every byte has been synced. */
  onSynced(offset: number): void;
  /** Called when a batch has left the memory. */
  onWritten(bytes: number): void;
  /** Called once; nothing is written, synced or reported after it. */
  onFailure(): void;
  fileCalls?: FileCalls;
}

export class DurableWriter {
  readonly #options: DurableWriterOptions;
  readonly #calls: FileCalls;
  #waiting: Buffer[] = [];
  #acceptedOffset: number;
  #writtenOffset: number;
  #syncStartedOffset: number;
  #syncedOffset: number;
  /** Bytes below this are written and synced although they fill no batch. */
  #flushOffset: number;
  #isWriting = false;
  #isSyncing = false;
  #failure: Error | null = null;
  #finished: PromiseWithResolvers<number> | null = null;

  constructor(options: DurableWriterOptions) {
    this.#options = options;
    this.#calls = options.fileCalls ?? systemFileCalls;
    this.#acceptedOffset = options.offset;
    this.#writtenOffset = options.offset;
    this.#syncStartedOffset = options.offset;
    this.#syncedOffset = options.offset;
    this.#flushOffset = options.offset;
  }

  /** The end of what was accepted: written or still waiting for it. */
  get acceptedOffset(): number {
    return this.#acceptedOffset;
  }

  /** Bytes held in memory, those of the batch being written included. */
  get waitingBytes(): number {
    return this.#acceptedOffset - this.#writtenOffset;
  }

  accept(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#acceptedOffset += chunk.length;
    this.#work();
  }

  /** Lets a slow sender's bytes become safe without waiting for a full batch. */
  flush(): void {
    this.#flushOffset = this.#acceptedOffset;
    this.#work();
  }

  /** Writes and syncs everything accepted and gives the synced offset; rejects with the first failure. */
  finish(): Promise<number> {
    this.#finished ??= Promise.withResolvers();
    this.flush();
    return this.#finished.promise;
  }

  #work(): void {
    if (this.#failure === null) {
      if (!this.#isWriting && this.#isWorthWriting()) void this.#writeBatch();
      if (!this.#isSyncing && this.#isWorthSyncing()) void this.#sync();
    }
    this.#settle();
  }

  #isWorthWriting(): boolean {
    return this.waitingBytes >= SMALLEST_BATCH_BYTES || this.#writtenOffset < this.#flushOffset;
  }

  #isWorthSyncing(): boolean {
    if (this.#writtenOffset - this.#syncStartedOffset >= SYNC_EVERY_BYTES) return true;
    return this.#writtenOffset >= this.#flushOffset && this.#syncStartedOffset < this.#flushOffset;
  }

  async #writeBatch(): Promise<void> {
    this.#isWriting = true;
    try {
      let batch = this.#takeBatch();
      while (batch.length > 0) {
        const written = await this.#calls.write(this.#options.fd, batch, this.#writtenOffset);
        if (written === 0) throw new Error('the disk took no bytes');
        this.#writtenOffset += written;
        this.#options.onWritten(written);
        batch = withoutFirst(batch, written);
      }
    } catch (error) {
      this.#fail(new StorageFailure(error));
    }
    this.#isWriting = false;
    this.#work();
  }

  #takeBatch(): Buffer[] {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && bytes < LARGEST_BATCH_BYTES; count++) {
      bytes += this.#waiting[count]!.length;
    }
    return this.#waiting.splice(0, count);
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true;
    const offset = this.#writtenOffset;
    this.#syncStartedOffset = offset;
    try {
      await this.#calls.sync(this.#options.fd);
    } catch (error) {
      this.#fail(new StorageFailure(error));
    }
    this.#isSyncing = false;
    if (this.#failure === null) this.#report(offset);
    this.#work();
  }

  #report(offset: number): void {
    try {
      this.#options.onSynced(offset);
      this.#syncedOffset = offset;
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#waiting = [];
    this.#options.onFailure();
  }

  // The file may be closed once the promise is settled, so a call still under way is waited for even after a failure.
  #settle(): void {
    if (this.#finished === null || this.#isWriting || this.#isSyncing) return;
    if (this.#failure !== null) this.#finished.reject(this.#failure);
    else if (this.#syncedOffset === this.#acceptedOffset) this.#finished.resolve(this.#syncedOffset);
  }
}

function withoutFirst(buffers: Buffer[], bytes: number): Buffer[] {
  const rest = [...buffers];
  for (let left = bytes; left > 0;) {
    const first = rest.shift()!;
    if (first.length > left) rest.unshift(first.subarray(left));
    left -= Math.min(left, first.length);
  }
  return rest;
}
