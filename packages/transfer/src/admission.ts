/**
 * Limits how many transfers run at once and shares the places among people. A few places are reserved for people who have
 * none. When all are taken, the person with the most gives one up to a person with at least two fewer: their slowest
 * transfer ends after its bytes are safe.
 */

export type AdmissionLimits = {
  perUser: number;
  total: number;
  /** How many of `total` are reserved for people who have no place. */
  kept?: number;
  /** How long a newcomer waits for a place that is being given up. */
  maxWaitMs?: number;
};

/** A transfer that can be asked to make way. It leaves once its bytes are safe. */
export type Yielding = { readonly bytesPerSecond: number; makeWay(): void };

export type Place = {
  /** Names the transfer that runs in this place. From now on it can be asked to make way. */
  run(transfer: Yielding): void;
  /** Frees the place. Calling it again does nothing. */
  leave(): void;
};

type Taken = { userId: string; transfer: Yielding | null; isYielding: boolean };
type Waiter = { userId: string; grant: (place: Place | null) => void };

const defaultWaitMs = 5000;
/** How many requests of one person may wait; further ones are refused at once. */
const waitingPerUser = 4;
/** When everybody has equally many places, only a transfer slower than this makes way. */
const crawlingBytesPerSecond = 16 * 1024;

export class Admission {
  readonly #limits: Required<AdmissionLimits>;
  readonly #taken = new Set<Taken>();
  readonly #countOf = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();

  constructor(limits: AdmissionLimits) {
    this.#limits = { kept: Math.floor(limits.total / 8), maxWaitMs: defaultWaitMs, ...limits };
  }

  /** Returns null when there is no place for this person and nobody can give one up. */
  async enter(userId: string): Promise<Place | null> {
    if (this.#hasRoomFor(userId)) return this.#take(userId);
    if (this.#count(userId) >= this.#limits.perUser) return null;
    if (!this.#mayWait(userId) || !this.#askSomebodyToYield(userId)) return null;
    return this.#wait(userId);
  }

  #hasRoomFor(userId: string): boolean {
    const { perUser, total, kept } = this.#limits;
    const own = this.#count(userId);
    if (own >= perUser) return false;
    return this.#taken.size < (own === 0 ? total : total - kept);
  }

  #take(userId: string): Place {
    const taken: Taken = { userId, transfer: null, isYielding: false };
    this.#taken.add(taken);
    this.#countOf.set(userId, this.#count(userId) + 1);
    return {
      run: (transfer) => {
        taken.transfer = transfer;
        if (taken.isYielding) transfer.makeWay();
      },
      leave: () => this.#leave(taken),
    };
  }

  #leave(taken: Taken): void {
    if (!this.#taken.delete(taken)) return;
    const left = this.#count(taken.userId) - 1;
    if (left === 0) this.#countOf.delete(taken.userId);
    else this.#countOf.set(taken.userId, left);
    this.#grantWaiting();
  }

  /**
   * The person with the fewest places is first, then whoever came first. Waiters may take reserved places too, because a
   * place was given up for each of them.
   */
  #grantWaiting(): void {
    const { perUser, total } = this.#limits;
    while (this.#taken.size < total) {
      let next: Waiter | null = null;
      for (const waiter of this.#waiting) {
        if (this.#count(waiter.userId) >= perUser) continue;
        if (next === null || this.#count(waiter.userId) < this.#count(next.userId)) next = waiter;
      }
      if (next === null) return;
      this.#waiting.delete(next);
      next.grant(this.#take(next.userId));
    }
  }

  #wait(userId: string): Promise<Place | null> {
    return new Promise((resolve) => {
      const waiter: Waiter = { userId, grant: (place) => (clearTimeout(timer), resolve(place)) };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(null);
      }, this.#limits.maxWaitMs);
      this.#waiting.add(waiter);
    });
  }

  #mayWait(userId: string): boolean {
    if (this.#waiting.size >= this.#limits.total) return false;
    let own = 0;
    for (const waiter of this.#waiting) if (waiter.userId === userId) own++;
    return own < waitingPerUser;
  }

  /** Returns true when a place is about to become free. */
  #askSomebodyToYield(userId: string): boolean {
    const own = this.#count(userId);
    const running = this.#yieldingLeftOut();
    const most = Math.max(0, ...running.values());
    // A person with at least two more gives one up, so they keep as many as the newcomer gets. When nobody has two more,
    // only a very slow transfer makes way, and only for a person who has no place.
    const gives = (taken: Taken) => {
      const theirs = running.get(taken.userId) ?? 0;
      if (most >= own + 2) return theirs === most;
      return own === 0 && taken.transfer!.bytesPerSecond < crawlingBytesPerSecond;
    };
    let chosen: Taken | null = null;
    for (const taken of this.#taken) {
      if (taken.isYielding || taken.transfer === null || taken.userId === userId || !gives(taken)) continue;
      if (chosen === null || taken.transfer.bytesPerSecond < chosen.transfer!.bytesPerSecond) chosen = taken;
    }
    if (chosen === null) return false;
    chosen.isYielding = true;
    chosen.transfer!.makeWay();
    return true;
  }

  /** How many places each person keeps, not counting those being given up. */
  #yieldingLeftOut(): Map<string, number> {
    const running = new Map<string, number>();
    for (const { userId, isYielding } of this.#taken) {
      if (!isYielding) running.set(userId, (running.get(userId) ?? 0) + 1);
    }
    return running;
  }

  #count(userId: string): number {
    return this.#countOf.get(userId) ?? 0;
  }
}
