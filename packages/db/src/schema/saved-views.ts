import { sql } from 'drizzle-orm';
import { index, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { SavedQuery } from '@turnover/domain/requests/saved-views';
import { at, flag, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/** Views of the list of requests that a person has saved in a project. */
export const savedViews = sqliteTable(
  'saved_views',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    query: text('query', { mode: 'json' }).$type<SavedQuery>().notNull(),
    isDefault: flag('is_default').notNull().default(false),
    createdAt: at('created_at').notNull(),
    /** When it was removed; set as long as the removal can be undone. */
    removedAt: at('removed_at'),
  },
  (table) => [
    index('saved_views_of_person').on(table.userId, table.projectId),
    uniqueIndex('saved_views_name_once')
      .on(table.userId, table.projectId, table.nameKey)
      .where(sql`${table.removedAt} is null`),
  ],
);
