import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { ManifestCreator } from '@turnover/domain/manifests/creator';
import type { ListHistory } from '@turnover/domain/manifests/list-history';
import type { StatedFolder } from '@turnover/domain/manifests/stated-folders';
import type { ManifestCounts } from '@turnover/domain/manifests/summary';
import type { EntryVerdict } from '@turnover/domain/manifests/verdicts';
import { at, bytes } from '../columns.ts';
import { deliveredFiles, requests } from './requests.ts';

/** Checksum lists that were read, one row per delivered file. Written once, and deleted with the file. */
export const manifests = sqliteTable(
  'manifests',
  {
    fileId: text('file_id')
      .primaryKey()
      .references(() => deliveredFiles.id),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** `unreadable`: the file is no list after all, or the hub could not read it. */
    kind: text('kind').$type<'list' | 'unsupported' | 'unreadable'>().notNull(),
    /** The format of the list or of the unsupported file. */
    what: text('what').notNull(),
    notes: text('notes', { mode: 'json' }).$type<string[]>().notNull(),
    entries: integer('entries').notNull(),
    /** Number of lines that are not entries. */
    unread: integer('unread').notNull(),
    readAt: at('read_at').notNull(),
    /** Who made the list; null when it does not state that, or was read by an older version of the hub. */
    creator: text('creator', { mode: 'json' }).$type<ManifestCreator>(),
    /** Lines of a gitignore file. */
    ignores: text('ignores', { mode: 'json' }).$type<readonly string[]>().notNull().default([]),
    /** The hashes of folders that it states. */
    folders: text('folders', { mode: 'json' }).$type<readonly StatedFolder[]>().notNull().default([]),
    /** The place of the list in an ASC MHL history, as of the last comparison. */
    history: text('history', { mode: 'json' }).$type<ListHistory>(),
  },
  (table) => [index('manifests_by_request').on(table.requestId)],
);

/** The entries of the lists, one row per value, with the result of their comparison. */
export const manifestEntries = sqliteTable(
  'manifest_entries',
  {
    listId: text('list_id')
      .notNull()
      .references(() => deliveredFiles.id),
    number: integer('number').notNull(),
    path: text('path').notNull(),
    /** Algorithms that the value may belong to, most likely first, separated by spaces. */
    algorithms: text('algorithms').notNull(),
    value: text('value').notNull(),
    sizeBytes: bytes('size_bytes'),
    line: integer('line').notNull(),
    /** Notes on the entry itself, separated by spaces. */
    notes: text('notes').notNull(),
    /** The delivered file that the entry is about; null when there is none. */
    fileId: text('file_id').references(() => deliveredFiles.id),
    verdict: text('verdict').$type<EntryVerdict>().notNull().default('missing'),
    /** The algorithm that decided the verdict, or that must be computed first. */
    algorithm: text('algorithm').$type<ChecksumAlgorithm>(),
    /** Notes on how the entry was matched to its file. */
    matchNotes: text('match_notes').notNull().default(''),
    /** The path in the generation before, when the file was renamed. */
    previousPath: text('previous_path'),
    /** When the sender's program computed the value. */
    computedAt: at('computed_at'),
    /** The text of the list in place of a path: the number of a generation, or the id and name of an asset. */
    stated: text('stated'),
  },
  (table) => [
    primaryKey({ columns: [table.listId, table.number] }),
    index('manifest_entries_by_file')
      .on(table.fileId)
      .where(sql`${table.fileId} is not null`),
    index('manifest_entries_by_verdict').on(table.listId, table.verdict, table.number),
  ],
);

/** Files that no list names because an ignore pattern of their history excludes them. */
export const ignoredFiles = sqliteTable(
  'ignored_files',
  {
    fileId: text('file_id')
      .primaryKey()
      .references(() => deliveredFiles.id),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    listId: text('list_id')
      .notNull()
      .references(() => deliveredFiles.id),
    pattern: text('pattern').notNull(),
  },
  (table) => [index('ignored_files_by_request').on(table.requestId)],
);

/**
 * The progress of comparing a request's lists. `wanted` grows with every relevant change; a comparison sets `done` to the
 * `wanted` it began with.
 */
export const manifestComparisons = sqliteTable('manifest_comparisons', {
  requestId: text('request_id')
    .primaryKey()
    .references(() => requests.id),
  wanted: integer('wanted').notNull(),
  done: integer('done').notNull(),
  lists: integer('lists').notNull(),
  counts: text('counts', { mode: 'json' }).$type<ManifestCounts>(),
  /** The result that the history last recorded. */
  told: text('told'),
  /** The preferred algorithms of the lists, computed for new files while they arrive. */
  algorithms: text('algorithms', { mode: 'json' }).$type<ChecksumAlgorithm[]>().notNull(),
  comparedAt: at('compared_at'),
  /** The earliest time of the next comparison. It prevents that each of 75,000 arriving files causes a comparison. */
  nextAt: at('next_at').notNull(),
});
