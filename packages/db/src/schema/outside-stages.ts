import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { OutsideStage } from '@turnover/domain/media/outside-stages';
import { at } from '../columns.ts';

/** The stages from outside that a worker has ever started with. Pages keep their words for the runs of the past. */
export const outsideStages = sqliteTable('outside_stages', {
  name: text('name').primaryKey(),
  stated: text('stated', { mode: 'json' }).$type<OutsideStage>().notNull(),
  updatedAt: at('updated_at').notNull(),
});
