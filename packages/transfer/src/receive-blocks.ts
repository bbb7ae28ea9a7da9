// The memory into which uploads are received. All of them share a few large blocks, which are used again and again, so that
// receiving leaves nothing to collect. Each upload also has a small block of its own: all of them get on when the large ones
// are taken, and a slow sender needs no large one.

const KiB = 1024;

export type BlockLimits = {
  largeBytes: number;
  /** Number of large blocks that all uploads share. */
  large: number;
  /** How many of them one upload may hold while others need none. */
  perUpload: number;
  /** A sender that fills its small block within this time gets a large one. */
  quickMs: number;
  /** When nobody uploads for this long, the memory is given back to the system. */
  keptMs: number;
};

export const defaultBlockLimits: BlockLimits = {
  largeBytes: 4 * 1024 * KiB,
  large: 16,
  perUpload: 6,
  quickMs: 100,
  keptMs: 30_000,
};

export const smallBlockBytes = 64 * KiB;

export class BlockPool {
  readonly #limits: BlockLimits;
  #free: Buffer[] = [];
  #freeSmall: Buffer[] = [];
  #made = 0;
  #users = 0;
  /** The number of uploads that hold at least one large block. */
  #holders = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(limits: BlockLimits = defaultBlockLimits) {
    this.#limits = limits;
  }

  /** Number of large blocks in use. */
  get heldBlocks(): number {
    return this.#made - this.#free.length;
  }

  open(): Blocks {
    clearTimeout(this.#idle);
    this.#users++;
    const small = this.#freeSmall.pop() ?? Buffer.allocUnsafeSlow(smallBlockBytes);
    return new Blocks(small, this.#limits.quickMs, {
      lend: (held) => this.#lend(held),
      take: (block, held) => {
        this.#free.push(block);
        if (held === 0) this.#holders--;
      },
      close: () => this.#close(small),
    });
  }

  /** Lends a large block. An upload gets no more than its share of all blocks, among the uploads that hold some. */
  #lend(held: number): Buffer | null {
    const { large, largeBytes, perUpload } = this.#limits;
    const holders = held === 0 ? this.#holders + 1 : this.#holders;
    if (held >= Math.min(perUpload, Math.max(1, Math.floor(large / holders)))) return null;
    let block = this.#free.pop();
    if (!block && this.#made < large) {
      this.#made++;
      block = Buffer.allocUnsafeSlow(largeBytes);
    }
    if (!block) return null;
    this.#holders = holders;
    return block;
  }

  #close(small: Buffer): void {
    this.#freeSmall.push(small);
    if (--this.#users > 0) return;
    this.#idle = setTimeout(() => {
      // An idle process collects no garbage, and would hold these beside the next ones.
      for (const block of [...this.#free, ...this.#freeSmall]) (block.buffer as ArrayBuffer).transfer(0);
      this.#free = [];
      this.#freeSmall = [];
      this.#made = 0;
    }, this.#limits.keptMs).unref();
  }
}

type Lender = {
  /** Lends a large block. `held`: the number of large blocks that the upload already holds. */
  lend(held: number): Buffer | null;
  take(block: Buffer, held: number): void;
  close(): void;
};

/** The blocks of one upload. */
export class Blocks {
  readonly small: Buffer;
  readonly quickMs: number;
  readonly #lender: Lender;
  readonly #large = new Set<Buffer>();
  #isReleased = false;

  constructor(small: Buffer, quickMs: number, lender: Lender) {
    this.small = small;
    this.quickMs = quickMs;
    this.#lender = lender;
  }

  takeLarge(): Buffer | null {
    const block = this.#lender.lend(this.#large.size);
    if (block) this.#large.add(block);
    return block;
  }

  /** Gives a large block back; the small block stays with the upload. */
  giveBack(block: Buffer): void {
    if (this.#large.delete(block)) this.#lender.take(block, this.#large.size);
  }

  /** Gives all blocks back. Nobody may write into them afterwards. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    for (const block of [...this.#large]) this.giveBack(block);
    this.#lender.close();
  }
}
