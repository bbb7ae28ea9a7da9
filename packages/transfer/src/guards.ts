// Stops senders from holding resources that others need: disconnects silent and very slow senders.

export type PaceLimits = {
  /** A sender that is silent for this long is disconnected. */
  inactivityMs: number;
  /** The length of the window over which the rate is measured. */
  rateWindowMs: number;
  /** A sender slower than this over a whole window is disconnected. */
  minimumBytesPerSecond: number;
  /** How often to check the pace, and how long a slow sender's bytes stay in memory before they are synced. */
  checkEveryMs: number;
};

export const defaultPace: PaceLimits = {
  inactivityMs: 60_000,
  rateWindowMs: 30_000,
  minimumBytesPerSecond: 1024,
  checkEveryMs: 1000,
};

/** A rate measured over less time is not reliable. */
const surelyMs = 2000;

/** Watches the pace of one sender. Does not count time during which the hub did not read. */
export class PaceGuard {
  readonly #limits: PaceLimits;
  #lastByteAt: number;
  #windowStartedAt: number;
  #windowBytes = 0;
  /** The rate of the previous window. Infinity at first, so that no new sender is considered slow. */
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

  /** The current rate. */
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
