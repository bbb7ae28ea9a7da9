/** Computes checksums of stored files for some seconds. Reads each file once for all its checksums. */
import type { FoundHashes, WantedHash } from '@turnover/core/assets/checksums';
import type { WorkerTools } from './handler.ts';

const turnMs = 5000;
/** The most files per turn. Recording them takes a few milliseconds. */
export const filesPerTurn = 100;

/** Hashes the first of `files`, and more of them while the turn has time. */
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

/** Returns no values for a file that is missing or damaged on the disk, so that it does not stop the others. */
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
