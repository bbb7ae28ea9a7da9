import { expect, test } from 'vitest';
import { httpStatus } from '../errors.ts';
import {
  faultError,
  faultErrorOf,
  faultReasonOf,
  faultReasons,
  faults,
  retryAfterOf,
} from './system-faults.ts';

const withCode = (code: unknown, cause?: unknown) =>
  Object.assign(new Error('raw words', { cause }), { code });

test.each([
  ['ENOSPC', 'disk_full', 507],
  ['SQLITE_FULL', 'disk_full', 507],
  ['EDQUOT', 'quota', 507],
  ['EFBIG', 'file_too_large', 413],
  ['EMFILE', 'too_many_open', 503],
  ['ENFILE', 'too_many_open', 503],
  ['SQLITE_BUSY', 'busy', 503],
  ['SQLITE_BUSY_SNAPSHOT', 'busy', 503],
  ['SQLITE_BUSY_RECOVERY', 'busy', 503],
  ['SQLITE_LOCKED_SHAREDCACHE', 'busy', 503],
  ['EROFS', 'read_only', 503],
  ['SQLITE_READONLY_DIRECTORY', 'read_only', 503],
  ['SQLITE_READONLY_DBMOVED', 'not_there', 503],
  ['EACCES', 'denied', 503],
  ['EIO', 'disk_error', 503],
  ['SQLITE_IOERR_FSYNC', 'disk_error', 503],
  ['SQLITE_IOERR_SHMSIZE', 'disk_full', 507],
  ['SQLITE_IOERR_NOMEM', 'memory', 503],
  ['SQLITE_CANTOPEN_ISDIR', 'not_there', 503],
  ['SQLITE_CORRUPT_INDEX', 'damaged', 503],
  ['ENOENT', 'not_there', 503],
] as const)('%s is %s, answered with %i', (code, reason, status) => {
  expect(faultReasonOf(withCode(code))).toBe(reason);
  expect(httpStatus[faultErrorOf(withCode(code))!.code]).toBe(status);
  expect(faultReasonOf(new Error('wrapped', { cause: withCode(undefined, withCode(code)) }))).toBe(reason);
});

test.each([
  [new Error('a bug')],
  [withCode('SQLITE_CONSTRAINT_UNIQUE')],
  [withCode('SQLITE_ERROR')],
  [withCode('ECONNRESET')],
  [withCode('ERR_STREAM_DESTROYED')],
  [withCode('constructor')],
  [withCode('__proto__')],
  [withCode(5)],
  [null],
  [undefined],
  ['ENOSPC'],
])('%s is not a fault of the system', (error) => {
  expect(faultErrorOf(error)).toBeUndefined();
});

test('stops at an error that is its own cause', () => {
  const error = withCode('X');
  error.cause = error;
  expect(faultReasonOf(error)).toBeUndefined();
});

test('messages contain no error codes or paths, and temporary faults say when to try again', () => {
  for (const reason of faultReasons) {
    const error = faultError(reason);
    expect(error.message).not.toMatch(/SQLITE|\bE[A-Z]{3,}|\//);
    expect(error.details.reason).toBe(reason);
    expect(retryAfterOf(error)).toBe(faults[reason].retryAfterSeconds || undefined);
  }
});
