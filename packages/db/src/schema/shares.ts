import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  sqliteTable,
  text,
  uniqueIndex,
  type AnySQLiteColumn,
} from 'drizzle-orm/sqlite-core';
import { at, flag, id } from '../columns.ts';
import { users } from './accounts.ts';
import { entries } from './entries.ts';
import { projects } from './projects.ts';

/**
 * Access to one entry and everything inside it, given by one person to another. Whether a share is in force depends on its
 * whole chain up to the owner (`sharedAccess` of domain), never on one row alone.
 */
export const shares = sqliteTable(
  'shares',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    entryId: text('entry_id')
      .notNull()
      .references(() => entries.id),
    /** The share that allowed the sharer to share; null when the sharer owns the entry. */
    parentId: text('parent_id').references((): AnySQLiteColumn => shares.id),
    sharerId: text('sharer_id')
      .notNull()
      .references(() => users.id),
    /** Null until the invited person has an account. */
    granteeId: text('grantee_id').references(() => users.id),
    granteeEmail: text('grantee_email').notNull(),
    /** A person who joined with the address without proving it. The sharer is asked to confirm them. */
    claimantId: text('claimant_id').references(() => users.id),
    canShare: flag('can_share').notNull(),
    canUpdate: flag('can_update').notNull(),
    /** When the access ends: the first moment without it; null without an end. */
    expiresAt: at('expires_at'),
    /** The day and time zone that `expiresAt` was computed from: `2026-12-01`, `Europe/Berlin`. */
    expiresOn: text('expires_on'),
    timeZone: text('time_zone'),
    note: text('note').notNull().default(''),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
    revokedAt: at('revoked_at'),
    revokedBy: text('revoked_by').references(() => users.id),
    /** When the grantee removed it from their list. They keep their access. */
    hiddenAt: at('hidden_at'),
    openedAt: at('opened_at'),
    downloadedAt: at('downloaded_at'),
    /** Number of distinct files downloaded through it. */
    downloadedFiles: integer('downloaded_files').notNull().default(0),
    verifiedAt: at('verified_at'),
    remindedAt: at('reminded_at'),
    /** The `expiresAt` that both sides were last warned about. */
    warnedOf: at('warned_of'),
  },
  (table) => {
    const live = sql`${table.revokedAt} is null`;
    return [
      uniqueIndex('shares_once').on(table.entryId, table.sharerId, table.granteeEmail).where(live),
      index('shares_of_person').on(table.granteeId, table.projectId).where(live),
      index('shares_of_email')
        .on(table.granteeEmail)
        .where(sql`${table.granteeId} is null and ${table.revokedAt} is null`),
      index('shares_by_parent').on(table.parentId),
      index('shares_by_entry').on(table.entryId),
      index('shares_by_end')
        .on(table.expiresAt)
        .where(sql`${table.expiresAt} is not null and ${table.revokedAt} is null`),
    ];
  },
);
