import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { RoleWithFactor } from '@turnover/domain/people/second-factors';
import { at, id } from '../columns.ts';

/** One row: the hub's identity, its data folder, and the latest time of a trusted clock. */
export const hub = sqliteTable('hub', {
  id: id(),
  createdAt: at('created_at').notNull(),
  /** The id in the marker of the data folder. Null until the database is first started in a folder. */
  folderId: text('folder_id'),
  /** In backups only: a random id, written when the copy is made. A copy that was never started has no log of its own. */
  copyId: text('copy_id'),
  /** The `copyId` of the backup this database was started from. */
  startedCopyId: text('started_copy_id'),
  /** The private key that seals receipts and the audit log (PKCS 8, base64). Null until the first seal. */
  receiptKey: text('receipt_key'),
  /** Who must have a second factor to sign in: roles in projects, and `owner`. */
  secondFactorRoles: text('second_factor_roles', { mode: 'json' })
    .$type<RoleWithFactor[]>()
    .notNull()
    .default([]),
  /** The latest time at which the clock was trusted. */
  clockAt: at('clock_at'),
  /** Since when the clock is not trusted; null while it is. */
  clockDistrustedAt: at('clock_distrusted_at'),
});
