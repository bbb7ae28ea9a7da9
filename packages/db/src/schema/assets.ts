import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm, ComputedHow } from '@turnover/domain/media/checksums';
import type { MediaReport } from '@turnover/domain/media/media-report';
import type { PreviewKind } from '@turnover/domain/media/previews';
import { at, bytes, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/**
 * Immutable bytes, stored once. `rejected`: they differ from the declared checksum and were never published. `quarantined`:
 * nothing refers to them and their file was set aside. `freed`: the file is deleted.
 */
export const assets = sqliteTable(
  'assets',
  {
    id: id(),
    /** Whose space the bytes take. They never leave their project, so each asset counts once. */
    projectId: text('project_id').references(() => projects.id),
    /** Whose Workspace holds them; null when only requests do. */
    ownerId: text('owner_id').references(() => users.id),
    sizeBytes: bytes('size_bytes').notNull(),
    /** For ZIPs. Null until the bytes are sent in one for the first time: computing it for every upload would cost as much as the hash. */
    crc32: integer('crc32'),
    state: text('state').$type<'verifying' | 'stored' | 'rejected' | 'quarantined' | 'freed'>().notNull(),
    createdAt: at('created_at').notNull(),
    publishedAt: at('published_at'),
    /** Set when the last reference is removed: the first of the three steps of deletion. */
    unreferencedAt: at('unreferenced_at'),
    quarantinedAt: at('quarantined_at'),
  },
  (table) => [
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
    /** Null for a declared value, and for what was computed before the hub kept it. */
    how: text('how').$type<ComputedHow>(),
  },
  (table) => [
    primaryKey({ columns: [table.assetId, table.algorithm, table.source] }),
    index('asset_checksums_by_value').on(table.value),
  ],
);

/** Previews that somebody asked for: at most one attempt of an asset at a time. */
export const previewRuns = sqliteTable(
  'preview_runs',
  {
    assetId: text('asset_id')
      .primaryKey()
      .references(() => assets.id),
    /** Of the file when it was asked for: the name decides how a text is read. */
    name: text('name').notNull(),
    askedBy: text('asked_by')
      .notNull()
      .references(() => users.id),
    askedAt: at('asked_at').notNull(),
    /** Null: it waits or runs. */
    endedAt: at('ended_at'),
    /** Why there is not all that could be. */
    reason: text('reason'),
    /** What a player must know of the media. */
    report: text('report', { mode: 'json' }).$type<MediaReport>(),
  },
  (table) => [
    index('preview_runs_waiting')
      .on(table.askedBy)
      .where(sql`${table.endedAt} is null`),
  ],
);

/** What the stage `preview` made of an asset. Each row is a file beside the asset, which is deleted with it. */
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
 * The bytes that each project holds (`ownerId` is ''), and each Workspace of it. Triggers on `assets` keep it, so no code can
 * forget to; migration `space_used` has them, because Drizzle knows no triggers.
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
