/** Explains why a process could not start, and whether a restart may help without a person. */
import { faultError, faultReasonOf, type FaultReason } from '@turnover/domain/requests/system-faults';
import { DatabaseRefused } from './database-refused.ts';

const passing: ReadonlySet<FaultReason | undefined> = new Set(['busy', 'too_many_open', 'memory']);

export function isPassing(error: unknown): boolean {
  return passing.has(faultReasonOf(error));
}

/** Explains the system error, followed by the system's own words. */
export function startFailure(error: unknown): string {
  if (error instanceof DatabaseRefused || !(error instanceof Error))
    return error instanceof Error ? error.message : String(error);
  const reason = faultReasonOf(error);
  return reason ? `${faultError(reason).message} (${error.message})` : error.message;
}
