// Reads the body of one request into an upload's file and reports how it ended. Whatever ends it (a lost connection, a slow
// sender, a newcomer, a shutdown), every received byte is written, synced and reported first.
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { DurableWriter, type FileCalls } from './durable-writer.ts';
import { PaceGuard, type PaceLimits, type ReceiveBudget } from './guards.ts';

const MiB = 1024 * 1024;
const maxWaitingBytes = 32 * MiB;
const resumeBelowBytes = 16 * MiB;
/** Recording is a synced commit that delays every other request, so it happens at most this often while bytes arrive. */
const recordEveryMs = 250;
/** How long the end of a body waits for another process that holds the database. */
const maxRecordWaitMs = 5000;
const recordRetryMs = 25;

export type ReceiveEnd =
  /** The whole body arrived. */
  | 'complete'
  /** The connection ended before the body did. */
  | 'disconnected'
  | 'silent'
  | 'too-slow'
  /** The body goes beyond the upload's length. */
  | 'too-long'
  /** The rest of the disk is reserved for the database. */
  | 'no-space'
  /** The bytes do not match the checksum that came with them; none of them counts. */
  | 'mismatch'
  | EndRequest;

/** Why the hub ends the request. */
export type EndRequest = 'handed-over' | 'making-way' | 'shutdown';

export type ReceiveOptions = {
  request: IncomingMessage;
  fd: number;
  /** Position of the first byte in the file. */
  offset: number;
  /** Length of the whole upload. No byte at or beyond it is written. */
  length: number;
  budget: ReceiveBudget;
  pace: PaceLimits;
  /** Records the offset below which every byte is safe. Synchronous, because the acknowledgement follows it. */
  onDurable(offset: number): void;
  /** Called after each batch. True ends the request and keeps what was written. */
  isSpaceLow?: () => boolean;
  /** How long a slow sender's bytes may stay in memory before a sync. Defaults to the next pace check. */
  flushEveryMs?: () => number;
  /** Verifies a body that came with a checksum. Until then none of its bytes counts as durable. */
  verify?: (from: number, to: number) => Promise<boolean>;
  fileCalls?: FileCalls;
};

export type Received = {
  end: ReceiveEnd;
  /** Every byte below this offset is safe and recorded. */
  durableOffset: number;
};

export class Receiving {
  /** Rejects when writing failed or the offset could not be recorded. */
  readonly done: Promise<Received>;
  readonly #options: ReceiveOptions;
  readonly #writer: DurableWriter;
  readonly #pace: PaceGuard;
  readonly #ended = Promise.withResolvers<ReceiveEnd>();
  #isPaused = false;
  #hasEnded = false;
  #durableOffset: number;
  #recordedAt = -Infinity;
  #flushedAt = -Infinity;

