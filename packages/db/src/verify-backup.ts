/** Reads a backup back: the hashes beside it, the database itself, and the manifest. Writes nothing. */
import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import Sqlite from 'better-sqlite3';
import { backupFiles, readHashes, sha256Of } from './backup-files.ts';
import { countLines, countStoredAssets } from './vault-manifest.ts';

export type BackupFacts = {
  sizeBytes: number;
  /** How many stored assets the manifest lists; null for a backup without a manifest. */
  assets: number | null;
  /** False for a backup of an older version, which has no hashes beside it. */
  isHashed: boolean;
};

/** Thrown when a backup is not as it was written. */
export class BackupDamaged extends Error {
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`The backup ${path} is damaged: ${why}. Use another one.`, options);
    this.name = 'BackupDamaged';
  }
}

/** Throws `BackupDamaged` unless the backup is as it was written. */
export function verifyBackup(database: string): BackupFacts {
  const { manifest, hashes } = backupFiles(database);
  const hasManifest = existsSync(manifest);
  const known = readHashes(hashes);
  if (known) {
    requireHash(database, known);
    requireHash(manifest, known);
  }
  const stored = checkCopy(database);
  const assets = hasManifest ? countLines(manifest) : null;
  if (assets !== null && assets !== stored) {
    throw new BackupDamaged(
      database,
      `${basename(manifest)} lists ${assets} files and the database ${stored}`,
    );
  }
  return { sizeBytes: statSync(database).size, assets, isHashed: known !== undefined };
}

function requireHash(path: string, known: ReadonlyMap<string, string>): void {
  if (!existsSync(path)) throw new BackupDamaged(path, 'it is missing');
  const name = basename(path);
  const expected = known.get(name);
  if (expected === undefined) throw new BackupDamaged(path, 'its hash is not in the list beside it');
  if (sha256Of(path) !== expected) throw new BackupDamaged(path, 'its bytes are not those that were written');
}

/** Checks the whole database file and returns the number of its stored assets. */
export function checkCopy(path: string): number {
  let copy: Sqlite.Database | undefined;
  try {
    copy = new Sqlite(path, { readonly: true, fileMustExist: true });
    const verdict = copy.pragma('integrity_check(1)', { simple: true });
    if (verdict !== 'ok') throw new BackupDamaged(path, 'its check failed');
    return countStoredAssets(copy);
  } catch (error) {
    if (error instanceof BackupDamaged) throw error;
    if (!/^SQLITE_(CORRUPT|NOTADB|ERROR)/.test((error as { code?: string }).code ?? '')) throw error;
    throw new BackupDamaged(path, 'it cannot be read', { cause: error });
  } finally {
    copy?.close();
  }
}
