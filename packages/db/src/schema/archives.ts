import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';
import { requests } from './requests.ts';

/** Prepared ZIP archives: the stored selection gives the ZIP an address. */
export const archives = sqliteTable(
  'archives',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    /** Null for a selection of entries. */
    requestId: text('request_id').references(() => requests.id),
    selection: text('selection', { mode: 'json' }).$type<EntrySelection | FileSelection>().notNull(),
    /** When the archive was prepared, or its last download began. */
    usedAt: at('used_at').notNull(),
  },
  (table) => [
    index('archives_of_person').on(table.userId, table.usedAt),
    index('archives_by_age').on(table.usedAt),
  ],
);
