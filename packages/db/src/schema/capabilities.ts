import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { FoundCapabilities } from '@turnover/domain/server/capabilities';
import { at } from '../columns.ts';

/** One row, `worker`: the tools that the most recently started worker found on its machine. */
export const capabilities = sqliteTable('capabilities', {
  id: text('id').primaryKey(),
  found: text('found', { mode: 'json' }).$type<FoundCapabilities>().notNull(),
  foundAt: at('found_at').notNull(),
});
