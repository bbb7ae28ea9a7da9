/**
 * The manifest of the vault: a line for each stored asset with its id, its size in bytes and its xxh128, separated by tabs.
 * With it, a copy of the vault can be checked without a hub.
 */
import { closeSync, fsyncSync, openSync, readSync, writeFileSync } from 'node:fs';
import type Sqlite from 'better-sqlite3';

/** Written where the checksum of an asset is not known. */
const unknown = '-';
const linesAtOnce = 10_000;

/** Writes the manifest from a database that nothing changes, and syncs it. Returns the number of lines. */
export function writeManifest(client: Sqlite.Database, path: string): number {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    let lines: string[] = [];
    let written = 0;
    const flush = () => {
      writeFileSync(descriptor, lines.join(''));
      lines = [];
    };
    for (const { id, size, xxh128 } of storedAssets(client)) {
      lines.push(`${id}\t${size}\t${xxh128 ?? unknown}\n`);
      written++;
      if (lines.length === linesAtOnce) flush();
    }
    flush();
    fsyncSync(descriptor);
    return written;
  } finally {
    closeSync(descriptor);
  }
}

export type StoredAsset = { id: string; size: number; xxh128: string | null };

export function* storedAssets(client: Sqlite.Database): Generator<StoredAsset> {
  // A database of another schema, as in tests of migrations, has no assets.
  if (!hasTable(client, 'asset_checksums')) return;
  yield* client
    .prepare(
      `select asset.id, asset.size_bytes as size, checksum.value as xxh128
       from assets as asset
       left join asset_checksums as checksum
         on checksum.asset_id = asset.id and checksum.algorithm = 'xxh128' and checksum.source = 'computed'
       where asset.state = 'stored' order by asset.id`,
    )
    .iterate() as IterableIterator<StoredAsset>;
}

export function hasTable(client: Sqlite.Database, name: string): boolean {
  return client.prepare('select 1 from sqlite_schema where name = ?').get(name) !== undefined;
}

export function countStoredAssets(client: Sqlite.Database): number {
  let count = 0;
  for (const _asset of storedAssets(client)) count++;
  return count;
}

export function countLines(path: string): number {
  const block = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(path, 'r');
  try {
    let lines = 0;
    for (let read = readSync(descriptor, block); read > 0; read = readSync(descriptor, block)) {
      for (let at = block.indexOf(10); at >= 0 && at < read; at = block.indexOf(10, at + 1)) lines++;
    }
    return lines;
  } finally {
    closeSync(descriptor);
  }
}
