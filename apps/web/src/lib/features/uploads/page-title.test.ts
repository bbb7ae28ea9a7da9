import { expect, test } from 'vitest';
import { titleWithout } from './page-title.ts';

test('removes only a percentage at the beginning', () => {
  expect(titleWithout('62 % · Workspace · Turnover')).toBe('Workspace · Turnover');
  expect(titleWithout('Workspace · Turnover')).toBe('Workspace · Turnover');
});
