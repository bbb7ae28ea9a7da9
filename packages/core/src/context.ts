/**
 * The context that every service receives: database, clock, ids, storage, limits and the acting person. Entry points create
 * it; no module imports one.
 */
import type { Database } from '@turnover/db/open';
import type { Noun } from '@turnover/domain/ids';
import type { AuditVia } from '@turnover/domain/server/audit-areas';
import type { RateLimits } from '@turnover/domain/server/rates';
import type { OidcSettings, ProviderClaims } from '@turnover/domain/people/oidc';
import type { Locale } from '@turnover/domain/locales';
import type { TimeOfDay } from '@turnover/domain/server/backups';
import type { SettingView } from '@turnover/domain/server/settings';
import type { SpaceLimits } from '@turnover/domain/workspace/upload-space';
import type { Storage } from './storage.ts';

/** Returns the time in epoch milliseconds. */
export type Clock = () => number;

export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  event: string,
  facts?: Record<string, unknown>,
) => void;

export type Person = {
  id: string;
  email: string;
  name: string;
  companyId: string | null;
  isOwner: boolean;
  locale: Locale | null;
};

export type Limits = SpaceLimits & {
  maxUploadBytes: number;
  /** No rate is limited when undefined. */
  uploadRates?: RateLimits;
  downloadRates?: RateLimits;
  /** Days after which files in the trash of a Workspace are deleted for good. */
  trashDays: number;
  /** Within how many days the scrubber reads each stored file again; 0 when it is off. */
  scrubDays: number;
  /**
   * The largest distance that the clock may run ahead of, or behind, the last trusted time. Defaults:
   * `domain/src/server/clock.ts`.
   */
  clockAheadMs?: number;
  clockBehindMs?: number;
};

/** How a caller reached the hub, for the audit log. */
export type Caller = {
  via: AuditVia;
  /** The id of the API token; null without one. */
  viaId: string | null;
  /** The network address; null when nothing tells it, as on the command line. */
  address: string | null;
  /** The address at which a page was opened, such as `https://turnover.example`: passkeys are bound to it. */
  origin?: string;
};

export type BackupSettings = {
  /** The absolute path of the folder for backups. */
  folder: string;
  /** When scheduled backups are made; null when they are switched off. */
  at: TimeOfDay | null;
  /** How many backups of the worker are kept. */
  kept: number;
};

/** The texts that bind an answer of the OpenID provider to the browser that asked. */
export type OidcProof = { state: string; nonce: string; verifier: string };

/** The OpenID provider. All functions throw `oidc_refused` with a reason. */
export type OidcProvider = {
  /** Where the browser signs in. */
  beginUrl(asked: OidcProof & { redirectUri: string }): Promise<string>;
  /** `answer`: the address at which the browser came back. */
  exchange(answer: URL, expected: OidcProof): Promise<ProviderClaims>;
  /** Where the browser signs out; null when the provider offers nothing. */
  endUrl(asked: { redirectUri: string; state: string; idToken: string }): Promise<string | null>;
};

export type Oidc = { settings: OidcSettings; provider: OidcProvider };

export type Context = {
  db: Database;
  clock: Clock;
  newId: (noun: Noun) => string;
  storage: Storage;
  limits: Limits;
  backups: BackupSettings;
  /** `configured` is false without a mail server: then people get notifications only in their inbox. */
  mail: { configured: boolean };
  /** The settings as they are, for owners. Only the web process has them. */
  settings?: readonly SettingView[];
  /** The folder of the log files. Only the web process reads them. */
  logs?: string | undefined;
  /** How people sign in at an OpenID provider. Only the web process has it. */
  oidc?: Oidc | undefined;
  /** Addresses of untrusted reverse proxies that forward requests. Only the web process fills it. */
  untrustedProxies?: ReadonlySet<string>;
  /** Asks the supervisor to stop the hub for an ordered restore and to start it again. Undefined without a supervisor. */
  pause?: (() => void) | undefined;
  log: Log;
  /** Undefined when the hub itself acts. */
  caller?: Caller | undefined;
};

/** A context with a signed-in person. */
export type PersonContext = Context & {
  person: Person;
  /** The person's session; undefined when they signed in with a token. */
  sessionId?: string | undefined;
};
