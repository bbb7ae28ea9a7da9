import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { requests } from './requests.ts';

/** What people say to each other at a request: plain text, whose markup is shown and never run. */
export const comments = sqliteTable(
  'comments',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    authorId: text('author_id')
      .notNull()
      .references(() => users.id),
    text: text('text').notNull(),
    /** Ids of the people mentioned in it: of its tokens, and those who were named beside it. */
    mentions: text('mentions', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: at('created_at').notNull(),
    editedAt: at('edited_at'),
    /** Its text is empty from then on. */
    deletedAt: at('deleted_at'),
  },
  (table) => [index('comments_of_request').on(table.requestId, table.id)],
);
