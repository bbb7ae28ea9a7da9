// Writes the bytes of one upload into an open file and reports which of them are safe. Receiving continues while batches
// of 2–4 MiB are written. An fdatasync starts every 16 MiB and is not waited for, so that the last one is short.
import { fdatasync, writev } from 'node:fs';
import { StorageFailure } from './storage-failure.ts';

const MiB = 1024 * 1024;
const minBatchBytes = 2 * MiB;
const maxBatchBytes = 4 * MiB;
const syncEveryBytes = 16 * MiB;

/** The two calls that can fail; tests pass failing ones. */
export type FileCalls = {
  write(fd: number, buffers: Buffer[], position: number): Promise<number>;
  sync(fd: number): Promise<void>;
};

export const systemFileCalls: FileCalls = {
  write: (fd, buffers, position) =>
    new Promise((resolve, reject) => {
      writev(fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)));
    }),
  sync: (fd) =>
    new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
};

export type DurableWriterOptions = {
  fd: number;
  /** Position of the first byte in the file. */
  offset: number;
  /** Called in rising order with each offset below which every byte is synced. */
  onSynced(offset: number): void;
  /** Called when a batch is written and its memory is free again. */
  onWritten(bytes: number): void;
  /** Called once. Nothing is written, synced or reported afterwards. */
  onFailure(): void;
  fileCalls?: FileCalls;
};

export class DurableWriter {
  readonly #options: DurableWriterOptions;
  readonly #calls: FileCalls;
  #waiting: Buffer[] = [];
  #acceptedOffset: number;
  #writtenOffset: number;
  #syncStartedOffset: number;
  #syncedOffset: number;
  /** Bytes below this are written and synced even when they do not fill a batch. */
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

  /** The end of the accepted bytes, whether written or still in memory. */
  get acceptedOffset(): number {
    return this.#acceptedOffset;
  }

  /** Bytes held in memory, including the batch being written. */
  get waitingBytes(): number {
    return this.#acceptedOffset - this.#writtenOffset;
  }

  accept(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#acceptedOffset += chunk.length;
    this.#work();
  }

  /** Makes a slow sender's bytes safe without waiting for a full batch. */
  flush(): void {
    this.#flushOffset = this.#acceptedOffset;
    this.#work();
  }

  /** Writes and syncs all accepted bytes and returns the synced offset. Rejects with the first failure. */
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
    return this.waitingBytes >= minBatchBytes || this.#writtenOffset < this.#flushOffset;
  }

  #isWorthSyncing(): boolean {
    if (this.#writtenOffset - this.#syncStartedOffset >= syncEveryBytes) return true;
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
    for (let bytes = 0; count < this.#waiting.length && bytes < maxBatchBytes; count++) {
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

  // The caller may close the file once the promise settles, so this waits for running calls even after a failure.
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
