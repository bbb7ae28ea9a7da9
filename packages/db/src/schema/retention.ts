import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ExtensionStatus } from '@turnover/domain/workspace/retention';
import { at, id } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';

/** A person's question for more time for their Workspace in a project. A coordinator grants or declines it. */
export const retentionExtensions = sqliteTable(
  'retention_extensions',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    reason: text('reason').notNull(),
    status: text('status').$type<ExtensionStatus>().notNull(),
    askedAt: at('asked_at').notNull(),
    decidedAt: at('decided_at'),
    decidedBy: text('decided_by').references(() => users.id),
    /** If granted: the first moment at which entries expire. */
    until: at('until'),
    answer: text('answer').notNull().default(''),
  },
  (table) => [
    index('retention_extensions_of_project').on(table.projectId, table.status),
    index('retention_extensions_of_person').on(table.userId, table.projectId),
  ],
);

/** One row per warning and end, so that a changed end causes new warnings. */
export const retentionWarnings = sqliteTable(
  'retention_warnings',
  {
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    expiresAt: at('expires_at').notNull(),
    days: integer('days').notNull(),
    at: at('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.userId, table.expiresAt, table.days] })],
);
