import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { RoundStages } from '@turnover/domain/media/stage-choice';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { at, bytes, flag, id } from '../columns.ts';
import { companies, users } from './accounts.ts';
import { assets } from './assets.ts';
import { projects } from './projects.ts';
import { requestTypes } from './request-types.ts';

/** A removal of many files in batches: those of the selection that were present at `at`. */
export type PendingRemoval = FileSelection & {
  removal: 'removed' | 'cleared';
  actorId: string;
  at: number;
  /** Files removed so far, by their deliverer. */
  done: Record<string, { count: number; names: string[] }>;
};

export const requests = sqliteTable(
  'requests',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    /** Only core's `moveRequest` writes it. */
    status: text('status').$type<RequestStatus>().notNull(),
    round: integer('round').notNull().default(1),
    dueAt: at('due_at'),
    promisedAt: at('promised_at'),
    promiseReason: text('promise_reason').notNull().default(''),
    /** The type version the request was made with or moved to; null when it has no type. */
    typeId: text('type_id').references(() => requestTypes.id),
    typeVersion: integer('type_version'),
    demandsManifest: flag('demands_manifest').notNull().default(false),
    /** The hub submits the request once all expected files have arrived. */
    automaticSubmit: flag('automatic_submit').notNull().default(false),
    /** A running removal of more files than one transaction may take; null when there is none. */
    removal: text('removal', { mode: 'json' }).$type<PendingRemoval>(),
    /** The `dueAt` of the last warning, and how long before it the warning was sent. */
    warnedOf: text('warned_of'),
    /** When a coordinator last reminded the assignees. */
    remindedAt: at('reminded_at'),
    /** Counters of the request's present files, updated in the transactions that change them. */
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
    /** The usual order of the list: what is finished last, and before it what has no due date. */
    index('requests_in_order').on(
      table.projectId,
      sql`(${table.status} = 'accepted' or ${table.status} = 'cancelled')`,
      sql`case when ${table.dueAt} is null then 9e15 else ${table.dueAt} end`,
      table.id,
    ),
    index('requests_by_type').on(table.typeId, table.typeVersion),
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

/** A round consists of what was added and removed in it (`addedRound`, `removedRound`), never of copies. */
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
    /** The key of paths that look alike, when it differs from the path's own key. */
    lookKey: text('look_key'),
    /** Shared by files of a folder whose names differ only in their number; null: the name has no frame number. */
    sequenceKey: text('sequence_key'),
    frame: integer('frame'),
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
    removal: text('removal').$type<'removed' | 'cleared' | 'replaced' | 'renamed'>(),
    /** The time to restore it has ended: its bytes may be freed, and the row only documents its round. */
    purgedAt: at('purged_at'),
  },
  (table) => [
    uniqueIndex('delivered_files_path_once')
      .on(table.requestId, table.pathKey)
      .where(sql`${table.removedAt} is null`),
    index('delivered_files_by_look')
      .on(table.requestId, table.lookKey)
      .where(sql`${table.lookKey} is not null and ${table.removedAt} is null`),
    index('delivered_files_by_asset').on(table.assetId),
    index('delivered_files_by_round').on(
      table.requestId,
      table.pathKey,
      table.addedRound,
      table.removedRound,
    ),
    index('delivered_files_by_sequence')
      .on(table.requestId, table.sequenceKey, table.frame)
      .where(sql`${table.sequenceKey} is not null`),
    index('delivered_files_in_trash')
      .on(table.requestId, table.removedAt)
      .where(sql`${table.removedAt} is not null and ${table.purgedAt} is null`),
    index('delivered_files_to_purge')
      .on(table.removedAt)
      .where(sql`${table.removedAt} is not null and ${table.purgedAt} is null`),
  ],
);

/** Does not change after submit. */
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
    /** How many files this round processes and how many have ended; null until the stages are queued. */
    filesToProcess: integer('files_to_process'),
    filesProcessed: integer('files_processed').notNull().default(0),
    filesFailed: integer('files_failed').notNull().default(0),
    /** The stages that it asks for; null until its processing begins, and for rounds from before types could choose. */
    stages: text('stages', { mode: 'json' }).$type<RoundStages>(),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.number] })],
);

/** `round` is the round that was rejected. */
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
    reasons: text('reasons', { mode: 'json' }).$type<string[]>().notNull(),
    comment: text('comment').notNull(),
    cleared: flag('cleared').notNull(),
  },
  (table) => [index('redeliveries_by_request').on(table.requestId, table.round)],
);

/** A rule that somebody overrode for a file or for the whole request (empty `pathKey`), and why. */
export const ruleOverrides = sqliteTable(
  'rule_overrides',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    round: integer('round').notNull(),
    rule: text('rule').notNull(),
    path: text('path').notNull().default(''),
    pathKey: text('path_key').notNull().default(''),
    reason: text('reason').notNull(),
    by: text('by')
      .notNull()
      .references(() => users.id),
    at: at('at').notNull(),
  },
  (table) => [uniqueIndex('rule_overrides_once').on(table.requestId, table.rule, table.pathKey)],
);
