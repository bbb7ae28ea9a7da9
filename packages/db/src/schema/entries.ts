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
 * Files and folders of the Workspaces. The frames of an image sequence lie in an entry of kind `sequence` as in a folder,
 * so that a list shows one row for all of them and whatever is done to the row is done to its frames.
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
    /** What holds the entry: its parent, or the root of a person's Workspace in a project. */
    placeKey: text('place_key').generatedAlwaysAs(
      sql`case when parent_id is null then project_id || owner_id else parent_id end`,
    ),
    kind: text('kind').$type<EntryKind>().notNull(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    /** What the name looks like, where that is another key than its own. */
    lookKey: text('look_key'),
    /** Orders names as people do: `take2` before `take10`. */
    sortKey: text('sort_key').notNull().default(''),
    /** 0 for folders, 1 for the rest: folders come first, whatever the order. */
    rank: integer('rank').notNull().default(1),
    /** Of a file whose name has a number: which sequence it would belong to, and the number. Of a sequence its own. */
    sequenceKey: text('sequence_key'),
    frame: integer('frame'),
    /** Of a sequence. */
    firstFrame: integer('first_frame'),
    lastFrame: integer('last_frame'),
    /** Of a sequence: its different frames, and the greatest common divisor of the distances between them. */
    frameCount: integer('frame_count').notNull().default(0),
    frameDivisor: integer('frame_divisor').notNull().default(0),
    assetId: text('asset_id').references(() => assets.id),
    /** Of a file its own; of a folder or sequence the sum of all that is kept below. Kept by core's entry-tree. */
    sizeBytes: bytes('size_bytes').notNull().default(0),
    /** Files at and below the entry. */
    fileCount: integer('file_count').notNull().default(0),
    /** Rows directly in it. */
    itemCount: integer('item_count').notNull().default(0),
    /** Orders by state: 0 being verified, 1 frames missing, 2 nothing to say. */
    stateRank: integer('state_rank').notNull().default(2),
    /** Shares of the entry itself that were not revoked. */
    shareCount: integer('share_count').notNull().default(0),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
    updatedBy: text('updated_by').references(() => users.id),
    /** In the trash since; what a deleted folder holds keeps null and is out of reach with it. */
    deletedAt: at('deleted_at'),
    /** Null with `deletedAt`: its time was over. */
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

/** Who has fetched which file of a Workspace whole, once each. */
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
