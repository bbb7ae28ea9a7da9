import type { Storage } from './storage.ts';

/** Lends the bytes of all these assets as long as `use` runs. The paths are in the order of the ids. */
export function lendAssets<Result>(
  storage: Pick<Storage, 'lendAsset'>,
  assetIds: readonly string[],
  use: (paths: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const lend = (paths: readonly string[]): Promise<Result> => {
    const next = assetIds[paths.length];
    if (next === undefined) return use(paths);
    return storage.lendAsset(next, (path) => lend([...paths, path]));
  };
  return lend([]);
}
