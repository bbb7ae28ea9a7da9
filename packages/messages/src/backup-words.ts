/** Why a backup was not made: the same texts in mails, in the inbox and on the page. */
import * as m from './messages.ts';

const words: Record<string, () => string> = {
  disk_full: m.backup_failure_disk_full,
  not_mounted: m.backup_failure_not_mounted,
  other_hub: m.backup_failure_other_hub,
  read_only: m.backup_failure_read_only,
  denied: m.backup_failure_denied,
  disk_error: m.backup_failure_disk_error,
  damaged: m.backup_failure_damaged,
  not_read_back: m.backup_failure_not_read_back,
  interrupted: m.backup_failure_interrupted,
};

export function backupFailureWord(failure: string): string {
  return (words[failure] ?? m.backup_failure_unknown)();
}
