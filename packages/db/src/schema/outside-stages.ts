import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { OutsideStage } from '@turnover/domain/media/outside-stages';
import { at } from '../columns.ts';

/** All outside stages that a worker ever started with. Pages use their texts for past runs. */
export const outsideStages = sqliteTable('outside_stages', {
  name: text('name').primaryKey(),
  stated: text('stated', { mode: 'json' }).$type<OutsideStage>().notNull(),
  updatedAt: at('updated_at').notNull(),
});
