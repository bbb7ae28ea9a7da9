import { expect, test } from 'vitest';
import type { NotificationView } from '@turnover/domain/notifications';
import { aWeekLater, endingShareOf } from './extend-share.ts';

function ending(data: NotificationView['data'], kind: NotificationView['kind'] = 'share.ending') {
  const rest = { id: 'ntf_1', projectId: null, project: null, actor: null, createdAt: 0, readAt: null };
  return endingShareOf({ ...rest, kind, data });
}

test('only the sharer of a share that ends can extend it', () => {
  const share = { entryId: 'ent_1', shareId: 'shr_1' };
  expect(ending({ ...share, mine: true })).toEqual(share);
  expect(ending({ ...share, mine: false })).toBeNull();
  expect(ending({ ...share, mine: true }, 'share.ended')).toBeNull();
  expect(ending({ shareId: 'shr_1', mine: true })).toBeNull();
});

test('adds a week to the end, or to today when the end has passed', () => {
  expect(aWeekLater('2026-02-27', '2026-02-21')).toBe('2026-03-06');
  expect(aWeekLater('2026-02-20', '2026-02-21')).toBe('2026-02-28');
});
