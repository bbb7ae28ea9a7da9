import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { DamageKind } from '@turnover/domain/server/damages';
import { at, bytes } from '../columns.ts';

/** The damages that are known and not mended yet. */
export const damages = sqliteTable(
  'damages',
  {
    kind: text('kind').$type<DamageKind>().notNull(),
    subject: text('subject').notNull(),
    expected: text('expected'),
    found: text('found'),
    foundAt: at('found_at').notNull(),
    /** When it was last found. */
    seenAt: at('seen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.subject] })],
);

/** One row, `doctor`: the latest examination by the worker. */
export const examinations = sqliteTable('examinations', {
  id: text('id').primaryKey(),
  /** When an owner last asked for one. */
  askedAt: at('asked_at'),
  startedAt: at('started_at'),
  /** Null while it runs. */
  endedAt: at('ended_at'),
  files: integer('files'),
  bytes: bytes('bytes'),
});
