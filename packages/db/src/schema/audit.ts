import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { AuditArea, AuditVia } from '@turnover/domain/server/audit-areas';
import { at } from '../columns.ts';

/**
 * Who did what. The hash of each entry covers the hash of the one before, so rows are only ever added. Without foreign keys,
 * because an entry outlives what it names.
 */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    /** Counts from 1 without gaps. */
    seq: integer('seq').primaryKey(),
    at: at('at').notNull(),
    area: text('area').$type<AuditArea>().notNull(),
    action: text('action').notNull(),
    actorId: text('actor_id'),
    /** The e-mail address of the actor at that time. */
    actor: text('actor'),
    via: text('via').$type<AuditVia>().notNull(),
    viaId: text('via_id'),
    address: text('address'),
    projectId: text('project_id'),
    subject: text('subject'),
    /** JSON, kept as text because the hash covers its exact form. */
    details: text('details').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    index('audit_by_time').on(table.at),
    index('audit_by_actor').on(table.actorId),
    index('audit_by_project').on(table.projectId),
    index('audit_by_subject').on(table.subject),
    index('audit_by_area').on(table.area),
  ],
);

/** Signatures over the newest entry, one a day. */
export const auditSeals = sqliteTable('audit_seals', {
  seq: integer('seq').primaryKey(),
  hash: text('hash').notNull(),
  at: at('at').notNull(),
  /** SHA-256 of the public key. */
  fingerprint: text('fingerprint').notNull(),
  /** Base64 of its SubjectPublicKeyInfo. */
  publicKey: text('public_key').notNull(),
  signature: text('signature').notNull(),
});
