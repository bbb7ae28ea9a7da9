import { expect, test } from 'vitest';
import { titleWithout } from './page-title.ts';

test('only the percentage at the beginning goes', () => {
  expect(titleWithout('62 % · Workspace · Turnover')).toBe('Workspace · Turnover');
  expect(titleWithout('Workspace · Turnover')).toBe('Workspace · Turnover');
});
