// Keeps one sender, or many of them, from holding what others need: senders that stopped or drip are let go, the
// memory all uploads share is bounded, and so is the number of transfers at once.

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

/** Watches the pace of one sender. Time during which we did not read is not held against the sender. */
export class PaceGuard {
  readonly #limits: PaceLimits;
  #lastByteAt: number;
  #windowStartedAt: number;
  #windowBytes = 0;
  #isPaused = false;

  constructor(limits: PaceLimits, now: number) {
    this.#limits = limits;
    this.#lastByteAt = now;
    this.#windowStartedAt = now;
  }

  get lastByteAt(): number {
    return this.#lastByteAt;
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

/** Counts transfers under way, for each user and in all. */
export class Admission {
  readonly #perUser: number;
  readonly #total: number;
  readonly #running = new Map<string, number>();
  #runningTotal = 0;

  constructor(limits: { perUser: number; total: number }) {
    this.#perUser = limits.perUser;
    this.#total = limits.total;
  }

  /** Gives the function that ends the stay (once), or null when there is no room. */
  enter(userId: string): (() => void) | null {
    const running = this.#running.get(userId) ?? 0;
    if (running >= this.#perUser || this.#runningTotal >= this.#total) return null;
    this.#running.set(userId, running + 1);
    this.#runningTotal++;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#leave(userId);
    };
  }

  #leave(userId: string): void {
    this.#runningTotal--;
    const left = this.#running.get(userId)! - 1;
    if (left === 0) this.#running.delete(userId);
    else this.#running.set(userId, left);
  }
}
