import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Locale } from '@turnover/domain/locales';
import { at, flag, id } from '../columns.ts';

export const companies = sqliteTable('companies', {
  id: id(),
  name: text('name').notNull(),
  nameKey: text('name_key').notNull().unique(),
  createdAt: at('created_at').notNull(),
});

export const users = sqliteTable(
  'users',
  {
    id: id(),
    email: text('email').notNull().unique(),
    name: text('name').notNull(),
    companyId: text('company_id').references(() => companies.id),
    passwordHash: text('password_hash'),
    isOwner: flag('is_owner').notNull().default(false),
    locale: text('locale').$type<Locale>(),
    disabledAt: at('disabled_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [index('users_by_company').on(table.companyId)],
);

/** `id` is the SHA-256 of the token in the cookie. `expiresAt` is in seconds, as lucia's adapter writes it. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    expiresAt: integer('expires_at').notNull(),
    createdAt: at('created_at').notNull(),
    userAgent: text('user_agent').notNull().default(''),
  },
  (table) => [index('sessions_by_user').on(table.userId)],
);

export const apiTokens = sqliteTable(
  'api_tokens',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    name: text('name').notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at'),
    revokedAt: at('revoked_at'),
  },
  (table) => [index('api_tokens_by_user').on(table.userId)],
);

/** Set-up and password links: each opens once. */
export const oneTimeLinks = sqliteTable('one_time_links', {
  id: id(),
  kind: text('kind').$type<'setup' | 'reset'>().notNull(),
  tokenHash: text('token_hash').notNull().unique(),
  userId: text('user_id').references(() => users.id),
  createdAt: at('created_at').notNull(),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});

/** Failed guesses per account and per address, in a sliding window. */
export const throttles = sqliteTable('throttles', {
  key: text('key').primaryKey(),
  failures: integer('failures').notNull(),
  windowStartedAt: at('window_started_at').notNull(),
});
