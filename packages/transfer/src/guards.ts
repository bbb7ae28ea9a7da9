// Keeps one sender, or many of them, from holding what others need: senders that stopped or drip are let go, the
// memory all uploads share is bounded.

export interface PaceLimits {
  /** A sender that is silent for this long is let go. */
  inactivityMs: number;
  /** Over each window of this length … */
  rateWindowMs: number;
  /** … this many bytes per second must have come. */
  minimumBytesPerSecond: number;
  /** How often to look, and how long a slow sender's bytes wait in memory before they are made safe. */
  checkEveryMs: number;
}

export const DEFAULT_PACE: PaceLimits = {
  inactivityMs: 60_000,
  rateWindowMs: 30_000,
  minimumBytesPerSecond: 1024,
  checkEveryMs: 1000,
};

/** After so long a rate says something. */
const surelyMs = 2000;

/** Watches the pace of one sender. Time during which we did not read is not held against the sender. */
export class PaceGuard {
  readonly #limits: PaceLimits;
  #lastByteAt: number;
  #windowStartedAt: number;
  #windowBytes = 0;
  /** Of the window before; until there was one, nobody is called slow. */
  #rateBefore = Infinity;
  #isPaused = false;

  constructor(limits: PaceLimits, now: number) {
    this.#limits = limits;
    this.#lastByteAt = now;
    this.#windowStartedAt = now;
  }

  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  /** How fast bytes come now. */
  bytesPerSecond(now: number): number {
    const elapsedMs = now - this.#windowStartedAt;
    return elapsedMs < surelyMs ? this.#rateBefore : (this.#windowBytes * 1000) / elapsedMs;
  }

  count(bytes: number, now: number): void {
    this.#lastByteAt = now;
    this.#windowBytes += bytes;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(now: number): void {
    this.#isPaused = false;
    this.#lastByteAt = now;
    this.#startWindow(now);
  }

  check(now: number): 'silent' | 'too-slow' | null {
    if (this.#isPaused) return null;
    if (now - this.#lastByteAt >= this.#limits.inactivityMs) return 'silent';
    const elapsedMs = now - this.#windowStartedAt;
    if (elapsedMs < this.#limits.rateWindowMs) return null;
    const isTooSlow = this.#windowBytes * 1000 < this.#limits.minimumBytesPerSecond * elapsedMs;
    this.#rateBefore = (this.#windowBytes * 1000) / elapsedMs;
    this.#startWindow(now);
    return isTooSlow ? 'too-slow' : null;
  }

  #startWindow(now: number): void {
    this.#windowStartedAt = now;
    this.#windowBytes = 0;
  }
}

/** The memory that received but unwritten bytes of all uploads may take together. */
export class ReceiveBudget {
  readonly #limitBytes: number;
  readonly #waiters = new Set<() => void>();
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get isSpent(): boolean {
    return this.#usedBytes >= this.#limitBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.isSpent) return;
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Calls back whenever there may be room again, until told to stop. */
  wait(waiter: () => void): void {
    this.#waiters.add(waiter);
  }

  stopWaiting(waiter: () => void): void {
    this.#waiters.delete(waiter);
  }
}
