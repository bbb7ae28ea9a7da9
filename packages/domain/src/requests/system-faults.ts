/**
 * The errors of the operating system and SQLite as one table: their codes, their meaning for the caller, and when to
 * try again. Every edge reads it, so that no caller sees a bare error code.
 */
import { HubError, type ErrorCode } from '../errors.ts';

export const faultReasons = [
  'disk_full',
  'quota',
  'file_too_large',
  'too_many_open',
  'memory',
  'busy',
  'read_only',
  'denied',
  'disk_error',
  'damaged',
  'not_there',
] as const;
export type FaultReason = (typeof faultReasons)[number];

type Fault = {
  code: ErrorCode;
  /** English text for programs and logs. */
  message: string;
  /** Seconds after which trying again may help without any repair; 0 when it will not. */
  retryAfterSeconds: number;
};

export const faults: Record<FaultReason, Fault> = {
  disk_full: {
    code: 'no_space',
    message: 'The disk of the hub is full. Reading works; changes work again when there is free space.',
    retryAfterSeconds: 30,
  },
  quota: {
    code: 'no_space',
    message:
      'The hub has used up its disk quota. Reading works; changes work again when the quota is raised.',
    retryAfterSeconds: 30,
  },
  file_too_large: {
    code: 'too_large',
    message: 'The disk of the hub does not take files as large as this.',
    retryAfterSeconds: 0,
  },
  too_many_open: {
    code: 'unavailable',
    message: 'The hub has too many files open right now. Try again.',
    retryAfterSeconds: 5,
  },
  memory: {
    code: 'unavailable',
    message: 'The hub is out of memory right now. Try again.',
    retryAfterSeconds: 5,
  },
  busy: {
    code: 'unavailable',
    message: 'Another program is using the database of the hub. Nothing was changed. Try again.',
    retryAfterSeconds: 2,
  },
  read_only: {
    code: 'unavailable',
    message: 'The disk of the hub is mounted read-only. Reading works, but nothing can be changed.',
    retryAfterSeconds: 30,
  },
  denied: {
    code: 'unavailable',
    message:
      'The hub has no permission to use its own folder. The administrator must check who owns its files.',
    retryAfterSeconds: 30,
  },
  disk_error: {
    code: 'unavailable',
    message:
      'The disk of the hub reports errors. Nothing was changed. Try again, then tell the administrator.',
    retryAfterSeconds: 10,
  },
  damaged: {
    code: 'unavailable',
    message: 'The database of the hub is damaged. The administrator must replace it with a backup.',
    retryAfterSeconds: 60,
  },
  not_there: {
    code: 'unavailable',
    message: 'A file of the hub is missing. The administrator must check its disk.',
    retryAfterSeconds: 30,
  },
};

/** Faults by the `code` of an error. For SQLite's extended codes, the beginning is enough. */
const reasons: Record<string, FaultReason> = {
  ENOSPC: 'disk_full',
  SQLITE_FULL: 'disk_full',
  EDQUOT: 'quota',
  EFBIG: 'file_too_large',
  SQLITE_TOOBIG: 'file_too_large',
  EMFILE: 'too_many_open',
  ENFILE: 'too_many_open',
  ENOMEM: 'memory',
  SQLITE_NOMEM: 'memory',
  SQLITE_IOERR_NOMEM: 'memory',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_PROTOCOL: 'busy',
  SQLITE_IOERR_LOCK: 'busy',
  SQLITE_IOERR_SHMLOCK: 'busy',
  EROFS: 'read_only',
  SQLITE_READONLY: 'read_only',
  SQLITE_READONLY_DBMOVED: 'not_there',
  EACCES: 'denied',
  EPERM: 'denied',
  SQLITE_PERM: 'denied',
  SQLITE_AUTH: 'denied',
  SQLITE_CANTOPEN: 'not_there',
  EIO: 'disk_error',
  ENXIO: 'disk_error',
  ENODEV: 'disk_error',
  EBADF: 'disk_error',
  EXDEV: 'disk_error',
  EUCLEAN: 'disk_error',
  ENOTCONN: 'disk_error',
  ESTALE: 'not_there',
  // SQLite reports this code, not SQLITE_FULL, when the disk is too full for the shared memory of the write-ahead log.
  SQLITE_IOERR_SHMSIZE: 'disk_full',
  SQLITE_IOERR: 'disk_error',
  SQLITE_CORRUPT: 'damaged',
  SQLITE_NOTADB: 'damaged',
  SQLITE_FORMAT: 'damaged',
  ENOENT: 'not_there',
  ENOTDIR: 'not_there',
  EISDIR: 'not_there',
  ELOOP: 'not_there',
  EEXIST: 'not_there',
  ENOTEMPTY: 'not_there',
};

/** How many levels of `cause` are followed. The limit also ends the search in a cycle of causes. */
const maxDepth = 8;

/** Returns the fault behind an error or one of its causes; undefined when it is not a fault of the system. */
export function faultReasonOf(error: unknown): FaultReason | undefined {
  let each = error;
  for (let depth = 0; depth < maxDepth && each !== null && typeof each === 'object'; depth++) {
    const { code, cause } = each as { code?: unknown; cause?: unknown };
    const reason = typeof code === 'string' ? reasonOfCode(code) : undefined;
    if (reason) return reason;
    each = cause;
  }
  return undefined;
}

function reasonOfCode(code: string): FaultReason | undefined {
  if (Object.hasOwn(reasons, code)) return reasons[code];
  const end = code.lastIndexOf('_');
  return end > 0 ? reasonOfCode(code.slice(0, end)) : undefined;
}

/** Returns the error for the caller; undefined when the error is not a fault of the system. */
export function faultErrorOf(error: unknown): HubError | undefined {
  const reason = faultReasonOf(error);
  return reason && faultError(reason);
}

export function faultError(reason: FaultReason): HubError {
  const { code, message, retryAfterSeconds } = faults[reason];
  return new HubError(code, message, { reason, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) });
}

/** Returns the value of the `Retry-After` header in whole seconds; undefined when waiting would not help. */
export function retryAfterOf({ code, details }: HubError): number | undefined {
  if (typeof details.retryAfterSeconds === 'number') return Math.max(1, Math.ceil(details.retryAfterSeconds));
  return retryLater.has(code) ? 5 : undefined;
}

const retryLater: ReadonlySet<ErrorCode> = new Set([
  'no_space',
  'unavailable',
  'too_many_uploads',
  'throttled',
]);
