/** What every service is given: the database, time, chance, storage and who acts. Built at the edge, never imported. */
import type { Database } from '@turnover/db/open';
import type { Noun } from '@turnover/domain/ids';
import type { Locale } from '@turnover/domain/locales';
import type { SpaceLimits } from '@turnover/domain/workspace/upload-space';
import type { Storage } from './storage.ts';

/** Epoch milliseconds. */
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
  /** What lies in the trash of a Workspace is deleted for good after so many days. */
  trashDays: number;
  /** How far the clock may be from the latest moment at which it was believed; domain's defaults otherwise. */
  clockAheadMs?: number;
  clockBehindMs?: number;
};

export type Context = {
  db: Database;
  clock: Clock;
  newId: (noun: Noun) => string;
  storage: Storage;
  limits: Limits;
  /** `configured`: there is a mail server; without one people are told in their inbox alone. */
  mail: { configured: boolean };
  /** Neighbours that forward requests for others and are not trusted to; only the web process sees them. */
  untrustedProxies?: ReadonlySet<string>;
  log: Log;
};

/** A context in which somebody acts. */
export type PersonContext = Context & {
  person: Person;
  /** Of whoever came with a session rather than with a token. */
  sessionId?: string | undefined;
};
