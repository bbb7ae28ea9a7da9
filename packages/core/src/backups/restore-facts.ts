/**
 * A file beside the database that carries the facts of a restore into the database that replaces it. It is written before the
 * replacement, so that no crash loses it; after a crash in between, the old database ignores it.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { syncPath } from '@turnover/db/backup';

export type RestoreFacts = {
  backup: string;
  /** The e-mail address of the owner; null for the command. */
  orderedBy: string | null;
  restorePoint: string | null;
  /** The newest entry of the replaced audit log: its later entries are not in the restored one. Null when it cannot be read. */
  replacedLog: { seq: number; hash: string } | null;
};

const pathIn = (dataFolder: string) => join(dataFolder, 'restored.json');

export function writeFacts(dataFolder: string, facts: RestoreFacts): void {
  const path = pathIn(dataFolder);
  writeFileSync(path, JSON.stringify(facts), { mode: 0o600 });
  syncPath(path);
}

/** Undefined when the database was copied by hand, or when the file cannot be read. */
export function readFacts(dataFolder: string): RestoreFacts | undefined {
  const path = pathIn(dataFolder);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RestoreFacts;
  } catch {
    return undefined;
  }
}

export function forgetFacts(dataFolder: string): void {
  rmSync(pathIn(dataFolder), { force: true });
}
