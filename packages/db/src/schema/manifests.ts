import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { ManifestCounts } from '@turnover/domain/manifests/summary';
import type { EntryVerdict } from '@turnover/domain/manifests/verdicts';
import { at, bytes } from '../columns.ts';
import { deliveredFiles, requests } from './requests.ts';

/** Checksum lists that were read, each the delivered file it came as. Written once; gone when the file is taken out. */
export const manifests = sqliteTable(
  'manifests',
  {
    fileId: text('file_id')
      .primaryKey()
      .references(() => deliveredFiles.id),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** `unreadable`: it is no list after all, or the hub could not read it. */
    kind: text('kind').$type<'list' | 'unsupported' | 'unreadable'>().notNull(),
    /** The dialect of a list, or what an unsupported one is. */
    what: text('what').notNull(),
    notes: text('notes', { mode: 'json' }).$type<string[]>().notNull(),
    entries: integer('entries').notNull(),
    /** Lines that are no entries. */
    unread: integer('unread').notNull(),
    readAt: at('read_at').notNull(),
  },
  (table) => [index('manifests_by_request').on(table.requestId)],
);

/** What the lists say, one row for each value; and what came of comparing it. */
export const manifestEntries = sqliteTable(
  'manifest_entries',
  {
    listId: text('list_id')
      .notNull()
      .references(() => deliveredFiles.id),
    number: integer('number').notNull(),
    path: text('path').notNull(),
    /** What the value may be of, the likeliest first, with spaces between them. */
    algorithms: text('algorithms').notNull(),
    value: text('value').notNull(),
    sizeBytes: bytes('size_bytes'),
    line: integer('line').notNull(),
    /** What is odd about the entry itself, with spaces between. */
    notes: text('notes').notNull(),
    /** The delivered file that is meant; null: none. */
    fileId: text('file_id').references(() => deliveredFiles.id),
    verdict: text('verdict').$type<EntryVerdict>().notNull().default('missing'),
    /** What decided, or what has to be computed first. */
    algorithm: text('algorithm').$type<ChecksumAlgorithm>(),
    /** What is odd about how it met its file. */
    matchNotes: text('match_notes').notNull().default(''),
  },
  (table) => [
    primaryKey({ columns: [table.listId, table.number] }),
    index('manifest_entries_by_file')
      .on(table.fileId)
      .where(sql`${table.fileId} is not null`),
    index('manifest_entries_by_verdict').on(table.listId, table.verdict, table.number),
  ],
);

/** How far the lists of a request are compared. `wanted` grows with whatever may change the result; `done` follows it. */
export const manifestComparisons = sqliteTable('manifest_comparisons', {
  requestId: text('request_id')
    .primaryKey()
    .references(() => requests.id),
  wanted: integer('wanted').notNull(),
  done: integer('done').notNull(),
  lists: integer('lists').notNull(),
  counts: text('counts', { mode: 'json' }).$type<ManifestCounts>(),
  /** As the history told it last. */
  told: text('told'),
  /** What the lists ask for first: computed of what arrives from now on while it lands. */
  algorithms: text('algorithms', { mode: 'json' }).$type<ChecksumAlgorithm[]>().notNull(),
  comparedAt: at('compared_at'),
  /** Not again before: a comparison of 75,000 files takes its time, and files may arrive one by one. */
  nextAt: at('next_at').notNull(),
});
