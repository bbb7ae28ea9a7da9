/** Finds what has a name in a request: a file, a folder, or an upload in progress. */
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { foldersAbove } from '@turnover/domain/names/names';
import { checksumsOf } from '../../assets/checksums.ts';
import { inList } from '../../in-list.ts';

export type TakingFile = {
  id: string;
  path: string;
  isManifest: boolean;
  deliveredBy: string;
  addedAt: number;
  round: number;
  assetId: string;
  sizeBytes: number;
};

/** `file` is null unless `by` is `file`. */
export type TakenName = { by: 'file' | 'folder' | 'upload'; file: TakingFile | null };

/** What has each of these names, keyed by `nameKey`. Free names are left out. */
export function takenNames(db: Reader, requestId: string, keys: readonly string[]): Map<string, TakenName> {
  const found = new Map<string, TakenName>();
  const present = and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt));
  const folders = new Map(keys.flatMap((key) => foldersAbove(key).map((folder) => [folder, key] as const)));
  const inTheWay = db
    .select({ key: deliveredFiles.pathKey })
    .from(deliveredFiles)
    .where(and(present, inList(deliveredFiles.pathKey, [...folders.keys()])))
    .all();
  const files = new Set(inTheWay.map(({ key }) => key));
  if (files.size > 0) {
    for (const key of keys) {
      if (foldersAbove(key).some((folder) => files.has(folder))) found.set(key, { by: 'folder', file: null });
    }
  }
  // '0' is the next character after '/'. The cross join makes SQLite search the index once for each name.
  const asFolder = db.all<{ key: string }>(sql`
    select wanted.value as key from json_each(${JSON.stringify(keys)}) as wanted
    where exists (select 1 from ${deliveredFiles} as file
      where file.request_id = ${requestId} and file.removed_at is null
        and file.path_key > wanted.value || '/' and file.path_key < wanted.value || '0')`);
  for (const { key } of asFolder) found.set(key, { by: 'folder', file: null });
  const uploading = db
    .select({ key: uploads.pathKey })
    .from(uploads)
    .where(
      and(eq(uploads.requestId, requestId), eq(uploads.status, 'uploading'), inList(uploads.pathKey, keys)),
    )
    .all();
  for (const { key } of uploading) found.set(key, { by: 'upload', file: null });
  for (const { key, ...file } of filesNamed(db, requestId, keys)) {
    if (!found.has(key)) found.set(key, { by: 'file', file });
  }
  return found;
}

function filesNamed(
  db: Reader,
  requestId: string,
  keys: readonly string[],
): (TakingFile & { key: string })[] {
  const {
    id,
    path,
    pathKey: key,
    isManifest,
    deliveredBy,
    addedAt,
    addedRound: round,
    assetId,
  } = deliveredFiles;
  const { sizeBytes } = assets;
  return db
    .select({ id, key, path, isManifest, deliveredBy, addedAt, round, assetId, sizeBytes })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, assetId))
    .where(and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), inList(key, keys)))
    .all();
}

type Bytes = { assetId: string; sizeBytes: number };

/** Returns a function that tells whether two assets are known to hold the same bytes. Reads their checksums once. */
export function sameBytesAmong(db: Reader, all: readonly Bytes[]): (one: Bytes, other: Bytes) => boolean {
  const checksums = checksumsOf(db, [...new Set(all.map(({ assetId }) => assetId))]);
  const computed = (assetId: string) =>
    new Map(
      (checksums.get(assetId) ?? [])
        .filter(({ source }) => source === 'computed')
        .map(({ algorithm, value }) => [algorithm, value]),
    );
  return (one, other) => {
    if (one.assetId === other.assetId) return true;
    if (one.sizeBytes !== other.sizeBytes) return false;
    const values = computed(other.assetId);
    const shared = [...computed(one.assetId)].filter(([algorithm]) => values.has(algorithm));
    return shared.length > 0 && shared.every(([algorithm, value]) => values.get(algorithm) === value);
  };
}
