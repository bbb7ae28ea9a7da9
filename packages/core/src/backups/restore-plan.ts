/** Looks at a backup and at the data folder before a restore. Refuses what must not be restored. Writes nothing. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@turnover/db/backup-files';
import { databasePath } from '@turnover/db/data-folder';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { readMarker } from '@turnover/db/folder-markers';
import { readBackup, type BackupContent } from '@turnover/db/read-backup';
import { inspectVaultFile, type WrongFile } from '../storage.ts';

export type RestorePlan = {
  dataFolder: string;
  /** The path of the database file of the backup. */
  backup: string;
  content: BackupContent;
  sha256: string;
  /** True when the data folder belongs to another hub than the backup. */
  isOtherHub: boolean;
  hasDatabase: boolean;
  vault: VaultFindings;
};

export type VaultFindings = {
  /** The number of stored files that the backup names. */
  files: number;
  /** How many of them are missing from the vault, or have another size. */
  wrong: number;
  /** The first of them. */
  examples: WrongFile[];
  /** The ids of files that lie in the quarantine and go back into the vault: they were deleted after the backup. */
  takenBack: string[];
};

const maxExamples = 5;
/** The folders that carry the marker of a hub; the first is the data folder itself. */
export const markedFolders = ['', 'vault', 'incoming', 'quarantine'] as const;

/** `otherHub`: restore although the folder belongs to another hub. */
export function planRestore(
  dataFolder: string,
  backup: string,
  { otherHub = false }: { otherHub?: boolean } = {},
): RestorePlan {
  if (!existsSync(backup)) throw new DatabaseRefused(`There is no backup ${backup}. Nothing was changed.`);
  const vault: VaultFindings = { files: 0, wrong: 0, examples: [], takenBack: [] };
  const content = readBackup(backup, ({ id, size }) => look(vault, dataFolder, id, size));
  return {
    dataFolder,
    backup,
    content,
    sha256: sha256Of(backup),
    isOtherHub: isOtherHub(content.hubId, dataFolder, otherHub),
    hasDatabase: existsSync(databasePath(dataFolder)),
    vault,
  };
}

function look(vault: VaultFindings, dataFolder: string, id: string, size: number): void {
  vault.files++;
  const wrong = inspectVaultFile(dataFolder, id, size);
  if (!wrong) return;
  if (wrong.why === 'it is missing' && isQuarantined(dataFolder, id, size)) {
    vault.takenBack.push(id);
    return;
  }
  vault.wrong++;
  if (vault.examples.length < maxExamples) vault.examples.push(wrong);
}

function isQuarantined(dataFolder: string, id: string, size: number): boolean {
  const found = statSync(join(dataFolder, 'quarantine', id), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === size;
}

function isOtherHub(own: string | undefined, dataFolder: string, isAllowed: boolean): boolean {
  const other = markedFolders
    .map((name) => readMarker(join(dataFolder, name)))
    .find((marker) => typeof marker !== 'string' && marker.hubId !== own);
  if (own === undefined || other === undefined || typeof other === 'string') return false;
  if (isAllowed) return true;
  throw new DatabaseRefused(
    `The backup is of another hub (${own}) than the data folder ${dataFolder} (${other.hubId}). ` +
      'Choose a backup of this hub, or the right folder with TURNOVER_DATA. ' +
      'To put the other hub in its place, add --other-hub. Nothing was changed.',
  );
}
