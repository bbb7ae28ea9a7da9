import { expect, test } from 'vitest';
import type { NotificationView } from '@turnover/domain/notifications';
import { aWeekLater, endingSharesOf } from './extend-share.ts';

function ending(data: NotificationView['data'], kind: NotificationView['kind'] = 'share.ending') {
  const rest = { id: 'ntf_1', projectId: null, project: null, actor: null, createdAt: 0, readAt: null };
  return endingSharesOf({ ...rest, kind, data });
}

test('only the sharer can extend the shares that end', () => {
  const shares = { entryIds: ['ent_1', 'ent_1', 'ent_2'], shareIds: ['shr_1', 'shr_2', 'shr_3'] };
  expect(ending({ ...shares, mine: true })).toEqual([
    { entryId: 'ent_1', shareId: 'shr_1' },
    { entryId: 'ent_1', shareId: 'shr_2' },
    { entryId: 'ent_2', shareId: 'shr_3' },
  ]);
  expect(ending({ ...shares, mine: false })).toEqual([]);
  expect(ending({ ...shares, mine: true }, 'share.ended')).toEqual([]);
});

test('a notification of an earlier version names one share', () => {
  const share = { entryId: 'ent_1', shareId: 'shr_1' };
  expect(ending({ ...share, mine: true })).toEqual([share]);
  expect(ending({ shareId: 'shr_1', mine: true })).toEqual([]);
});

test('adds a week to the end, or to today when the end has passed', () => {
  expect(aWeekLater('2026-02-27', '2026-02-21')).toBe('2026-03-06');
  expect(aWeekLater('2026-02-20', '2026-02-21')).toBe('2026-02-28');
});
