/**
 * The three files of a backup: the copy of the database (`<name>.db`), the manifest of the vault (`<name>.vault`), and the
 * SHA-256 of both (`<name>.sha256`, as `sha256sum -c` reads it). The database gets its name last, so where it is, the others
 * are.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export type BackupFiles = { database: string; manifest: string; hashes: string };

/** The files of the backup whose database is at this path. */
export function backupFiles(database: string): BackupFiles {
  const name = join(dirname(database), basename(database, '.db'));
  return { database, manifest: `${name}.vault`, hashes: `${name}.sha256` };
}

export const partialOf = (path: string) => `${path}.partial`;

/** Removes a backup. Removes the database first, because it names the backup. */
export function removeBackup(database: string): void {
  for (const path of Object.values(backupFiles(database))) rmSync(path, { force: true });
}

/** Removes what an interrupted attempt left behind. */
export function removePartials(database: string): void {
  for (const path of Object.values(backupFiles(database))) rmSync(partialOf(path), { force: true });
}

/** The lines of the file with the hashes. */
export function hashLines(files: readonly { path: string; name: string }[]): string {
  return files.map(({ path, name }) => `${sha256Of(path)}  ${name}\n`).join('');
}

/** The SHA-256 of each file that the list names; undefined when the backup has no list. */
export function readHashes(hashes: string): Map<string, string> | undefined {
  if (!existsSync(hashes)) return undefined;
  const lines = readFileSync(hashes, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, value, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return value && name ? [[name, value] as const] : [];
    }),
  );
}

const blockBytes = 1024 * 1024;

export function sha256Of(path: string): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(blockBytes);
  const descriptor = openSync(path, 'r');
  try {
    for (let read = readSync(descriptor, block); read > 0; read = readSync(descriptor, block))
      hash.update(block.subarray(0, read));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex');
}
