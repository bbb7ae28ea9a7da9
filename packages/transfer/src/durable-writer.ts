// Receives the bytes of one upload in blocks, writes them into an open file, and reports which of them are safe. The next
// block fills while full ones are written. An fdatasync starts every 16 MiB and is not waited for, so that the last one is
// short.
import { fdatasync, write } from 'node:fs';
import type { Blocks } from './receive-blocks.ts';
import { StorageFailure } from './storage-failure.ts';

const MiB = 1024 * 1024;
const syncEveryBytes = 16 * MiB;
/** A large block that is not full after this time goes back to the others. */
const slowMs = 1000;

/** The two system calls that can fail. Tests replace them with failing ones. */
export type FileCalls = {
  write(fd: number, bytes: Buffer, position: number): Promise<number>;
  sync(fd: number): Promise<void>;
};

export const systemFileCalls: FileCalls = {
  write: (fd, bytes, position) =>
    new Promise((resolve, reject) => {
      write(fd, bytes, 0, bytes.length, position, (error, written) =>
        error ? reject(error) : resolve(written),
      );
    }),
  sync: (fd) =>
    new Promise((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve()))),
};

export type DurableWriterOptions = {
  fd: number;
  /** Position of the first byte in the file. */
  offset: number;
  /** Memory for bytes that are not written yet. The writer releases it when it has finished. */
  blocks: Blocks;
  /** Called in rising order with each offset below which every byte is synced. */
  onSynced(offset: number): void;
  /** Called when a piece is written. The writer may not be blocked any more. */
  onWritten(): void;
  /** Called once. Nothing is written, synced or reported afterwards. */
  onFailure(): void;
  fileCalls?: FileCalls;
};

/** Bytes to write. `block` is free afterwards, unless more bytes follow in it. */
type Piece = { bytes: Buffer; block: Buffer; isLastOfBlock: boolean };

export class DurableWriter {
  readonly #options: DurableWriterOptions;
  readonly #calls: FileCalls;
  readonly #pieces: Piece[] = [];
  #block: Buffer;
  /** Start and end of the bytes in `#block` that no piece contains yet. */
  #cutAt = 0;
  #filledTo = 0;
  #openedAt = performance.now();
  #acceptedOffset: number;
  #writtenOffset: number;
  #syncStartedOffset: number;
  #syncedOffset: number;
  /** Bytes below this are written and synced even when they do not fill a block. */
  #flushOffset: number;
  #isWriting = false;
  #isSyncing = false;
  #failure: Error | null = null;
  #finished: PromiseWithResolvers<number> | null = null;

  constructor(options: DurableWriterOptions) {
    this.#options = options;
    this.#calls = options.fileCalls ?? systemFileCalls;
    this.#block = options.blocks.small;
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

  /** Bytes held in memory, including those being written. */
  get waitingBytes(): number {
    return this.#acceptedOffset - this.#writtenOffset;
  }

  /** True while no block is free. Nothing may be read into `target` until `onWritten` finds it false. */
  get isBlocked(): boolean {
    return this.#block === this.#options.blocks.small && this.#isSmallBusy();
  }

  /** Buffer for the next bytes. The reader that fills it calls `filled`. */
  get target(): Buffer {
    return this.#block.subarray(this.#filledTo);
  }

  /** Accepts this many bytes that were read into `target`. */
  filled(bytes: number): void {
    this.#filledTo += bytes;
    this.#acceptedOffset += bytes;
    if (this.#filledTo < this.#block.length) return;
    const { blocks } = this.#options;
    const isQuick = this.#block !== blocks.small || performance.now() - this.#openedAt < blocks.quickMs;
    this.#cut(true);
    this.#openBlock((isQuick && blocks.takeLarge()) || blocks.small);
    this.#work();
  }

  /** Takes bytes that somebody else has read. They may come while the writer is blocked, but then only a few. */
  accept(chunk: Buffer): void {
    if (this.#failure !== null) return;
    for (let at = 0; at < chunk.length;) {
      if (this.isBlocked) {
        const rest = chunk.subarray(at);
        this.#pieces.push({ bytes: rest, block: rest, isLastOfBlock: true });
        this.#acceptedOffset += rest.length;
        break;
      }
      const copied = chunk.copy(this.target, 0, at);
      this.filled(copied);
      at += copied;
    }
    this.#work();
  }

  /** Makes a slow sender's bytes safe without waiting for a full block. Returns true when `target` has moved. */
  flush(): boolean {
    this.#flushOffset = this.#acceptedOffset;
    const { small } = this.#options.blocks;
    const isSlow = this.#block !== small && performance.now() - this.#openedAt >= slowMs;
    const movesOn = isSlow && !this.#isSmallBusy();
    this.#cut(movesOn);
    if (movesOn) this.#openBlock(small);
    this.#work();
    return movesOn;
  }

  /** Writes and syncs all accepted bytes and returns the synced offset. Rejects with the first failure. */
  finish(): Promise<number> {
    this.#finished ??= Promise.withResolvers();
    this.flush();
    return this.#finished.promise;
  }

  #isSmallBusy(): boolean {
    const { small } = this.#options.blocks;
    return this.#pieces.some(({ block, isLastOfBlock }) => block === small && isLastOfBlock);
  }

  #openBlock(block: Buffer): void {
    this.#block = block;
    this.#cutAt = 0;
    this.#filledTo = 0;
    this.#openedAt = performance.now();
  }

  #cut(isLastOfBlock: boolean): void {
    const bytes = this.#block.subarray(this.#cutAt, this.#filledTo);
    this.#cutAt = this.#filledTo;
    if (bytes.length > 0 || isLastOfBlock) this.#pieces.push({ bytes, block: this.#block, isLastOfBlock });
  }

  #work(): void {
    if (this.#failure === null) {
      if (!this.#isWriting && this.#pieces.length > 0) void this.#writePiece(this.#pieces[0]!);
      if (!this.#isSyncing && this.#isWorthSyncing()) void this.#sync();
    }
    this.#settle();
  }

  #isWorthSyncing(): boolean {
    if (this.#writtenOffset - this.#syncStartedOffset >= syncEveryBytes) return true;
    return this.#writtenOffset >= this.#flushOffset && this.#syncStartedOffset < this.#flushOffset;
  }

  async #writePiece({ bytes, block, isLastOfBlock }: Piece): Promise<void> {
    this.#isWriting = true;
    try {
      for (let at = 0; at < bytes.length;) {
        const written = await this.#calls.write(this.#options.fd, bytes.subarray(at), this.#writtenOffset);
        if (written === 0) throw new Error('the disk took no bytes');
        this.#writtenOffset += written;
        at += written;
      }
    } catch (error) {
      this.#fail(new StorageFailure(error));
    }
    this.#isWriting = false;
    if (this.#failure === null) {
      this.#pieces.shift();
      if (isLastOfBlock) this.#options.blocks.giveBack(block);
      // The time until the block was free again says nothing about the sender.
      if (isLastOfBlock && block === this.#block) this.#openedAt = performance.now();
      this.#options.onWritten();
    }
    this.#work();
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
    this.#pieces.length = 0;
    this.#options.onFailure();
  }

  // The caller may close the file once the promise settles, so this waits for running calls even after a failure.
  #settle(): void {
    if (this.#finished === null || this.#isWriting || this.#isSyncing) return;
    if (this.#failure === null && this.#syncedOffset !== this.#acceptedOffset) return;
    this.#options.blocks.release();
    if (this.#failure !== null) this.#finished.reject(this.#failure);
    else this.#finished.resolve(this.#syncedOffset);
  }
}
