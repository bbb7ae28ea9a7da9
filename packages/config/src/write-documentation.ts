/** Rewrites the table of settings in docs/self-hosting.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from './settings.ts';

const page = join(import.meta.dirname, '../../../docs/self-hosting.md');

export function withSettings(text: string): string {
  return text.replace(
    /<!-- settings -->[^]*<!-- \/settings -->/,
    () => `<!-- settings -->\n\n${settingsTable().trim()}\n\n<!-- /settings -->`,
  );
}

if (import.meta.main) writeFileSync(page, withSettings(readFileSync(page, 'utf8')));
