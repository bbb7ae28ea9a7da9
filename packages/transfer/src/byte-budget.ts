// Memory that all bundles of the process share.
export class ByteBudget {
  readonly #maxBytes: number;
  #usedBytes = 0;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isSpent(): boolean {
    return this.#usedBytes >= this.#maxBytes;
  }

  /** Never refuses: what has arrived is in memory anyway. Whoever finds the budget spent reads no more until there is room. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.isSpent) return;
    this.#room?.resolve();
    this.#room = null;
  }

  /** Resolves when the budget is not spent. */
  room(): Promise<void> {
    if (!this.isSpent) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }
}
