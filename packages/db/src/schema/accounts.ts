import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { Locale } from '@turnover/domain/locales';
import type { Role } from '@turnover/domain/people/projects';
import type { SecondFactor, SignInEnd, SignInMethod } from '@turnover/domain/people/sign-ins';
import { at, flag, id } from '../columns.ts';

export const companies = sqliteTable('companies', {
  id: id(),
  name: text('name').notNull(),
  /** The folded name; with the id appended when its creator could not see another company of the same name. */
  nameKey: text('name_key').notNull().unique(),
  createdAt: at('created_at').notNull(),
});

export const users = sqliteTable(
  'users',
  {
    id: id(),
    email: text('email').notNull().unique(),
    /** When the person proved that they read mail at the address; null while it is only typed. */
    emailProvedAt: at('email_proved_at'),
    name: text('name').notNull(),
    companyId: text('company_id').references(() => companies.id),
    passwordHash: text('password_hash'),
    isOwner: flag('is_owner').notNull().default(false),
    locale: text('locale').$type<Locale>(),
    /** Until when a password signs in although the hub takes sign-ins by its OpenID provider only; set by a command. */
    passwordAllowedUntil: at('password_allowed_until'),
    disabledAt: at('disabled_at'),
    createdAt: at('created_at').notNull(),
  },
  (table) => [index('users_by_company').on(table.companyId)],
);

/**
 * Who created a company: they see it before anybody works there. A separate table, because companies are created before
 * people.
 */
export const companyMakers = sqliteTable(
  'company_makers',
  {
    companyId: text('company_id')
      .primaryKey()
      .references(() => companies.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
  },
  (table) => [index('company_makers_by_user').on(table.userId)],
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
  },
  (table) => [index('sessions_by_user').on(table.userId)],
);

/** Who signed in, from where, and until when. A row outlives its session. */
export const signIns = sqliteTable(
  'sign_ins',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    /** No foreign key: the row of `sessions` is deleted when the sign-in ends. Null afterwards. */
    sessionId: text('session_id').unique(),
    /** Null for those from before this was recorded. */
    method: text('method').$type<SignInMethod>(),
    /** What proved the second step; null without one. */
    factor: text('factor').$type<SecondFactor>(),
    /** The OpenID provider's token, encrypted with a key of the hub, for signing out there. Null once the sign-in ended. */
    sealedIdToken: text('sealed_id_token'),
    userAgent: text('user_agent').notNull(),
    address: text('address'),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at').notNull(),
    endedAt: at('ended_at'),
    endedBy: text('ended_by').$type<SignInEnd>(),
  },
  (table) => [
    index('sign_ins_by_user').on(table.userId, table.id),
    index('sign_ins_by_end').on(table.endedAt),
  ],
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

/**
 * One-time secrets: set-up and password links, codes that prove an address, and mailed invitation links. Secrets are never
 * stored, so each attempt to send a mail creates one.
 */
export const oneTimeLinks = sqliteTable(
  'one_time_links',
  {
    id: id(),
    kind: text('kind').$type<'setup' | 'reset' | 'invitation' | 'code'>().notNull(),
    tokenHash: text('token_hash').notNull().unique(),
    userId: text('user_id').references(() => users.id),
    /** No foreign key: invitations refer to people, so the two schema files would import each other. */
    invitationId: text('invitation_id'),
    /** True when the link was mailed and never shown, so that whoever has it reads mail at the address. */
    isMailed: flag('is_mailed').notNull().default(false),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    usedAt: at('used_at'),
  },
  (table) => [index('one_time_links_of_person').on(table.userId, table.kind)],
);

/** Sign-ins that wait for their second step. `id` is the SHA-256 of the token in the cookie, which opens nothing else. */
export const halfSignIns = sqliteTable(
  'half_sign_ins',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    method: text('method').$type<SignInMethod>().notNull(),
    /** As in `signIns`. */
    sealedIdToken: text('sealed_id_token'),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('half_sign_ins_by_user').on(table.userId)],
);

