import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allProcedures, apiPage, permissionsPage } from './documentation.ts';
import { notificationsPage } from './notifications-page.ts';
import { statesPage } from './states-page.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const rewrite = 'write it anew with: npm run docs';

test('docs/permissions.md matches the code', () => {
  expect(read('permissions.md') === permissionsPage(), rewrite).toBe(true);
});

test('docs/request-states.md matches the code', () => {
  expect(read('request-states.md') === statesPage(), rewrite).toBe(true);
});

test('docs/notifications.md matches the code', () => {
  expect(read('notifications.md') === notificationsPage(), rewrite).toBe(true);
});

test('docs/api.md matches the code', () => {
  expect(read('api.md') === apiPage((name) => read(`examples/${name}`)), rewrite).toBe(true);
});

test('every procedure declares a rule and its output', () => {
  const silent = allProcedures().filter(({ rule, type, output }) => !rule || (type === 'query' && !output));
  expect(silent).toEqual([]);
});
