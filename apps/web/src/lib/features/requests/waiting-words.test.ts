import { expect, test } from 'vitest';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import type { RequestView } from '@turnover/domain/requests/requests';
import { waitingWords } from './waiting-words.ts';

const never = { code: 'forbidden', details: {} } as const;
const notNow = { code: 'status_forbids', details: {} } as const;
type Gate = RequestView['possible']['submit'];

function words(status: RequestStatus, [add, submit, accept]: [Gate, Gate, Gate]): string | null {
  return waitingWords({ status, possible: { add, submit, accept } as RequestView['possible'] });
}

test.each<[string, RequestStatus, [Gate, Gate, Gate], string | null]>([
  ['an uploader', 'open', [null, never, never], 'A partner or the coordinator submits'],
  ['an uploader', 'redelivery', [null, never, never], 'A partner or the coordinator submits'],
  ['an uploader', 'processed', [notNow, never, never], 'Waiting for the coordinator'],
  ['an uploader', 'processing', [notNow, never, never], null],
  ['a partner', 'processed', [notNow, notNow, never], 'Waiting for the coordinator'],
  ['a partner', 'open', [null, notNow, never], null],
  ['a partner', 'accepted', [notNow, notNow, never], null],
  ['a reviewer', 'open', [never, never, never], null],
  ['a coordinator', 'processed', [notNow, notNow, null], null],
  ['a coordinator', 'processed', [notNow, notNow, notNow], null],
])('tells %s whom a request with status %s waits for', (_who, status, gates, expected) => {
  expect(words(status, gates)).toBe(expected);
});
