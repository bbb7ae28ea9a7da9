import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Role } from '@turnover/domain/people/projects';
import { at, bytes, id } from '../columns.ts';
import { companies, users } from './accounts.ts';

export const projects = sqliteTable('projects', {
  id: id(),
  name: text('name').notNull(),
  subtitle: text('subtitle').notNull().default(''),
  /** Midnight at the start of the launch day, in epoch milliseconds. Null when unknown; then nothing expires. */
  launchAt: at('launch_at'),
  /** Undelivered entries expire this many days after the launch. */
  retentionDays: integer('retention_days').notNull().default(180),
  /** The most bytes that the project may hold; null: as many as the disk. */
  maxBytes: bytes('max_bytes'),
  /** The most bytes that each Workspace without a limit of its own may hold; null: no limit. */
  maxWorkspaceBytes: bytes('max_workspace_bytes'),
  createdAt: at('created_at').notNull(),
});

export const memberships = sqliteTable(
  'memberships',
  {
    id: id(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    role: text('role').$type<Role>().notNull(),
    /** The limit of this person's Workspace; null for that of the project. */
    maxWorkspaceBytes: bytes('max_workspace_bytes'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('memberships_once').on(table.projectId, table.userId),
    index('memberships_by_user').on(table.userId),
  ],
);

export const invitations = sqliteTable(
  'invitations',
  {
    id: id(),
    /** The hash of the link that is shown to the inviter. The mailed link is a different one (`oneTimeLinks`). */
    tokenHash: text('token_hash').notNull().unique(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id),
    role: text('role').$type<Role>().notNull(),
    email: text('email').notNull(),
    companyId: text('company_id').references(() => companies.id),
    invitedBy: text('invited_by').references(() => users.id),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    acceptedAt: at('accepted_at'),
    /** The state of the mail with the link; null when none was sent. */
    mailState: text('mail_state').$type<'waiting' | 'sent' | 'failed'>(),
    revokedAt: at('revoked_at'),
  },
  (table) => [
    index('invitations_by_project').on(table.projectId),
    index('invitations_by_email').on(table.email),
  ],
);
