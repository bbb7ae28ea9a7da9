/** The CRC-32 of assets, which a ZIP contains. The hub computes it while it sends a file, or reads the file for it. */
import { crc32 } from 'node:zlib';
import { and, eq, isNull } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import type { Context } from '../context.ts';
import { writeSoon } from '../write-gate.ts';
import { maxWithCrcFirst } from './plan.ts';

export function recordCrcs(ctx: Context, crcs: ReadonlyMap<string, number>): void {
  if (crcs.size === 0) return;
  const known = [...crcs];
  writeSoon(ctx, 'asset.crc', (tx) => {
    for (const [assetId, crc] of known) {
      const isUnknown = and(eq(assets.id, assetId), isNull(assets.crc32));
      tx.update(assets).set({ crc32: crc }).where(isUnknown).run();
    }
  });
}

const pieceBytes = 1024 * 1024;

/**
 * Reads files to compute their CRC, one after another. It reads each file to its end even when the client has disconnected,
 * for example after a proxy timeout, so that the next attempt finds the CRC. Small files do not wait for a large one, which
 * may take an hour.
 */
export class CrcReader {
  readonly #ctx: Context;
  readonly #running = new Map<string, Promise<number>>();
  /** The last queued reading of a small file, and of a large one. */
  readonly #last: { small: Promise<unknown>; large: Promise<unknown> } = {
    small: Promise.resolve(),
    large: Promise.resolve(),
  };

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  of(assetId: string, sizeBytes: number): Promise<number> {
    const running = this.#running.get(assetId);
    if (running) return running;
    const size = sizeBytes <= maxWithCrcFirst ? 'small' : 'large';
    const next = this.#last[size].then(() => this.#read(assetId, sizeBytes));
    const ended = next.then(
      () => this.#running.delete(assetId),
      () => this.#running.delete(assetId),
    );
    this.#last[size] = ended;
    this.#running.set(assetId, next);
    return next;
  }

  async #read(assetId: string, sizeBytes: number): Promise<number> {
    const file = await this.#ctx.storage.openAsset(assetId);
    try {
      const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes));
      let crc = 0;
      for (let position = 0; position < sizeBytes;) {
        const { bytesRead } = await file.read(
          buffer,
          0,
          Math.min(buffer.length, sizeBytes - position),
          position,
        );
        if (bytesRead === 0) throw new Error('The file is shorter than its recorded size.');
        crc = crc32(buffer.subarray(0, bytesRead), crc);
        position += bytesRead;
      }
      recordCrcs(this.#ctx, new Map([[assetId, crc]]));
      return crc;
    } finally {
      await file.close();
    }
  }
}
