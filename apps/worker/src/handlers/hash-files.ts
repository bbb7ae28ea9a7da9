/** Computes checksums of stored files, all of a file in one read, for some seconds at a time. */
import type { FoundHashes, WantedHash } from '@turnover/core/assets/checksums';
import type { WorkerTools } from './handler.ts';

const turnMs = 5000;
/** Recording as many takes a few milliseconds. */
export const filesPerTurn = 100;

/** Of the first of `files`, and of as many more as the turn has time for. */
export async function hashFiles(
  tools: WorkerTools,
  files: readonly WantedHash[],
  signal: AbortSignal,
): Promise<FoundHashes[]> {
  const began = performance.now();
  const found: FoundHashes[] = [];
  for (const file of files) {
    if (found.length > 0 && performance.now() - began > turnMs) break;
    found.push({ assetId: file.assetId, values: await hash(tools, file, signal) });
  }
  return found;
}

/** A file that is missing or damaged on the disk has no values, and holds up no other. */
async function hash(
  { ctx, pool }: WorkerTools,
  { assetId, sizeBytes, algorithms }: WantedHash,
  signal: AbortSignal,
): Promise<FoundHashes['values']> {
  try {
    return await ctx.storage.lendAsset(assetId, (path) =>
      pool.hashWhole({ path, sizeBytes, algorithms }, signal),
    );
  } catch (error) {
    signal.throwIfAborted();
    ctx.log('error', 'file.notHashed', { asset: assetId, message: String(error) });
    return {};
  }
}
