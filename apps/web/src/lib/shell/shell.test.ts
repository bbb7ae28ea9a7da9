import { expect, test } from 'vitest';
import { currentEntry, type NavigationEntry } from './shell.ts';

const navigation: NavigationEntry[] = [
  { page: 'workspace', href: '/projects/p1/workspace' },
  { page: 'deliveries', href: '/projects/p1/deliveries' },
  { page: 'projects', href: '/projects' },
];

test.each([
  ['/projects/p1/workspace', 'workspace'],
  ['/projects/p1/deliveries/req_1', 'deliveries'],
  ['/projects', 'projects'],
  ['/projects/p1/workspaces', 'projects'],
  ['/account', undefined],
])('%s belongs to %s', (path, page) => {
  expect(currentEntry(navigation, path)?.page).toBe(page);
});
