/** Finds the paths of assets that packing lists name by id, from the asset maps among the files. */
import { isAssetMap } from '@turnover/domain/media/imf-documents';
import { tidyPath } from '@turnover/domain/manifests/entries';
import { readAssetMap } from '../assets/imf-documents.ts';
import type { Context } from '../context.ts';
import type { ComparedFile } from './comparison-rows.ts';

const maxMaps = 50;

type AssetMap = { folder: string; paths: ReadonlyMap<string, string> };

/**
 * Returns the path, relative to the folder of the packing list; null when no map has the asset. A map in that folder takes
 * precedence.
 */
export type AssetPaths = (listFolder: string, assetId: string) => string | null;

export async function assetPathsIn(
  ctx: Pick<Context, 'storage'>,
  files: readonly ComparedFile[],
): Promise<AssetPaths> {
  const maps: AssetMap[] = [];
  for (const file of files) {
    if (maps.length === maxMaps) break;
    if (file.isArriving || !isAssetMap(file.path)) continue;
    const assets = await readAssetMap(ctx.storage, file);
    if (assets === null) continue;
    const paths = new Map(assets.map(({ id, path }) => [id, tidyPath(decoded(path)).path]));
    maps.push({ folder: folderOf(file.path), paths });
  }
  return (listFolder, assetId) => {
    const beside = maps.find(({ folder, paths }) => folder === listFolder && paths.has(assetId));
    const map = beside ?? maps.find(({ paths }) => paths.has(assetId));
    const path = map?.paths.get(assetId) ?? '';
    if (!map || path === '') return null;
    return beside ? path : `${map.folder}${path}`;
  };
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** Decodes a path of an asset map: such paths are URLs, so `%20` is a space. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
