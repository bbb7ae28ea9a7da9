/**
 * What the system under the hub may refuse, in one table: the names that Node and SQLite give it, what it means for whoever
 * asked, and when to come again. Everything that answers people or programs reads it here, so that nobody sees a bare name.
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
  /** English, for programs and logs. */
  message: string;
  /** When trying again may help without anybody doing something. */
  retryAfterSeconds: number;
};

export const faults: Record<FaultReason, Fault> = {
  disk_full: {
    code: 'no_space',
    message: 'The disk of the hub is full. Reading goes on; changes go on when there is room again.',
    retryAfterSeconds: 30,
  },
  quota: {
    code: 'no_space',
    message: 'The quota of the hub on its disk is used up. Reading goes on; changes go on when it is raised.',
    retryAfterSeconds: 30,
  },
  file_too_large: {
    code: 'too_large',
    message: 'The disk of the hub does not take files as large as this.',
    retryAfterSeconds: 0,
  },
  too_many_open: {
    code: 'unavailable',
    message: 'The hub has too many files open at this moment. Try again.',
    retryAfterSeconds: 5,
  },
  memory: {
    code: 'unavailable',
    message: 'The hub has no memory left at this moment. Try again.',
    retryAfterSeconds: 5,
  },
  busy: {
    code: 'unavailable',
    message: 'Another program holds the database of the hub. Nothing was changed. Try again.',
    retryAfterSeconds: 2,
  },
  read_only: {
    code: 'unavailable',
    message: 'The disk of the hub is mounted read-only. Reading goes on, nothing can be changed.',
    retryAfterSeconds: 30,
  },
  denied: {
    code: 'unavailable',
    message: 'The hub may not use its own folder. Whoever runs it has to look at the owner of its files.',
    retryAfterSeconds: 30,
  },
  disk_error: {
    code: 'unavailable',
    message:
      'The disk of the hub reports errors. Nothing was changed. Try again, then tell whoever runs the hub.',
    retryAfterSeconds: 10,
  },
  damaged: {
    code: 'unavailable',
    message: 'The database of the hub is damaged. Whoever runs the hub has to put a backup in its place.',
    retryAfterSeconds: 60,
  },
  not_there: {
    code: 'unavailable',
    message: 'A file of the hub is not where it should be. Whoever runs the hub has to look at its disk.',
    retryAfterSeconds: 30,
  },
};

/** By the name on an error; of SQLite's longer names the beginning is enough. */
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
  // Extending the shared memory of the log is the one write that SQLite does not call full.
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

/** Errors wrap others; nobody wraps deeper than this. */
const deepest = 8;

/** Undefined: the error is not the system's. */
export function faultReasonOf(error: unknown): FaultReason | undefined {
  let each = error;
  for (let depth = 0; depth < deepest && each !== null && typeof each === 'object'; depth++) {
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

/** What to tell whoever asked; undefined when the error is not the system's. */
export function faultErrorOf(error: unknown): HubError | undefined {
  const reason = faultReasonOf(error);
  return reason && faultError(reason);
}

export function faultError(reason: FaultReason): HubError {
  const { code, message, retryAfterSeconds } = faults[reason];
  return new HubError(code, message, { reason, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) });
}

/** For the `Retry-After` of an answer: every 503, 507 and 429 has one. */
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
