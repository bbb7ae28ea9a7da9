import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { requests } from './requests.ts';

/** Comments on a request, in plain text; markup is shown as text. */
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
    /** Ids of the mentioned people, in the text's tokens or separately. */
    mentions: text('mentions', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: at('created_at').notNull(),
    editedAt: at('edited_at'),
    /** When the comment was deleted. Its text is then empty. */
    deletedAt: at('deleted_at'),
  },
  (table) => [index('comments_of_request').on(table.requestId, table.id)],
);
