/**
 * How much of a file goes in one request. A proxy between browser and hub may refuse large bodies, or cut what takes long:
 * then the pieces get smaller, for all uploads of the session, down to what every proxy takes.
 */

const MIB = 1024 * 1024;
/** Small enough that little is sent twice, large enough that the pauses between them do not count. */
export const largestPieceBytes = 64 * MIB;
/** nginx accepts 1 MiB unless configured otherwise. */
export const smallestPieceBytes = MIB / 2;

type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const key = 'turnover.pieceBytes';

export class Pieces {
  readonly #memory: Memory | null;
  #bytes: number;
  #isNews = false;

  /** Null where the browser keeps nothing. */
  constructor(memory: Memory | null) {
    this.#memory = memory;
    this.#bytes = read(memory);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** After a piece of this size did not get through; false when there is nothing smaller to try. */
  shrink(triedBytes: number): boolean {
    // Another upload may have found out already.
    if (triedBytes > this.#bytes) return true;
    if (this.#bytes <= smallestPieceBytes) return false;
    this.#bytes = Math.max(smallestPieceBytes, this.#bytes / 2);
    this.#isNews = true;
    write(this.#memory, this.#bytes);
    return true;
  }

  /** The size that got through at last, once after it was found. */
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
    // Full or forbidden: the next page finds out anew.
  }
}

export const pieces = new Pieces(sessionMemory());

/** Reading the property alone may be refused. */
function sessionMemory(): Memory | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
