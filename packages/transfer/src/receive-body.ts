// Reads the body of one request into an upload's file and reports how it ended. Whatever ends it (a lost connection, a slow
// sender, a newcomer, a shutdown), every received byte is written, synced and reported first.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';
import { readByParser, type BodySink, type BodySource } from './body-source.ts';
import { DurableWriter, type FileCalls } from './durable-writer.ts';
import { PaceGuard, type PaceLimits } from './guards.ts';
import type { Throttle } from './rate-limiter.ts';
import type { BlockPool } from './receive-blocks.ts';
import { minTakenBytes, takeSocket } from './taken-socket.ts';

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
  response: ServerResponse;
  /** Null for a chunked body, whose length is known only at its end. */
  bodyBytes: number | null;
  /** Whether the connection of a large body may be taken away from the HTTP parser. */
  takesSockets: boolean;
  fd: number;
  /** Position of the first byte in the file. */
  offset: number;
  /** Length of the whole upload. No byte at or beyond it is written. */
  length: number;
  blocks: BlockPool;
  pace: PaceLimits;
  /** Limits the rate: while its promise is open, nothing more is read. */
  throttle?: Throttle;
  /** Called with each synced offset while more bytes arrive. `fail` ends receiving with this error. */
  onProgress(offset: number, fail: (error: Error) => void): void;
  /** Records at the end the offset below which every byte is safe. Synchronous, because the acknowledgement follows it. */
  onDurable(offset: number): void;
  /** Called after each write. True ends the request and keeps what was written. */
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
  #source: BodySource | null = null;
  #wayIn: 'socket' | 'parser' | null = null;
  #isPaused = false;
  #isThrottled = false;
  #hasEnded = false;
  #failure: Error | null = null;
  #flushedAt = -Infinity;

  constructor(options: ReceiveOptions) {
    this.#options = options;
    this.#pace = new PaceGuard(options.pace, performance.now());
    this.#writer = new DurableWriter({
      fd: options.fd,
      offset: options.offset,
      blocks: options.blocks.open(),
      onSynced: (offset) => {
        // The record at the end covers everything.
        if (!options.verify && !this.#hasEnded) options.onProgress(offset, (error) => this.#fail(error));
      },
      onWritten: () => {
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

  /** The source that is being read; null until reading begins. */
  get wayIn(): 'socket' | 'parser' | null {
    return this.#wayIn;
  }

  async #receive(): Promise<Received> {
    const { pace } = this.#options;
    const timer = setInterval(() => this.#check(), pace.checkEveryMs);
    try {
      await this.#beginReading();
    } catch (error) {
      clearInterval(timer);
      this.#stop('disconnected');
      // Bytes that arrived with the request head are written, and their memory is free, before the caller closes the file.
      await this.#makeSafe('disconnected').catch(() => undefined);
      throw error;
    }
    try {
      const received = await this.#makeSafe(await this.#ended.promise);
      if (this.#failure) throw this.#failure;
      return received;
    } finally {
      clearInterval(timer);
    }
  }

  async #beginReading(): Promise<void> {
    const { request, response, bodyBytes } = this.#options;
    const sink = this.#sink();
    if (this.#mayTakeSocket()) {
      await nextTurn();
      if (this.#hasEnded) return;
      this.#source = takeSocket(request, response, bodyBytes!, sink);
    }
    this.#wayIn = this.#source ? 'socket' : 'parser';
    this.#source ??= readByParser(request, sink);
    // The bytes that arrived with the request head may already have completed or ended the body.
    if (this.#hasEnded) this.#source.stop();
  }

  #mayTakeSocket(): boolean {
    const { takesSockets, bodyBytes, offset, length } = this.#options;
    return takesSockets && bodyBytes !== null && bodyBytes >= minTakenBytes && offset + bodyBytes <= length;
  }

  #sink(): BodySink {
    const writer = this.#writer;
    const { length } = this.#options;
    return {
      get target() {
        return writer.target;
      },
      filled: (bytes) => {
        this.#pace.count(bytes, performance.now());
        writer.filled(bytes);
        this.#throttle(bytes);
        return this.#goesOn();
      },
      accept: (chunk) => {
        if (this.receivedOffset + chunk.length > length) {
          this.#stop('too-long');
          return false;
        }
        this.#pace.count(chunk.length, performance.now());
        writer.accept(chunk);
        this.#throttle(chunk.length);
        return this.#goesOn();
      },
      ended: (isWhole) => this.#stop(isWhole ? 'complete' : 'disconnected'),
    };
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

  /** Retries before the end is acknowledged, because the client would have to send unrecorded bytes again. */
  async #recordSurely(offset: number): Promise<void> {
    if (offset === this.#options.offset) return;
    const giveUpAt = performance.now() + maxRecordWaitMs;
    for (;;) {
      try {
        return this.#options.onDurable(offset);
      } catch (error) {
        if (faultReasonOf(error) !== 'busy' || performance.now() > giveUpAt) throw error;
      }
      await pause(recordRetryMs);
    }
  }

  #throttle(bytes: number): void {
    const room = this.#options.throttle?.(bytes);
    if (!room) return;
    this.#isThrottled = true;
    void room.then(() => {
      this.#isThrottled = false;
      this.#resumeWhenThereIsRoom();
    });
  }

  #goesOn(): boolean {
    if (this.#hasEnded) return false;
    if (!this.#isPaused && this.#mustWait()) {
      this.#isPaused = true;
      this.#pace.pause();
    }
    return !this.#isPaused;
  }

  #resumeWhenThereIsRoom(): void {
    if (!this.#isPaused || this.#hasEnded || this.#mustWait()) return;
    this.#isPaused = false;
    this.#pace.resume(performance.now());
    this.#source?.resume();
  }

  #mustWait(): boolean {
    return this.#isThrottled || this.#writer.isBlocked;
  }

  #check(): void {
    const now = performance.now();
    if (now - this.#flushedAt >= (this.#options.flushEveryMs?.() ?? 0)) {
      if (this.#writer.flush()) this.#source?.retarget();
      this.#flushedAt = now;
    }
    const verdict = this.#pace.check(now);
    if (verdict !== null) this.#stop(verdict);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#stop('disconnected');
  }

  #stop(end: ReceiveEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#source?.stop();
    this.#ended.resolve(end);
  }
}
