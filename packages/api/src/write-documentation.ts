/** Writes docs/api.md, docs/notifications.md, docs/permissions.md and docs/request-states.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiPage, permissionsPage } from './documentation.ts';
import { notificationsPage } from './notifications-page.ts';
import { statesPage } from './states-page.ts';

const documents = join(import.meta.dirname, '../../../docs');

writeFileSync(join(documents, 'permissions.md'), permissionsPage());
writeFileSync(join(documents, 'notifications.md'), notificationsPage());
writeFileSync(join(documents, 'request-states.md'), statesPage());
writeFileSync(
  join(documents, 'api.md'),
  apiPage((name) => readFileSync(join(documents, 'examples', name), 'utf8')),
);
