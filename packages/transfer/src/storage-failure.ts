// What can go wrong with the disk while bytes are received. A failed write or sync is final for its open file:
// the kernel may have dropped the pages already, so a second try that succeeds would prove nothing.

export type StorageFailureKind = 'no-space' | 'file-too-large' | 'broken';

export class StorageFailure extends Error {
  readonly kind: StorageFailureKind;

  constructor(cause: unknown) {
    super('the storage refused the bytes', { cause });
    this.name = 'StorageFailure';
    this.kind = kindOf((cause as NodeJS.ErrnoException | undefined)?.code);
  }
}

function kindOf(code: string | undefined): StorageFailureKind {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'no-space';
  if (code === 'EFBIG') return 'file-too-large';
  return 'broken';
}
