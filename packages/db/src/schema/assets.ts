import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm, ComputedHow } from '@turnover/domain/media/checksums';
import type { MediaReport } from '@turnover/domain/media/media-report';
import type { PreviewKind } from '@turnover/domain/media/previews';
import { at, bytes, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/**
 * Immutable bytes, stored once. State `rejected`: they differ from the declared checksum and were never published.
 * `quarantined`: nothing references them, and their file was moved aside. `freed`: the file is deleted.
 */
export const assets = sqliteTable(
  'assets',
  {
    id: id(),
    /** The project whose space the bytes take. An asset never leaves its project, so it counts once. */
    projectId: text('project_id').references(() => projects.id),
    /** The person whose Workspace holds the bytes; null when only requests hold them. */
    ownerId: text('owner_id').references(() => users.id),
    sizeBytes: bytes('size_bytes').notNull(),
    /**
     * CRC-32 for ZIPs. Null until the bytes are first sent in a ZIP: computing it for every upload would cost as much as the
     * checksum.
     */
    crc32: integer('crc32'),
    state: text('state').$type<'verifying' | 'stored' | 'rejected' | 'quarantined' | 'freed'>().notNull(),
    createdAt: at('created_at').notNull(),
    publishedAt: at('published_at'),
    /** When the last reference was removed: the first of the three steps of deletion. */
    unreferencedAt: at('unreferenced_at'),
    quarantinedAt: at('quarantined_at'),
    /** When the scrubber last compared the stored file with its checksum. Null when it never did. */
    readBackAt: at('read_back_at'),
  },
  (table) => [
    index('assets_to_read_back')
      .on(table.readBackAt, table.publishedAt, table.sizeBytes)
      .where(sql`${table.state} = 'stored'`),
    index('assets_to_free')
      .on(table.unreferencedAt)
      .where(sql`${table.unreferencedAt} is not null`),
  ],
);

export const assetChecksums = sqliteTable(
  'asset_checksums',
  {
    assetId: text('asset_id')
      .notNull()
      .references(() => assets.id),
    algorithm: text('algorithm').$type<ChecksumAlgorithm>().notNull(),
    source: text('source').$type<'computed' | 'declared'>().notNull(),
    value: text('value').notNull(),
    at: at('at').notNull(),
    /** How the value was computed. Null for a declared value, and for values older than this column. */
    how: text('how').$type<ComputedHow>(),
  },
  (table) => [
    primaryKey({ columns: [table.assetId, table.algorithm, table.source] }),
    index('asset_checksums_by_value').on(table.value),
  ],
);

/** Previews made on demand: at most one attempt per asset at a time. */
export const previewRuns = sqliteTable(
  'preview_runs',
  {
    assetId: text('asset_id')
      .primaryKey()
      .references(() => assets.id),
    /** The file name at the time of the request: its extension decides how a text file is read. */
    name: text('name').notNull(),
    askedBy: text('asked_by')
      .notNull()
      .references(() => users.id),
    askedAt: at('asked_at').notNull(),
    /** Null while it waits or runs. */
    endedAt: at('ended_at'),
    /** Why previews are missing. */
    reason: text('reason'),
    /** What the stage returned when nothing was missing. A delivery of the same bytes takes it over. */
    facts: text('facts', { mode: 'json' }).$type<Record<string, string | number | boolean>>(),
    /** The media facts that a player needs. */
    report: text('report', { mode: 'json' }).$type<MediaReport>(),
  },
  (table) => [
    index('preview_runs_waiting')
      .on(table.askedBy)
      .where(sql`${table.endedAt} is null`),
  ],
);

/**
 * The previews of an asset, made by the stage `preview` or on demand. Each row is a file next to the asset, and is deleted
 * with it.
 */
export const assetPreviews = sqliteTable(
  'asset_previews',
  {
    assetId: text('asset_id')
      .notNull()
      .references(() => assets.id),
    kind: text('kind').$type<PreviewKind>().notNull(),
    sizeBytes: bytes('size_bytes').notNull(),
    createdAt: at('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.assetId, table.kind] })],
);

/**
 * The bytes that each project holds (with an empty `ownerId`), and each Workspace of it. Triggers on `assets` maintain it, so
 * that no code can forget to. They are in the migration `space_used`, because Drizzle does not support triggers.
 */
export const spaceUsed = sqliteTable(
  'space_used',
  {
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    ownerId: text('owner_id').notNull(),
    bytes: bytes('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.ownerId] })],
);
