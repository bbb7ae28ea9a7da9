/**
 * Detects whether a page receives live updates. An open stream proves nothing, because a proxy may buffer it; only the
 * hub's first message does. When no message arrives for a while, the page is stale and reloads by itself at a low rate.
 */

/** A reconnect may take this long before the page reports it. */
export const graceMs = 8_000;
export const lookEveryMs = 30_000;

/** `blocked`: the hub answers, but its live updates do not arrive; `unreachable`: nobody answers. */
export type Staleness = 'blocked' | 'unreachable';

export type LivenessEvents = {
  onchange: (staleness: Staleness | null) => void;
  /** Reloads the data of the page. */
  look: () => void;
  /** Returns true when the hub itself answers. Loading from a stopped server would replace the page with an error. */
  isReachable: () => Promise<boolean>;
};

export class Liveness {
  readonly #events: LivenessEvents;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Incremented whenever the results of earlier checks become obsolete. */
  #turn = 0;
  #staleness: Staleness | null = null;

  constructor(events: LivenessEvents) {
    this.#events = events;
  }

  /** Call this when no updates arrive at the moment. Another call does not restart the timer. */
  waiting(): void {
    this.#timer ??= setTimeout(() => void this.#look(), graceMs);
  }

  heard(): void {
    this.stop();
    this.#become(null);
  }

  /** Checks now, because somebody requested it. */
  lookNow(): void {
    this.stop();
    void this.#look();
  }

  /** Call this when the page is hidden. Keeps the known state until updates arrive. */
  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const turn = ++this.#turn;
    const isReachable = await this.#events.isReachable();
    if (turn !== this.#turn) return;
    this.#become(isReachable ? 'blocked' : 'unreachable');
    // A connection attempt may have started the timer meanwhile.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), lookEveryMs);
    if (isReachable) this.#events.look();
  }

  #become(staleness: Staleness | null): void {
    if (staleness === this.#staleness) return;
    this.#staleness = staleness;
    this.#events.onchange(staleness);
  }
}
