import { beforeEach, expect, test, vi } from 'vitest';
import { emptyFinding } from './finding-draft.ts';
import { PinnedFindings } from './pinned-findings.svelte.ts';

const store = new Map<string, string>();
vi.stubGlobal('localStorage', {
  getItem: (key: string) => store.get(key) ?? null,
  setItem: (key: string, value: string) => void store.set(key, value),
});
const listeners = new Set<(event: { key: string }) => void>();
vi.stubGlobal('addEventListener', (_: string, listener: (event: { key: string }) => void) =>
  listeners.add(listener),
);
vi.stubGlobal('removeEventListener', () => listeners.clear());
/** The findings of a page that was reloaded, or of another tab. */
function openPage(personId = 'usr_1') {
  const findings = new PinnedFindings();
  return Object.assign(findings, { close: findings.open(personId) });
}
const draftOf = (key: number) => ({
  ...emptyFinding(key, '24'),
  reason: 'picture_spec',
  timecodeIn: '01:00:00:00',
});
beforeEach(() => {
  store.clear();
  listeners.clear();
});

test('keeps the findings of each request separately in the browser until they are sent', () => {
  const before = openPage();
  const draft = draftOf(before.nextKey('req_1'));
  before.add('req_1', draft);
  before.add('req_1', draftOf(before.nextKey('req_1')));
  before.remove('req_1', draft.key);
  const after = openPage();
  expect(after.of('req_1')).toEqual([draftOf(draft.key + 1)]);
  expect(after.of('req_2')).toEqual([]);
  after.clear('req_1');
  expect(openPage().of('req_1')).toEqual([]);
});

test('does not show the findings of another person who uses the same browser', () => {
  const mine = openPage('usr_1');
  mine.add('req_1', draftOf(1));
  expect(openPage('usr_2').of('req_1')).toEqual([]);
  expect(openPage('usr_1').of('req_1')).toHaveLength(1);
  mine.close();
  expect(mine.of('req_1')).toEqual([]);
});

test('shows a finding at once that another tab pinned', () => {
  const one = openPage();
  const [follow] = [...listeners];
  const other = openPage();
  other.add('req_1', draftOf(other.nextKey('req_1')));
  expect(one.of('req_1')).toEqual([]);
  follow!({ key: 'turnover.pinned.usr_1' });
  expect(one.of('req_1')).toHaveLength(1);
  expect(one.nextKey('req_1')).not.toBe(one.of('req_1')[0]!.key);
});

test('deletes old findings, and those of the requests that were unused for longest', () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  const page = openPage();
  for (let request = 0; request < 25; request += 1) page.add(`req_${request}`, draftOf(1));
  const later = openPage();
  expect([later.of('req_4').length, later.of('req_5').length]).toEqual([0, 1]);
  vi.setSystemTime(Date.UTC(2026, 1, 1));
  expect(openPage().of('req_24')).toEqual([]);
  vi.useRealTimers();
});

test.each([
  'not json',
  '{"a":1}',
  '[1,null,{"requestId":"req_1"}]',
  '[{"requestId":"req_1","at":9e15,"drafts":[1,{"key":"x"}]}]',
])('ignores data of another version: %s', (text) => {
  store.set('turnover.pinned.usr_1', text);
  expect(openPage().of('req_1')).toEqual([]);
});
