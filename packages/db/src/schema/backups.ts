import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { BackupFailure, restoreStates } from '@turnover/domain/server/backups';
import { at, bytes, id } from '../columns.ts';
import { users } from './accounts.ts';

/** Backups by the worker: those of the schedule, and those that an owner asked for. */
export const backupRuns = sqliteTable(
  'backup_runs',
  {
    id: id(),
    /** The time of the schedule; null when an owner asked for the backup. */
    dueAt: at('due_at'),
    askedBy: text('asked_by').references(() => users.id),
    status: text('status').$type<'waiting' | 'running' | 'made' | 'failed'>().notNull(),
    createdAt: at('created_at').notNull(),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
    /** The folder, and the name of the database file in it. */
    folder: text('folder'),
    name: text('name'),
    sizeBytes: bytes('size_bytes'),
    /** How many stored files the manifest lists. */
    assets: integer('assets'),
    failure: text('failure').$type<BackupFailure>(),
  },
  (table) => [index('backup_runs_by_time').on(table.createdAt), index('backup_runs_by_due').on(table.dueAt)],
);

/** Restores: those that an owner ordered here, and the one from which this database came. */
export const restores = sqliteTable(
  'restores',
  {
    id: id(),
    /** The name of the backup's database file. */
    backup: text('backup').notNull(),
    /** The e-mail address of the owner, because an older database may not know their account. Null for the command. */
    orderedBy: text('ordered_by'),
    state: text('state').$type<(typeof restoreStates)[number]>().notNull(),
    createdAt: at('created_at').notNull(),
    reason: text('reason'),
    restorePoint: text('restore_point'),
  },
  (table) => [index('restores_by_time').on(table.createdAt)],
);
