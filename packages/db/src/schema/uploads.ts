import { sql } from 'drizzle-orm';
import { index, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ChecksumAlgorithm } from '@turnover/domain/media/checksums';
import type { UploadStatus } from '@turnover/domain/workspace/uploads';
import { at, bytes, flag, id } from '../columns.ts';
import { users } from './accounts.ts';
import { assets } from './assets.ts';
import { entries } from './entries.ts';
import { projects } from './projects.ts';
import { requests } from './requests.ts';

export const uploads = sqliteTable(
  'uploads',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    folderId: text('folder_id').references(() => entries.id),
    requestId: text('request_id').references(() => requests.id),
    /** Folders and name below the target, joined by `/`. For a Workspace only the name, because its folders are created first. */
    path: text('path').notNull(),
    pathKey: text('path_key').notNull(),
    /** The path that the sender gave. It identifies the file when the sender chooses it again. */
    relativePath: text('relative_path').notNull(),
    sizeBytes: bytes('size_bytes').notNull(),
    modifiedAt: at('modified_at'),
    replaces: flag('replaces').notNull().default(false),
    declaredAlgorithm: text('declared_algorithm').$type<ChecksumAlgorithm>(),
    declaredValue: text('declared_value'),
    status: text('status').$type<UploadStatus>().notNull(),
    /** Number of bytes covered by a successful fdatasync: the only offset that clients ever get. Never decreases. */
    durableOffset: bytes('durable_offset').notNull().default(0),
    hashedOffset: bytes('hashed_offset').notNull().default(0),
    /** The hash-wasm state at `hashedOffset` in base64, keyed by algorithm. */
    hashState: text('hash_state', { mode: 'json' }).$type<Record<string, string>>(),
    computedValue: text('computed_value'),
    /** The client's Upload-Metadata as sent; null when the upload began through the API. */
    metadata: text('metadata'),
    /** Idempotency key of a file in a bundle: sending the file again with it returns the upload of the first time. */
    sendKey: text('send_key'),
    /** When the sender deleted the address of the finished upload with DELETE. The file stays. */
    addressEndedAt: at('address_ended_at'),
    assetId: text('asset_id').references(() => assets.id),
    /** Until when disk space for the missing bytes is reserved; null when the reservation has ended. */
    reservedUntil: at('reserved_until'),
    /** The `reservedUntil` that the sender was last warned about. */
    warnedOf: at('warned_of'),
    createdAt: at('created_at').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (table) => [
    index('uploads_by_user').on(table.userId, table.status),
    index('uploads_by_request').on(table.requestId, table.status),
    index('uploads_live')
      .on(table.status)
      .where(sql`${table.status} in ('uploading', 'verifying')`),
    index('uploads_by_folder').on(table.folderId, table.status),
    index('uploads_by_asset').on(table.assetId),
    uniqueIndex('uploads_by_send_key')
      .on(table.userId, table.sendKey)
      .where(sql`${table.sendKey} is not null`),
  ],
);
