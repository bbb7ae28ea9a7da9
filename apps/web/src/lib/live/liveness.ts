/**
 * Whether a page hears of changes. A stream that was opened proves nothing: a proxy may keep what comes through it. Only the
 * hub's own first words do. Without them for a while the page is stale, and looks for changes by itself at a low rate.
 */

/** So long a reconnect may take before anybody is told. */
export const graceMs = 8_000;
export const lookEveryMs = 30_000;

/** `blocked`: the hub answers, its live updates do not get through; `unreachable`: nobody answers. */
export type Staleness = 'blocked' | 'unreachable';

export type LivenessEvents = {
  onchange: (staleness: Staleness | null) => void;
  /** Loads anew what the page shows. */
  look: () => void;
  /** Whether the hub itself answers; loading from a server that is away would replace the page by an error. */
  isReachable: () => Promise<boolean>;
};

export class Liveness {
  readonly #events: LivenessEvents;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts up with each answer that makes earlier questions pointless. */
  #turn = 0;
  #staleness: Staleness | null = null;

  constructor(events: LivenessEvents) {
    this.#events = events;
  }

  /** Nothing is heard at the moment. Said again and again, it does not begin anew. */
  waiting(): void {
    this.#timer ??= setTimeout(() => void this.#look(), graceMs);
  }

  heard(): void {
    this.stop();
    this.#become(null);
  }

  /** Somebody asks for it now. */
  lookNow(): void {
    this.stop();
    void this.#look();
  }

  /** Nobody looks at the page. What is known of it stays, until something is heard. */
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
    // A try to connect may have begun to wait meanwhile.
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
