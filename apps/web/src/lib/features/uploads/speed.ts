/** The smoothed speed of an upload, and the time left. */

/** Time constant of the smoothing: older samples weigh a third or less. */
const memoryMs = 5_000;
/** Samples closer together than this measure buffers, not the network. */
const shortestMs = 200;

export class Speed {
  #bytes: number | null = null;
  #at = 0;
  #bytesPerMs: number | null = null;

  sample(bytes: number, at: number): void {
    if (this.#bytes === null || bytes < this.#bytes) {
      this.#bytes = bytes;
      this.#at = at;
      return;
    }
    const tookMs = at - this.#at;
    if (tookMs < shortestMs) return;
    const latest = (bytes - this.#bytes) / tookMs;
    const weight = 1 - Math.exp(-tookMs / memoryMs);
    this.#bytesPerMs =
      this.#bytesPerMs === null ? latest : this.#bytesPerMs + weight * (latest - this.#bytesPerMs);
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Call this after a pause: earlier samples no longer count. */
  reset(): void {
    this.#bytes = null;
    this.#bytesPerMs = null;
  }

  get bytesPerSecond(): number | null {
    return this.#bytesPerMs === null ? null : this.#bytesPerMs * 1000;
  }

  /** Returns null while the time is unknown. */
  timeLeftMs(missingBytes: number): number | null {
    return this.#bytesPerMs ? missingBytes / this.#bytesPerMs : null;
  }
}
