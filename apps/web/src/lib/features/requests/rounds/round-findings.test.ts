import { expect, test } from 'vitest';
import type { FindingView } from '@turnover/domain/requests/findings';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { fateOf } from './round-findings.ts';

const by = { id: 'usr_1', name: 'Cora' } as FindingView['by'];
const finding = (resolvedIn: number | null): FindingView => ({
  id: 'pin_1',
  round: 1,
  reason: 'audio_spec',
  file: null,
  timecodeIn: null,
  timecodeOut: null,
  frameRate: null,
  note: '',
  by,
  at: 1,
  answer: null,
  checked: resolvedIn === null ? null : { by, at: 2, round: resolvedIn },
});

test.each<[number, RequestStatus, number, string]>([
  [1, 'redelivery', 2, 'Carried on to round 2'],
  [1, 'processed', 2, 'Carried on to round 2'],
  [1, 'processed', 4, 'Still open in round 4'],
  [2, 'processed', 2, 'Not resolved yet'],
  [2, 'redelivery', 3, 'Carried on to round 3'],
  [1, 'accepted', 3, 'Not resolved'],
  [1, 'cancelled', 3, 'Not resolved'],
])(
  'shows on the page of round %i, in status %s of round %i, an open finding as "%s"',
  (number, status, round, words) => {
    expect(fateOf(finding(null), { status, round }, number)).toBe(words);
  },
);

test('shows for a resolved finding in which round and by whom it was resolved', () => {
  expect(fateOf(finding(3), { status: 'accepted', round: 4 }, 1)).toBe('Resolved in round 3 by Cora');
});
