import { sql } from 'drizzle-orm';
import { index, sqliteTable, text, uniqueIndex, type AnySQLiteColumn } from 'drizzle-orm/sqlite-core';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { assets } from './assets.ts';
import { projects } from './projects.ts';

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
    kind: text('kind').$type<'file' | 'folder'>().notNull(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    assetId: text('asset_id').references(() => assets.id),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
    /** In the trash since; what a deleted folder holds keeps null and is out of reach with it. */
    deletedAt: at('deleted_at'),
  },
  (table) => [
    uniqueIndex('entries_name_once')
      // No comma in the expression: drizzle-kit splits the columns of an index at commas.
      .on(
        table.projectId,
        table.ownerId,
        sql`case when ${table.parentId} is null then '' else ${table.parentId} end`,
        table.nameKey,
      )
      .where(sql`${table.deletedAt} is null`),
    index('entries_by_parent').on(table.parentId, table.deletedAt, table.nameKey),
    index('entries_by_owner').on(
      table.projectId,
      table.ownerId,
      table.parentId,
      table.deletedAt,
      table.nameKey,
    ),
    index('entries_by_asset').on(table.assetId),
  ],
);
