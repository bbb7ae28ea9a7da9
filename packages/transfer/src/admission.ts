/**
 * How many transfers run at once, shared out among people. A few places are kept for those who have none. When all are
 * taken, whoever has the most gives one up to whoever has at least two fewer: the slowest of theirs ends, its bytes safe.
 */

export type AdmissionLimits = {
  perUser: number;
  total: number;
  /** Of `total`: only for people who have no place. */
  kept?: number;
  /** So long a newcomer waits for a place that is being given up. */
  maxWaitMs?: number;
};

/** A transfer that can be asked to make way; it leaves when its bytes are safe. */
export type Yielding = { readonly bytesPerSecond: number; makeWay(): void };

export interface Place {
  /** From now on it can be asked to make way. */
  run(transfer: Yielding): void;
  /** Ends the stay, once. */
  leave(): void;
}

type Taken = { userId: string; transfer: Yielding | null; isYielding: boolean };
type Waiter = { userId: string; grant: (place: Place | null) => void };

const defaultWaitMs = 5000;
/** So many of one person may wait; more are refused at once. */
const waitingPerUser = 4;
/** Where all have the same, only a transfer that hardly moves makes way. */
const crawlingBytesPerSecond = 16 * 1024;

export class Admission {
  readonly #limits: Required<AdmissionLimits>;
  readonly #taken = new Set<Taken>();
  readonly #countOf = new Map<string, number>();
  readonly #waiting = new Set<Waiter>();

  constructor(limits: AdmissionLimits) {
    this.#limits = { kept: Math.floor(limits.total / 8), maxWaitMs: defaultWaitMs, ...limits };
  }

  /** Null when there is no room for this person, and none will be made. */
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

  /** Who has fewest is first; among equals, who came first. For each of them a place is given up, so that the kept ones stay. */
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

  /** True: a place is about to be free. */
  #askSomebodyToYield(userId: string): boolean {
    const own = this.#count(userId);
    const running = this.#yieldingLeftOut();
    const most = Math.max(0, ...running.values());
    // Who gives one up still has as many as who gets it; where nobody has two more, what crawls makes way for none at all.
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

  /** Places that each person goes on with. */
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
