import { describe, expect, test } from 'vitest';
import type { DeliverySummary, EntryDelivery } from '@turnover/domain/workspace/deliveries';
import { deliveryLines, deliverySentence, isDelivered } from './delivery-words.ts';
import { nothingYet } from './entry-words.ts';

const latest: EntryDelivery = {
  requestId: 'req_a',
  requestName: 'M&E',
  round: 2,
  state: 'accepted',
  files: 1,
};
const linesOf = (delivery: DeliverySummary | null, files: number | null = null) =>
  deliveryLines({ ...nothingYet, kind: files === null ? 'file' : 'folder', files, delivery }).map(
    ({ text }) => text,
  );

test('knows what went nowhere yet', () => {
  const no = { delivered: 0, latest: null, more: 0 };
  const seen = [null, no, { ...no, delivered: 1 }, { ...no, latest }];
  expect(seen.map((delivery) => isDelivered({ delivery }))).toEqual([false, false, true, true]);
});

describe('where files were delivered', () => {
  test('names request, round and state for a file', () => {
    expect(linesOf({ delivered: 1, latest, more: 3 })).toEqual(['M&E', 'Round 2, accepted']);
    expect(linesOf({ delivered: 0, latest: { ...latest, state: 'added' }, more: 0 })).toEqual([
      'M&E',
      'Round 2, not submitted yet',
    ]);
    expect(deliverySentence(latest)).toBe('Delivered in round 2 of “M&E” · accepted');
    expect(deliverySentence({ ...latest, state: 'added' })).toBe('Added to “M&E”, not submitted');
  });

  test('shows counts for a folder', () => {
    expect(linesOf({ delivered: 14, latest: { ...latest, files: 14 }, more: 0 }, 14)).toEqual([
      'M&E',
      'Round 2, accepted',
    ]);
    expect(linesOf({ delivered: 3, latest, more: 0 }, 14)).toEqual(['3 of 14 delivered', 'M&E']);
    expect(linesOf({ delivered: 3, latest, more: 1 }, 14)).toEqual(['3 of 14 delivered', 'To 2 requests']);
    expect(linesOf({ delivered: 0, latest: { ...latest, state: 'added' }, more: 0 }, 1200)).toEqual([
      '1 of 1,200 added, not submitted',
      'M&E',
    ]);
  });

  test('names no request that the person may not see', () => {
    expect(linesOf({ delivered: 0, latest: null, more: 0 })).toEqual(['Not delivered']);
    expect(linesOf({ delivered: 1, latest: null, more: 0 })).toEqual(['Delivered']);
    expect(linesOf({ delivered: 1, latest: null, more: 0 }, 2)).toEqual(['1 of 2 delivered']);
  });

  test('shows nothing for a folder without files, or with too many to examine', () => {
    expect(linesOf({ delivered: 0, latest: null, more: 0 }, 0)).toEqual([]);
    expect(linesOf(null, 5000)).toEqual([]);
  });
});
