import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { StoredRoundStages } from '@turnover/domain/media/stage-choice';
import type { FileSelection } from '@turnover/domain/requests/files';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { at, bytes, flag, id } from '../columns.ts';
import { companies, users } from './accounts.ts';
import { assets } from './assets.ts';
import { projects } from './projects.ts';
import { requestTypes } from './request-types.ts';

/** A removal of many files in batches: the selected files that were present at `at`. */
export type PendingRemoval = FileSelection & {
  removal: 'removed' | 'cleared';
  actorId: string;
  at: number;
  /** Files removed so far, keyed by their deliverer. */
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
    /** Only `moveRequest` of core writes it. */
    status: text('status').$type<RequestStatus>().notNull(),
    round: integer('round').notNull().default(1),
    dueAt: at('due_at'),
    promisedAt: at('promised_at'),
    promiseReason: text('promise_reason').notNull().default(''),
    /** The type of the request, and below its version; null without a type. */
    typeId: text('type_id').references(() => requestTypes.id),
    typeVersion: integer('type_version'),
    demandsManifest: flag('demands_manifest').notNull().default(false),
    /** The hub submits the request once all expected files have arrived. */
    automaticSubmit: flag('automatic_submit').notNull().default(false),
    /** The running removal of more files than one transaction may take; null without one. */
    removal: text('removal', { mode: 'json' }).$type<PendingRemoval>(),
    /** `dueAt` at the time of the last warning, and the name of that warning. */
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
    /** The default order of the list: finished requests last, and before them those without a due date. */
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

/** A round is described by when its files were added and removed (`addedRound`, `removedRound`); rows are not copied. */
export const deliveredFiles = sqliteTable(
  'delivered_files',
  {
    id: id(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** The full path: folders and name, joined by `/`. */
    path: text('path').notNull(),
    pathKey: text('path_key').notNull(),
    /** The key shared by paths that look alike; null when it equals `pathKey`. */
    lookKey: text('look_key'),
    /** Shared by files of a folder whose names differ only in their number; null when the name has no frame number. */
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
    /** When the time to restore it ended: its bytes may be freed, and the row only documents its round. */
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

/** Submitted rounds. A row does not change after the submit, except for the progress of processing. */
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
    /** How many files this round processes, and below how many have ended; null until the stages are queued. */
    filesToProcess: integer('files_to_process'),
    filesProcessed: integer('files_processed').notNull().default(0),
    filesFailed: integer('files_failed').notNull().default(0),
    /** The stages that the round asks for; null until processing begins, and for rounds older than this column. */
    stages: text('stages', { mode: 'json' }).$type<StoredRoundStages>(),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.number] })],
);

/** Redeliveries. `round`: the round that was sent back. */
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

/** A rule that somebody overrode for a file, or for the whole request (empty `pathKey`), and why. */
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
