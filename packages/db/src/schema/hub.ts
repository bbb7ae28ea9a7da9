import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { at, id } from '../columns.ts';

/** One row: who this hub is, in which data folder it lives, and how late it has been by a clock that was right. */
export const hub = sqliteTable('hub', {
  id: id(),
  createdAt: at('created_at').notNull(),
  /** The marker in the data folder holds the same one. Null: the database has not been started in a folder yet. */
  folderId: text('folder_id'),
  /** Of a backup: random, written by whoever made the copy. A copy that was never started has no log of its own. */
  copyId: text('copy_id'),
  /** The `copyId` of the backup this database was started from. */
  startedCopyId: text('started_copy_id'),
  /** The latest moment at which the clock was believed. */
  clockAt: at('clock_at'),
  /** Since when the clock is not believed; null: it is. */
  clockDistrustedAt: at('clock_distrusted_at'),
});
