import type { Storage } from './storage.ts';

/** Gives `use` the paths of all these assets, in the order of the ids. The paths are valid until `use` returns. */
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
