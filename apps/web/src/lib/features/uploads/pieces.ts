/**
 * The size of the pieces in which a file is sent. Each piece needs a request of its own, so pieces grow while they are
 * sent quickly. A proxy between browser and hub may refuse large bodies or cut slow requests. Then the pieces shrink,
 * for all uploads of the session, down to a size that every proxy accepts.
 */

const MIB = 1024 * 1024;
/**
 * A size that most proxies accept. The hub keeps partial pieces, but some proxies hold a piece until it is complete.
 */
export const firstPieceBytes = 64 * MIB;
export const largestPieceBytes = 1024 * MIB;
/** nginx accepts 1 MiB unless configured otherwise. */
export const smallestPieceBytes = MIB / 2;

/** A piece that takes less than this may be followed by one of twice the size. */
const quickMs = 5000;

type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const key = 'turnover.pieceBytes';

export class Pieces {
  readonly #memory: Memory | null;
  #bytes: number;
  /** A proxy has refused pieces larger than this. */
  #mostBytes = largestPieceBytes;
  #isNews = false;

  /** `memory` is null when the browser has no session storage. */
  constructor(memory: Memory | null) {
    this.#memory = memory;
    const kept = read(memory);
    if (kept !== null) this.#mostBytes = kept;
    this.#bytes = kept ?? firstPieceBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Call this after a piece of this size was sent. */
  grow(sentBytes: number, tookMs: number): void {
    if (sentBytes === this.#bytes && tookMs < quickMs)
      this.#bytes = Math.min(this.#bytes * 2, this.#mostBytes);
  }

  /** Call this after a piece of this size failed. Returns false when there is no smaller size to try. */
  shrink(triedBytes: number): boolean {
    // Another upload already made the pieces smaller.
    if (triedBytes > this.#bytes) return true;
    if (this.#bytes <= smallestPieceBytes) return false;
    // Meanwhile another upload may have made the pieces larger.
    this.#bytes = Math.max(smallestPieceBytes, triedBytes / 2);
    this.#mostBytes = this.#bytes;
    // People need no hint as long as pieces are at least as large as at first.
    this.#isNews = this.#bytes < firstPieceBytes;
    write(this.#memory, this.#bytes);
    return true;
  }

  /** Returns the smaller size that worked, once; null when there is none. */
  takeNews(): number | null {
    const isNews = this.#isNews;
    this.#isNews = false;
    return isNews ? this.#bytes : null;
  }
}

/** Returns null when no proxy has refused a piece in this session. */
function read(memory: Memory | null): number | null {
  try {
    const kept = Number(memory?.getItem(key));
    return kept >= smallestPieceBytes && kept <= largestPieceBytes ? Math.floor(kept) : null;
  } catch {
    return null;
  }
}

function write(memory: Memory | null, bytes: number): void {
  try {
    memory?.setItem(key, String(bytes));
  } catch {
    // Storage is full or forbidden: the next page has to find the size again.
  }
}

export const pieces = new Pieces(sessionMemory());

/** Returns session storage; null when it is denied. Reading the property alone may throw. */
function sessionMemory(): Memory | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
