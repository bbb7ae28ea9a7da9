// The memory from which files are sent. A receiver that takes little keeps its buffers full, so all downloads together have a
// bound: the more of them run, the smaller are the buffers of the next one.
const KiB = 1024;
const buffersEach = 3;
const smallestBytes = 64 * KiB;
const largestBytes = 2048 * KiB;
/** A new download gets this share of what is left, so that something is left for those after it. */
const share = 1 / 4;

export const sendMemoryBytes = 24 * 1024 * KiB;

export type LentBuffers = { buffers: Buffer[]; giveBack(): void };

export class SendMemory {
  readonly #maxBytes: number;
  #lentBytes = 0;

  constructor(maxBytes = sendMemoryBytes) {
    this.#maxBytes = maxBytes;
  }

  get lentBytes(): number {
    return this.#lentBytes;
  }

  /** Lends buffers of equal size for sending this many bytes. Never refuses: the smallest buffers are always there. */
  lend(bytes: number): LentBuffers {
    const size = Math.min(Math.max(1, bytes), this.#sizeNow());
    const count = Math.min(buffersEach, Math.ceil(bytes / size));
    this.#lentBytes += size * count;
    return {
      buffers: Array.from({ length: count }, () => Buffer.allocUnsafeSlow(size)),
      giveBack: () => void (this.#lentBytes -= size * count),
    };
  }

  #sizeNow(): number {
    const left = (this.#maxBytes - this.#lentBytes) * share;
    const size = Math.floor(left / buffersEach / smallestBytes) * smallestBytes;
    return Math.min(largestBytes, Math.max(smallestBytes, size));
  }
}
