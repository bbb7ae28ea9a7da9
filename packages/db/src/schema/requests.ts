import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ReasonCode } from '@turnover/domain/reasons';
import type { RequestStatus } from '@turnover/domain/request-machine';
import { at, bytes, flag, id } from '../columns.ts';
import { companies, users } from './accounts.ts';
import { assets } from './assets.ts';
import { projects } from './projects.ts';

export const requests = sqliteTable(
  'requests',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** Written by core's `moveRequest` only. */
    status: text('status').$type<RequestStatus>().notNull(),
    round: integer('round').notNull().default(1),
    dueAt: at('due_at'),
    promisedAt: at('promised_at'),
    promiseReason: text('promise_reason').notNull().default(''),
    demandsManifest: flag('demands_manifest').notNull().default(false),
    /** Counters of the files that are in the request now, kept in the transactions that change them. */
    fileCount: integer('file_count').notNull().default(0),
    totalBytes: bytes('total_bytes').notNull().default(0),
    manifestCount: integer('manifest_count').notNull().default(0),
    createdBy: text('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    index('requests_by_due').on(table.projectId, table.dueAt, table.id),
    index('requests_by_status').on(table.projectId, table.status),
  ],
);

export const requestAssignees = sqliteTable(
  'request_assignees',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    userId: text('user_id').references(() => users.id),
    companyId: text('company_id').references(() => companies.id),
  },
  (table) => [
    index('request_assignees_by_request').on(table.requestId),
    index('request_assignees_by_user').on(table.userId),
    index('request_assignees_by_company').on(table.companyId),
  ],
);

/** A round is what was added and removed in it: `addedRound` and `removedRound` of these rows, never copies. */
export const deliveredFiles = sqliteTable(
  'delivered_files',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** Folders and name, joined by `/`. */
    path: text('path').notNull(),
    pathKey: text('path_key').notNull(),
    assetId: text('asset_id')
      .notNull()
      .references(() => assets.id),
    isManifest: flag('is_manifest').notNull().default(false),
    deliveredBy: text('delivered_by')
      .notNull()
      .references(() => users.id),
    addedAt: at('added_at').notNull(),
    addedRound: integer('added_round').notNull(),
    removedAt: at('removed_at'),
    removedRound: integer('removed_round'),
    removedBy: text('removed_by').references(() => users.id),
    removal: text('removal').$type<'removed' | 'cleared' | 'replaced'>(),
  },
  (table) => [
    uniqueIndex('delivered_files_path_once')
      .on(table.requestId, table.pathKey)
      .where(sql`${table.removedAt} is null`),
    index('delivered_files_by_asset').on(table.assetId),
  ],
);

/** Immutable once submitted. */
export const rounds = sqliteTable(
  'rounds',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    number: integer('number').notNull(),
    submittedAt: at('submitted_at').notNull(),
    submittedBy: text('submitted_by')
      .notNull()
      .references(() => users.id),
    processedAt: at('processed_at'),
    /** Files whose pipeline this round runs, and how many of them have ended; null until fanned out. */
    filesToProcess: integer('files_to_process'),
    filesProcessed: integer('files_processed').notNull().default(0),
    filesFailed: integer('files_failed').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.number] })],
);

/** `round` is the one that was found wanting. */
export const redeliveries = sqliteTable(
  'redeliveries',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    round: integer('round').notNull(),
    askedBy: text('asked_by')
      .notNull()
      .references(() => users.id),
    askedAt: at('asked_at').notNull(),
    reasons: text('reasons', { mode: 'json' }).$type<ReasonCode[]>().notNull(),
    comment: text('comment').notNull(),
    cleared: flag('cleared').notNull(),
  },
  (table) => [index('redeliveries_by_request').on(table.requestId, table.round)],
);
