import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Role } from '@turnover/domain/people/projects';
import { navigationFor, startOf } from './navigation-for.ts';

test.each<[Role | null, boolean, string[]]>([
  ['coordinator', false, ['work', 'workspace', 'deliveries', 'activity', 'types', 'people', 'projects']],
  ['partner', false, ['work', 'workspace', 'deliveries', 'activity', 'projects']],
  ['reviewer', false, ['work', 'deliveries', 'activity', 'projects']],
  ['workspace', false, ['workspace', 'projects']],
  [null, true, ['people', 'projects', 'server']],
])('%s (owner: %s) sees %j', (role, isOwner, pages) => {
  expect(navigationFor({ id: 'prj_1', role }, isOwner).map(({ page }) => page)).toEqual(pages);
});

test('a project opens at the first page that the person may see', () => {
  expect(startOf({ id: 'prj_1', role: 'reviewer' }, false)).toBe('/p/prj_1/work');
  expect(startOf({ id: 'prj_1', role: 'workspace' }, false)).toBe('/p/prj_1/workspace');
  expect(startOf({ id: 'prj_1', role: null }, true)).toBe('/p/prj_1/people');
});

test('My work shows the number of tasks', () => {
  const [work, ...others] = navigationFor({ id: 'prj_1', role: 'partner' }, false, 5);
  expect(work).toMatchObject({ page: 'work', count: 5 });
  expect(others.every(({ count }) => count === undefined)).toBe(true);
});

test('shows the list of projects when no project is open', () => {
  expect(navigationFor(null, false)).toEqual([{ page: 'projects', href: '/projects' }]);
});

test('the sidebar leads to every page of a project', () => {
  const folder = join(import.meta.dirname, '../../routes/(app)/p/[project]');
  const pages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const shown = navigationFor({ id: 'prj_1', role: 'coordinator' }, true).map(({ href }) => href);
  expect(shown).toEqual(expect.arrayContaining(pages.map(({ name }) => `/p/prj_1/${name}`)));
});
