/** Writes docs/api.md and docs/permissions.md anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiPage, permissionsPage } from './documentation.ts';

const documents = join(import.meta.dirname, '../../../docs');

writeFileSync(join(documents, 'permissions.md'), permissionsPage());
writeFileSync(
  join(documents, 'api.md'),
  apiPage(readFileSync(join(documents, 'examples/delivery.sh'), 'utf8')),
);
