// A disk failure while bytes are received. A failed write or sync is final for its open file: the kernel may already have
// dropped the pages, so a successful retry would prove nothing.
import type { HubError } from '@turnover/domain/errors';
import { faultError, faultReasonOf } from '@turnover/domain/requests/system-faults';

export type StorageFailureKind = 'no-space' | 'file-too-large' | 'broken';

export class StorageFailure extends Error {
  readonly kind: StorageFailureKind;
  /** The error that the sender gets. */
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
