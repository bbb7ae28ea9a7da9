/**
 * How much of a file one request carries. A proxy between browser and hub may refuse large bodies or cut slow requests.
 * Then the pieces get smaller, for all uploads of the session, down to a size that every proxy accepts.
 */

const MIB = 1024 * 1024;
/** Small enough that a retry resends little, large enough that the pauses between pieces do not matter. */
export const largestPieceBytes = 64 * MIB;
/** nginx accepts 1 MiB unless configured otherwise. */
export const smallestPieceBytes = MIB / 2;

type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const key = 'turnover.pieceBytes';

export class Pieces {
  readonly #memory: Memory | null;
  #bytes: number;
  #isNews = false;

  /** Null where the browser has no session storage. */
  constructor(memory: Memory | null) {
    this.#memory = memory;
    this.#bytes = read(memory);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Call it after a piece of this size failed. Returns false when there is no smaller size to try. */
  shrink(triedBytes: number): boolean {
    // Another upload already made the pieces smaller.
    if (triedBytes > this.#bytes) return true;
    if (this.#bytes <= smallestPieceBytes) return false;
    this.#bytes = Math.max(smallestPieceBytes, this.#bytes / 2);
    this.#isNews = true;
    write(this.#memory, this.#bytes);
    return true;
  }

  /** The smaller size that worked, returned once. */
  takeNews(): number | null {
    const isNews = this.#isNews;
    this.#isNews = false;
    return isNews ? this.#bytes : null;
  }
}

function read(memory: Memory | null): number {
  try {
    const kept = Number(memory?.getItem(key) ?? largestPieceBytes);
    return kept >= smallestPieceBytes && kept <= largestPieceBytes ? Math.floor(kept) : largestPieceBytes;
  } catch {
    return largestPieceBytes;
  }
}

function write(memory: Memory | null, bytes: number): void {
  try {
    memory?.setItem(key, String(bytes));
  } catch {
    // Storage is full or forbidden: the next page finds the size again.
  }
}

export const pieces = new Pieces(sessionMemory());

/** Reading the property alone may throw. */
function sessionMemory(): Memory | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
