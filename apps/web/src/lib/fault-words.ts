/** Why the operating system refused an operation, as texts for people. */
import { faultReasons, type FaultReason } from '@turnover/domain/requests/system-faults';
import * as m from '@turnover/messages/messages';

const faultWords: Record<FaultReason, () => string> = {
  disk_full: m.error_fault_disk_full,
  quota: m.error_fault_quota,
  file_too_large: m.error_code_too_large,
  too_many_open: m.error_fault_too_many_open,
  memory: m.error_fault_memory,
  busy: m.error_fault_busy,
  read_only: m.error_fault_read_only,
  denied: m.error_fault_denied,
  disk_error: m.error_fault_disk_error,
  damaged: m.error_fault_damaged,
  not_there: m.error_fault_not_there,
};

/** Returns undefined for an unknown reason. */
export function wordsForFault(reason: unknown): string | undefined {
  const known = faultReasons.find((each) => each === reason);
  return known && faultWords[known]();
}
