// Reads the body of one request into an upload's file and tells how it ended. Whatever ends it (a lost connection, a
// slow sender, a newcomer, a shutdown), every byte that came is written, synced and reported first.
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { DurableWriter, type FileCalls } from './durable-writer.ts';
import { PaceGuard, type PaceLimits, type ReceiveBudget } from './guards.ts';

const MIB = 1024 * 1024;
const MOST_WAITING_BYTES = 32 * MIB;
const RESUME_BELOW_BYTES = 16 * MIB;
/** A record is a synced commit that everybody waits for; while more bytes are on their way, this many are enough. */
const RECORD_EVERY_MS = 250;
/** How long the end of a body waits for another process that holds the database. */
const RECORD_PATIENCE_MS = 5000;
const RECORD_PAUSE_MS = 25;

export type ReceiveEnd =
  /** The whole body came. */
  | 'complete'
  /** The connection ended before the body did. */
  | 'disconnected'
  | 'silent'
  | 'too-slow'
  /** The body goes beyond the upload's length. */
  | 'too-long'
  /** What is left on the disk is for the database. */
  | 'no-space'
  /** The bytes do not have the checksum that came with them; none of them counts. */
  | 'mismatch'
  | EndRequest;

/** Why someone on our side wants the request to end now. */
export type EndRequest = 'handed-over' | 'making-way' | 'shutdown';

export interface ReceiveOptions {
  request: IncomingMessage;
  fd: number;
  /** Where the first byte goes. */
  offset: number;
  /** The length of the whole upload: no byte at or beyond it is taken. */
  length: number;
  budget: ReceiveBudget;
  pace: PaceLimits;
  /** Persists the offset below which every byte is safe. Synchronous, because the acknowledgement follows it. */
  onDurable(offset: number): void;
  /** Asked after each batch: true ends the body with what was written. */
  isSpaceLow?: () => boolean;
  /** How long a slow sender's bytes may wait to be made safe. Without it, until the next look at its pace. */
  flushEveryMs?: () => number;
  /** Judges a body that came with a checksum. Until then none of its bytes counts as durable. */
  verify?: (from: number, to: number) => Promise<boolean>;
  fileCalls?: FileCalls;
}

export interface Received {
  end: ReceiveEnd;
  /** Every byte below it is safe and recorded. */
  durableOffset: number;
}

export class Receiving {
  /** Rejects when the disk or the record of the offset failed. */
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

  /** Stops reading; what came is made safe and `done` settles. */
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

  /** While more bytes come, the next record will do as well. */
  #recordUnlessBusy(offset: number): void {
    try {
      this.#record(offset);
    } catch (error) {
      if (faultReasonOf(error) !== 'busy') throw error;
    }
  }

  /** Before the end is acknowledged. Bytes that could not be recorded would have to be sent again. */
  async #recordSurely(offset: number): Promise<void> {
    const giveUpAt = performance.now() + RECORD_PATIENCE_MS;
    for (;;) {
      try {
        return this.#record(offset);
      } catch (error) {
        if (faultReasonOf(error) !== 'busy' || performance.now() > giveUpAt) throw error;
      }
      await pause(RECORD_PAUSE_MS);
    }
  }

  #record(offset: number): void {
    if (offset === this.#durableOffset) return;
    this.#options.onDurable(offset);
    this.#durableOffset = offset;
    this.#recordedAt = performance.now();
  }

  // What still waits will be synced as well, so nothing that is passed over here stays unrecorded.
  #isWorthRecording(): boolean {
    return this.#writer.waitingBytes === 0 || performance.now() - this.#recordedAt >= RECORD_EVERY_MS;
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
    return this.#writer.waitingBytes >= MOST_WAITING_BYTES || this.#options.budget.isSpent;
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
    if (this.#writer.waitingBytes >= RESUME_BELOW_BYTES || this.#options.budget.isSpent) return;
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

  // The error listener stays: a connection that breaks after we stopped reading must not become an uncaught error.
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
