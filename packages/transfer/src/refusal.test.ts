import { expect, test } from 'vitest';
import { faultReasons } from '@turnover/domain/requests/system-faults';
import { refusalBody, refusalOf } from './refusal.ts';
import { StorageFailure } from './storage-failure.ts';

const withCode = (code: string) =>
  Object.assign(new Error(`${code}: no such thing, open '/srv/turnover/vault/ab'`), { code });

test.each([
  ['ENOSPC', 507, 'no_space', 'disk_full'],
  ['EDQUOT', 507, 'no_space', 'quota'],
  ['EFBIG', 413, 'too_large', 'file_too_large'],
  ['EMFILE', 503, 'unavailable', 'too_many_open'],
  ['EROFS', 503, 'unavailable', 'read_only'],
  ['SQLITE_BUSY', 503, 'unavailable', 'busy'],
  ['SQLITE_FULL', 507, 'no_space', 'disk_full'],
] as const)('%s is refused alike by the disk and by the database', (code, status, name, reason) => {
  for (const error of [withCode(code), new StorageFailure(withCode(code))]) {
    const refusal = refusalOf(error);
    expect(refusal).toMatchObject({ status, code: name, details: { reason } });
    expect('Retry-After' in refusal.headers).toBe(status !== 413);
    expect(refusalBody(refusal)).not.toMatch(/E[A-Z]{4}|SQLITE|srv|vault/);
  }
});

test('answers an unexpected error without its details and with Retry-After', () => {
  const refusal = refusalOf(new Error('/srv/secret'));
  expect(refusal).toMatchObject({ status: 503, code: 'unavailable', headers: { 'Retry-After': '5' } });
  expect(refusalBody(refusal)).not.toContain('secret');
  expect(faultReasons).not.toContain(refusal.details.reason);
});
