import { beforeEach, expect, test, vi } from 'vitest';
import { stubRunes } from '#lib/ui/testing-runes.ts';
import { emptyFinding } from './finding-draft.ts';

stubRunes();
const store = new Map<string, string>();
vi.stubGlobal('sessionStorage', {
  getItem: (key: string) => store.get(key) ?? null,
  setItem: (key: string, value: string) => void store.set(key, value),
});
/** As after a reload of the page. */
async function loadPage() {
  vi.resetModules();
  return (await import('./pinned-findings.svelte.ts')).pinnedFindings;
}
beforeEach(() => store.clear());

test('findings of each request are kept apart, over a reload, until they are sent', async () => {
  const before = await loadPage();
  const draft = {
    ...emptyFinding(before.nextKey('req_1'), '24'),
    reason: 'picture_spec',
    timecodeIn: '01:00:00:00',
  };
  before.add('req_1', draft);
  before.add('req_1', { ...draft, key: before.nextKey('req_1') });
  before.remove('req_1', draft.key);
  const after = await loadPage();
  expect(after.of('req_1')).toEqual([{ ...draft, key: draft.key + 1 }]);
  expect(after.of('req_2')).toEqual([]);
  after.clear('req_1');
  expect((await loadPage()).of('req_1')).toEqual([]);
});

test.each(['not json', '{"a":1}', '[1,null,{"key":"x"}]'])(
  'what another version stored is left out: %s',
  async (text) => {
    store.set('turnover.pinned.req_1', text);
    expect((await loadPage()).of('req_1')).toEqual([]);
  },
);
