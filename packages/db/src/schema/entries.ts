import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
  type AnySQLiteColumn,
} from 'drizzle-orm/sqlite-core';
import type { EntryKind } from '@turnover/domain/workspace/entries';
import { at, bytes, id } from '../columns.ts';
import { users } from './accounts.ts';
import { assets } from './assets.ts';
import { projects } from './projects.ts';

/**
 * Files and folders of the Workspaces. An entry of kind `sequence` contains the frames of an image sequence like a folder, so
 * that a list shows one row for them and an action on the row applies to all frames.
 */
export const entries = sqliteTable(
  'entries',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    ownerId: text('owner_id')
      .notNull()
      .references(() => users.id),
    parentId: text('parent_id').references((): AnySQLiteColumn => entries.id),
    /** The place of the entry: its parent, or the root of a person's Workspace in a project. */
    placeKey: text('place_key').generatedAlwaysAs(
      sql`case when parent_id is null then project_id || owner_id else parent_id end`,
    ),
    kind: text('kind').$type<EntryKind>().notNull(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    /** The key shared by names that look alike; null when it equals `nameKey`. */
    lookKey: text('look_key'),
    /** Sorts names in natural order: `take2` before `take10`. */
    sortKey: text('sort_key').notNull().default(''),
    /** 0 for folders, 1 for everything else: folders always come first. */
    rank: integer('rank').notNull().default(1),
    /**
     * For a file with a number in its name: the key of its possible sequence, and below the number. For a sequence: its own
     * key.
     */
    sequenceKey: text('sequence_key'),
    frame: integer('frame'),
    /** First and last frame, of sequences only. */
    firstFrame: integer('first_frame'),
    lastFrame: integer('last_frame'),
    /** Of sequences only: the number of distinct frames, and below the step (greatest common divisor of their distances). */
    frameCount: integer('frame_count').notNull().default(0),
    frameDivisor: integer('frame_divisor').notNull().default(0),
    assetId: text('asset_id').references(() => assets.id),
    /** Of files only: 1 for the first bytes, plus one each time they are replaced. */
    version: integer('version').notNull().default(1),
    /** The size of a file, or the sum of everything inside a folder or sequence. Maintained by core's `entries/tree`. */
    sizeBytes: bytes('size_bytes').notNull().default(0),
    /** Number of files, counting the entry itself and everything inside it. */
    fileCount: integer('file_count').notNull().default(0),
    /** Number of rows directly inside it. */
    itemCount: integer('item_count').notNull().default(0),
    /** Sorts by state: 0 being verified, 1 frames missing, 2 normal. */
    stateRank: integer('state_rank').notNull().default(2),
    /** Number of unrevoked shares of the entry itself. */
    shareCount: integer('share_count').notNull().default(0),
    createdAt: at('created_at').notNull(),
    /** When its bytes changed; for a folder, when its rows changed. Moving, renaming and restoring do not change it. */
    updatedAt: at('updated_at').notNull(),
    /** When it came to its place by a move or from the trash. Null when it has stayed where it arrived. */
    placedAt: at('placed_at'),
    updatedBy: text('updated_by').references(() => users.id),
    /** When it was moved to the trash. Entries inside a deleted folder keep null and are unreachable with it. */
    deletedAt: at('deleted_at'),
    /** Who deleted it. Null with a set `deletedAt` when it expired. */
    deletedBy: text('deleted_by').references(() => users.id),
  },
  (table) => {
    const kept = sql`${table.deletedAt} is null`;
    return [
      uniqueIndex('entries_name_once').on(table.placeKey, table.nameKey).where(kept),
      index('entries_by_look')
        .on(table.placeKey, table.lookKey)
        .where(sql`${table.lookKey} is not null and ${table.deletedAt} is null`),
      index('entries_by_name').on(table.placeKey, table.rank, table.sortKey, table.id).where(kept),
      index('entries_by_size')
        .on(table.placeKey, table.rank, table.sizeBytes, table.sortKey, table.id)
        .where(kept),
      index('entries_by_change')
        .on(table.placeKey, table.rank, table.updatedAt, table.sortKey, table.id)
        .where(kept),
      index('entries_by_shares')
        .on(table.placeKey, table.rank, table.shareCount, table.sortKey, table.id)
        .where(kept),
      index('entries_by_state')
        .on(table.placeKey, table.rank, table.stateRank, table.sortKey, table.id)
        .where(kept),
      index('entries_by_sequence')
        .on(table.placeKey, table.sequenceKey, table.frame)
        .where(sql`${table.sequenceKey} is not null and ${table.deletedAt} is null`),
      index('entries_by_frame')
        .on(table.parentId, table.frame)
        .where(sql`${table.frame} is not null and ${table.deletedAt} is null`),
      index('entries_by_parent').on(table.parentId),
      index('entries_trashed')
        .on(table.projectId, table.ownerId, table.deletedAt, table.id)
        .where(sql`${table.deletedAt} is not null`),
      index('entries_by_deletion')
        .on(table.deletedAt)
        .where(sql`${table.deletedAt} is not null`),
      index('entries_by_asset').on(table.assetId),
    ];
  },
);

/** Complete downloads of Workspace files: one row per person and file. */
export const entryDownloads = sqliteTable(
  'entry_downloads',
  {
    entryId: text('entry_id')
      .notNull()
      .references(() => entries.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    at: at('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.entryId, table.userId] })],
);

/** Earlier bytes of Workspace files, kept for some days so that they can be restored. */
export const entryVersions = sqliteTable(
  'entry_versions',
  {
    id: id(),
    entryId: text('entry_id')
      .notNull()
      .references(() => entries.id),
    assetId: text('asset_id')
      .notNull()
      .references(() => assets.id),
    /** The entry's `version` while it had these bytes. */
    number: integer('number').notNull(),
    sizeBytes: bytes('size_bytes').notNull(),
    replacedAt: at('replaced_at').notNull(),
    replacedBy: text('replaced_by')
      .notNull()
      .references(() => users.id),
  },
  (table) => [
    uniqueIndex('entry_versions_once').on(table.entryId, table.number),
    index('entry_versions_by_asset').on(table.assetId),
    index('entry_versions_by_end').on(table.replacedAt),
  ],
);
