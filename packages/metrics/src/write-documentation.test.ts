import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withMetrics } from './write-documentation.ts';

test('docs/metrics.md matches the metrics in the code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  expect(withMetrics(page) === page, 'write it anew with: npm run docs').toBe(true);
});
