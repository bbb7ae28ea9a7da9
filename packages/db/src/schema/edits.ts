import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at } from '../columns.ts';
import { users } from './accounts.ts';

/** The latest edits of things that several people may edit at once: requests, request types, projects and reasons. */
export const edits = sqliteTable(
  'edits',
  {
    /** The id of the edited thing, or the code of a reason. */
    subjectId: text('subject_id').notNull(),
    /** 1 for the first edit. A thing without edits has revision 0. */
    revision: integer('revision').notNull(),
    fields: text('fields', { mode: 'json' }).$type<string[]>().notNull(),
    by: text('by')
      .notNull()
      .references(() => users.id),
    at: at('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.revision] })],
);
