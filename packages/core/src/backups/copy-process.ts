/**
 * The child process that writes a backup and reads it back. It blocks while it copies and checks the database, which takes
 * long for a large one. Prints the facts as JSON.
 */
import { writeBackup } from '@turnover/db/backup';
import { BackupDamaged, verifyBackup } from '@turnover/db/verify-backup';
import type { BackupFailure } from '@turnover/domain/server/backups';
import { failureByFault } from '@turnover/domain/server/backups';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';

export type CopyOutcome = { sizeBytes: number; assets: number } | { failure: BackupFailure; message: string };

const [database, target] = process.argv.slice(2) as [string, string];

console.log(JSON.stringify(write()));

function write(): CopyOutcome {
  try {
    writeBackup(database, target);
  } catch (error) {
    // The copy is checked before it gets its name. It is as damaged as the database.
    if (error instanceof BackupDamaged) return { failure: 'damaged', message: error.message };
    return outcomeOf(error);
  }
  try {
    const { sizeBytes, assets } = verifyBackup(target);
    return { sizeBytes, assets: assets! };
  } catch (error) {
    if (error instanceof BackupDamaged) return { failure: 'not_read_back', message: error.message };
    return outcomeOf(error);
  }
}

function outcomeOf(error: unknown): CopyOutcome {
  const fault = faultReasonOf(error);
  return { failure: fault ? failureByFault[fault] : 'unknown', message: (error as Error).message };
}
