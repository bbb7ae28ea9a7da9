// What can go wrong with the disk while bytes are received. A failed write or sync is final for its open file:
// the kernel may have dropped the pages already, so a second try that succeeds would prove nothing.
import type { HubError } from '@turnover/domain/errors';
import { faultError, faultReasonOf } from '@turnover/domain/requests/system-faults';

export type StorageFailureKind = 'no-space' | 'file-too-large' | 'broken';

export class StorageFailure extends Error {
  readonly kind: StorageFailureKind;
  /** What the sender is told. */
  readonly refusal: HubError;

  constructor(cause: unknown) {
    super('the storage refused the bytes', { cause });
    this.name = 'StorageFailure';
    const reason = faultReasonOf(cause) ?? 'disk_error';
    this.refusal = faultError(reason);
    if (reason === 'disk_full' || reason === 'quota') this.kind = 'no-space';
    else this.kind = reason === 'file_too_large' ? 'file-too-large' : 'broken';
  }
}
