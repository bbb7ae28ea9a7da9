import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from './write-documentation.ts';

test('docs/self-hosting.md matches the settings in the code', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/self-hosting.md'), 'utf8');
  const rewrite = 'write it anew with: npm run docs';
  expect(withSettings(page) === page, rewrite).toBe(true);
});