/** The authenticator app of a person. */
export const authenticators = sqliteTable('authenticators', {
  userId: text('user_id')
    .primaryKey()
    .references(() => users.id),
  /** Encrypted with a key of the hub. */
  sealedKey: text('sealed_key').notNull(),
  /** The step of the latest code that was accepted: that one and those before it are refused. */
  lastStep: integer('last_step').notNull(),
  createdAt: at('created_at').notNull(),
});

/** Each opens the second step once, when the authenticator is lost. */
export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    hash: text('hash').notNull(),
    usedAt: at('used_at'),
  },
  (table) => [primaryKey({ columns: [table.userId, table.hash] })],
);

/** Passkeys: key pairs whose private half never leaves the person's device. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    name: text('name').notNull(),
    /** As the browser names it, in base64url. */
    credentialId: text('credential_id').notNull().unique(),
    /** COSE, in base64url. */
    publicKey: text('public_key').notNull(),
    /** How often it was used, as the device counts. Some count never. */
    counter: integer('counter').notNull(),
    /** How browsers reach it: `usb`, `internal` and the like. */
    transports: text('transports', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at'),
  },
  (table) => [index('passkeys_by_user').on(table.userId)],
);

/** Random texts that a passkey signs, each once. `id` is the SHA-256. */
export const passkeyChallenges = sqliteTable(
  'passkey_challenges',
  {
    id: id(),
    purpose: text('purpose').$type<'add' | 'signIn' | 'secondStep'>().notNull(),
    /** Null when the passkey itself says whose it is. */
    userId: text('user_id').references(() => users.id),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('passkey_challenges_by_end').on(table.expiresAt)],
);

/** Who a person is at the OpenID provider. One person has one identity there. */
export const identities = sqliteTable(
  'identities',
  {
    id: id(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    /** As the provider said at the latest sign-in. It decides nothing. */
    email: text('email'),
    /** What groups gave the person, and take away again. `roles`: by the id of the project. */
    given: text('given', { mode: 'json' })
      .$type<{ owner: boolean; roles: Record<string, Role>; companyId: string | null }>()
      .notNull(),
    createdAt: at('created_at').notNull(),
    lastUsedAt: at('last_used_at'),
  },
  (table) => [
    uniqueIndex('identities_once').on(table.issuer, table.subject),
    uniqueIndex('identities_of_person').on(table.userId, table.issuer),
  ],
);

/** Sign-ins that are under way at the OpenID provider. `id` is the SHA-256 of the text that comes back with the answer. */
export const oidcFlows = sqliteTable(
  'oidc_flows',
  {
    id: id(),
    /** The SHA-256 of the secret in the browser's cookie; null for a proof with which a connection may begin. */
    browserHash: text('browser_hash'),
    /** The person whose account is to be connected; null for a sign-in. */
    userId: text('user_id').references(() => users.id),
    /** The SHA-256 of the invitation's secret, where it began on the page of one. */
    invitationHash: text('invitation_hash'),
    expiresAt: at('expires_at').notNull(),
  },
  (table) => [index('oidc_flows_by_end').on(table.expiresAt), index('oidc_flows_by_user').on(table.userId)],
);

/** Wrong or unchecked guesses at passwords and codes. A row is kept as long as it counts. */
export const guesses = sqliteTable(
  'guesses',
  {
    id: integer('id').primaryKey(),
    key: text('key').notNull(),
    at: at('at').notNull(),
    /** When the guess stops counting. */
    until: at('until').notNull(),
  },
  (table) => [index('guesses_by_key').on(table.key), index('guesses_by_end').on(table.until)],
);

/** Browsers and network addresses from which a person has signed in. Guesses from elsewhere do not lock these out. */
export const knownOrigins = sqliteTable(
  'known_origins',
  {
    userId: text('user_id')
      .notNull()
      .references(() => users.id),
    kind: text('kind').$type<'device' | 'address'>().notNull(),
    hash: text('hash').notNull(),
    usedAt: at('used_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.kind, table.hash] }),
    index('known_origins_by_hash').on(table.hash),
  ],
);
