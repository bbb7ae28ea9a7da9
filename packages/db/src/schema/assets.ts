import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm } from '@turnover/domain/checksums';
import { at, bytes, id } from '../columns.ts';

/** Immutable bytes, stored once. `rejected`: they differ from what was declared and were never published. */
export const assets = sqliteTable('assets', {
  id: id(),
  sizeBytes: bytes('size_bytes').notNull(),
  state: text('state').$type<'verifying' | 'stored' | 'rejected'>().notNull(),
  createdAt: at('created_at').notNull(),
  publishedAt: at('published_at'),
});

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
  },
  (table) => [primaryKey({ columns: [table.assetId, table.algorithm, table.source] })],
);
