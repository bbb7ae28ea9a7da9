import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { RequestRules } from '@turnover/domain/rules/request-types';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/** Request types of a project. `version`: the newest version of the type. */
export const requestTypes = sqliteTable(
  'request_types',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    description: text('description').notNull().default(''),
    version: integer('version').notNull().default(1),
    archivedAt: at('archived_at'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [uniqueIndex('request_types_name_once').on(table.projectId, table.nameKey)],
);

/** Versions never change, because requests keep the version that they were created with. */
export const requestTypeVersions = sqliteTable(
  'request_type_versions',
  {
    typeId: text('type_id')
      .notNull()
      .references(() => requestTypes.id),
    version: integer('version').notNull(),
    rules: text('rules', { mode: 'json' }).$type<RequestRules>().notNull(),
    createdAt: at('created_at').notNull(),
    /** Null when it came with the hub. */
    createdBy: text('created_by').references(() => users.id),
  },
  (table) => [primaryKey({ columns: [table.typeId, table.version] })],
);