  constructor(options: ReceiveOptions) {
    this.#options = options;
    this.#durableOffset = options.offset;
    this.#pace = new PaceGuard(options.pace, performance.now());
    this.#writer = new DurableWriter({
      fd: options.fd,
      offset: options.offset,
      onSynced: (offset) => {
        if (!options.verify && this.#isWorthRecording()) this.#recordUnlessBusy(offset);
      },
      onWritten: (bytes) => {
        options.budget.give(bytes);
        if (options.isSpaceLow?.()) this.#stop('no-space');
        else this.#resumeWhenThereIsRoom();
      },
      onFailure: () => this.#stop('disconnected'),
      fileCalls: options.fileCalls,
    });
    this.done = this.#receive();
  }

  get receivedOffset(): number {
    return this.#writer.acceptedOffset;
  }

  get silentForMs(): number {
    return this.#isPaused ? 0 : performance.now() - this.#pace.lastByteAt;
  }

  get bytesPerSecond(): number {
    return this.#isPaused ? Infinity : this.#pace.bytesPerSecond(performance.now());
  }

  /** Stops reading. Received bytes are made safe, then `done` settles. */
  end(reason: EndRequest): void {
    this.#stop(reason);
  }

  async #receive(): Promise<Received> {
    const { request, pace, budget } = this.#options;
    const timer = setInterval(() => this.#check(), pace.checkEveryMs);
    request.on('data', this.#onData);
    request.on('end', this.#onEnd);
    request.on('close', this.#onClose);
    request.on('error', this.#onClose);
    if (request.destroyed) this.#onClose();
    try {
      const end = await this.#ended.promise;
      return await this.#makeSafe(end);
    } finally {
      clearInterval(timer);
      request.off('close', this.#onClose);
      budget.give(this.#writer.waitingBytes);
    }
  }

  async #makeSafe(end: ReceiveEnd): Promise<Received> {
    const { verify, offset } = this.#options;
    const syncedOffset = await this.#writer.finish();
    if (!verify) {
      await this.#recordSurely(syncedOffset);
      return { end, durableOffset: syncedOffset };
    }
    if (end !== 'complete') return { end, durableOffset: offset };
    if (!(await verify(offset, syncedOffset))) return { end: 'mismatch', durableOffset: offset };
    await this.#recordSurely(syncedOffset);
    return { end, durableOffset: syncedOffset };
  }

  /** Skips a busy database: more bytes are coming, and the next record covers these as well. */
  #recordUnlessBusy(offset: number): void {
    try {
      this.#record(offset);
    } catch (error) {
      if (faultReasonOf(error) !== 'busy') throw error;
    }
  }

  /** Retries before the end is acknowledged, because the client would have to send unrecorded bytes again. */
  async #recordSurely(offset: number): Promise<void> {
    const giveUpAt = performance.now() + maxRecordWaitMs;
    for (;;) {
      try {
        return this.#record(offset);
      } catch (error) {
        if (faultReasonOf(error) !== 'busy' || performance.now() > giveUpAt) throw error;
      }
      await pause(recordRetryMs);
    }
  }

  #record(offset: number): void {
    if (offset === this.#durableOffset) return;
    this.#options.onDurable(offset);
    this.#durableOffset = offset;
    this.#recordedAt = performance.now();
  }

  // Bytes still in memory will be synced later and reported then, so a skipped record is never lost.
  #isWorthRecording(): boolean {
    return this.#writer.waitingBytes === 0 || performance.now() - this.#recordedAt >= recordEveryMs;
  }

  #onData = (chunk: Buffer): void => {
    if (this.receivedOffset + chunk.length > this.#options.length) {
      this.#stop('too-long');
      return;
    }
    this.#pace.count(chunk.length, performance.now());
    this.#options.budget.take(chunk.length);
    this.#writer.accept(chunk);
    if (this.#isFull()) this.#pause();
  };

  #onEnd = (): void => this.#stop(this.#options.request.complete ? 'complete' : 'disconnected');

  #onClose = (): void => this.#stop('disconnected');

  #isFull(): boolean {
    return this.#writer.waitingBytes >= maxWaitingBytes || this.#options.budget.isSpent;
  }

  #pause(): void {
    if (this.#isPaused || this.#hasEnded) return;
    this.#isPaused = true;
    this.#pace.pause();
    this.#options.request.pause();
    this.#options.budget.wait(this.#resumeWhenThereIsRoom);
  }

  #resumeWhenThereIsRoom = (): void => {
    if (!this.#isPaused || this.#hasEnded) return;
    if (this.#writer.waitingBytes >= resumeBelowBytes || this.#options.budget.isSpent) return;
    this.#isPaused = false;
    this.#options.budget.stopWaiting(this.#resumeWhenThereIsRoom);
    this.#pace.resume(performance.now());
    this.#options.request.resume();
  };

  #check(): void {
    const now = performance.now();
    if (now - this.#flushedAt >= (this.#options.flushEveryMs?.() ?? 0)) {
      this.#writer.flush();
      this.#flushedAt = now;
    }
    const verdict = this.#pace.check(now);
    if (verdict !== null) this.#stop(verdict);
  }

  // Keeps the error listener: a connection that breaks after reading stopped must not raise an uncaught error.
  #stop(end: ReceiveEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { request, budget } = this.#options;
    request.off('data', this.#onData);
    request.off('end', this.#onEnd);
    request.pause();
    budget.stopWaiting(this.#resumeWhenThereIsRoom);
    this.#ended.resolve(end);
  }
}
