/**
 * The audit log: who did what to what, and from where. Each entry is a row of a hash chain. This file has the areas of its
 * actions, what an entry may hold of an input, and the exact texts that are hashed and signed.
 */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { auditAreas, auditVias, type AuditArea, type AuditVia } from './audit-areas.ts';

/** The area of each action, by the word before its dot. For a call of the API that is the noun of the procedure. */
const areaOfNoun: Record<string, AuditArea> = {
  account: 'account',
  audit: 'exports',
  backups: 'server',
  comments: 'requests',
  commands: 'server',
  companies: 'people',
  downloads: 'downloads',
  exports: 'exports',
  hub: 'server',
  identities: 'sign-in',
  invitations: 'people',
  links: 'sign-in',
  manifests: 'requests',
  members: 'people',
  notifications: 'account',
  passkeys: 'sign-in',
  pins: 'requests',
  projects: 'settings',
  reasons: 'settings',
  requestFiles: 'files',
  requestTypes: 'settings',
  requests: 'requests',
  retention: 'settings',
  rounds: 'requests',
  savedViews: 'account',
  server: 'server',
  secondFactor: 'sign-in',
  sessions: 'sign-in',
  signIns: 'sign-in',
  shares: 'shares',
  tokens: 'tokens',
  uploads: 'files',
  users: 'people',
  workspace: 'files',
};

/** Throws for an action without an area, so that a new noun cannot be left out. */
export function auditAreaOf(action: string): AuditArea {
  const area = areaOfNoun[action.split('.', 1)[0]!];
  if (!area) throw new Error(`The action ${action} has no area: name it in domain/src/server/audit.ts.`);
  return area;
}

/** Calls of the API that leave no entry, and why. */
export const notAudited: Record<string, string> = {
  'passkeys.begin': 'Nothing is stored yet but a challenge. The passkey has an entry, passkeys.add.',
  'identities.begin': 'Nothing is stored yet but a ticket. The connection has an entry, identities.connect.',
  'notifications.markRead': 'A read mark of the person themselves.',
  'savedViews.create': 'How the person looks at a list; it changes nothing for others.',
  'savedViews.update': 'As savedViews.create.',
  'savedViews.remove': 'As savedViews.create.',
  'savedViews.restore': 'As savedViews.create.',
  'shares.recordOpened': 'A read mark for the sharer. Downloads have entries of their own.',
  'requestFiles.makePreviews': 'Makes pictures of files that the person already sees.',
  'workspace.makePreviews': 'As requestFiles.makePreviews.',
  'uploads.begin': 'Nothing is stored yet. The finished upload has an entry, uploads.finish.',
};

/**
 * Fields of inputs that an entry holds, besides all ids. Names of files and requests are missing: owners of the hub read the
 * log, and may not see them. Texts that people write to each other are missing too.
 */
const heldFields = new Set([
  'algorithms',
  'archived',
  'backup',
  'assignees',
  'automaticSubmit',
  'canShare',
  'canUpdate',
  'checked',
  'clearExisting',
  'demandsManifest',
  'disabled',
  'dueAt',
  'email',
  'expiresOn',
  'kind',
  'keepTokens',
  'launchAt',
  'locale',
  'mail',
  'maxBytes',
  'now',
  'number',
  'people',
  'promisedAt',
  'retentionDays',
  'role',
  'roles',
  'rule',
  'selection',
  'severity',
  'stage',
  'textRequired',
  'timeZone',
  'until',
  'version',
]);
const idField = /Ids?$/;
/** Lists of ids whose names do not end in `Ids`. */
const idLists = new Set(['allExcept', 'exceptSequences']);
/** Things whose names every owner of the hub sees. */
const namedNouns = new Set(['account', 'companies', 'passkeys', 'projects', 'reasons', 'tokens']);

const maxText = 200;
const maxItems = 20;
const maxDepth = 4;
/** The longest details of an entry in characters, so that no input makes the log grow. */
export const maxAuditDetails = 4000;

/** What an entry holds of the input of a call. */
export function auditDetailsOf(action: string, input: unknown): Record<string, unknown> {
  const isNamed = namedNouns.has(action.split('.', 1)[0]!);
  const isHeld = (key: string) =>
    idField.test(key) || idLists.has(key) || heldFields.has(key) || (isNamed && key === 'name');
  return (held(input, isHeld, 0) ?? {}) as Record<string, unknown>;
}

function held(value: unknown, isHeld: (key: string) => boolean, depth: number): unknown {
  if (typeof value === 'string') return value.length > maxText ? `${value.slice(0, maxText)}…` : value;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth >= maxDepth) return undefined;
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((item) => held(item, isHeld, depth + 1));
    return value.length > maxItems ? [...items, `… ${value.length - maxItems} more`] : items;
  }
  const pairs = Object.entries(value).flatMap(([key, inside]): [string, unknown][] => {
    if (isHeld(key)) return [[key, held(inside, isHeld, depth + 1)]];
    // The number of items of a list that is not held itself.
    return Array.isArray(inside) && depth === 0 ? [[key, inside.length]] : [];
  });
  return Object.fromEntries(pairs);
}

/** Characters that a terminal or a page could act on, or that nobody sees. JSON escapes the other control characters. */
const unseen = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Formats details as one line of JSON in printing characters, of at most `maxAuditDetails` characters. */
export function writeAuditDetails(details: Record<string, unknown>): string {
  const written = JSON.stringify(details).replace(
    unseen,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return written.length <= maxAuditDetails ? written : JSON.stringify({ cut: written.length });
}

export type AuditEntry = {
  seq: number;
  at: number;
  area: AuditArea;
  action: string;
  actorId: string | null;
  actor: string | null;
  via: AuditVia;
  viaId: string | null;
  address: string | null;
  projectId: string | null;
  subject: string | null;
  /** JSON. */
  details: string;
};

/** The fields of an entry in the order in which they are hashed and exported. */
export const auditFields = [
  'seq',
  'at',
  'area',
  'action',
  'actorId',
  'actor',
  'via',
  'viaId',
  'address',
  'projectId',
  'subject',
  'details',
] as const satisfies (keyof AuditEntry)[];

/** The hash before the first entry. */
export const firstAuditHash = '0'.repeat(64);

/** The text whose SHA-256 is the hash of the entry. `previous`: the hash of the entry before. */
export function auditText(previous: string, entry: AuditEntry): string {
  return JSON.stringify([previous, ...auditFields.map((field) => entry[field])]);
}

export const auditSealFormat = 'turnover-audit-seal';

/** A signature over the newest entry. It covers all entries before: a kept signature shows whether they changed since. */
export const auditSealView = z.object({
  format: z.literal(auditSealFormat),
  seq: z.number(),
  hash: z.string(),
  at: z.number(),
  algorithm: z.literal('Ed25519'),
  /** SHA-256 of the public key, as hexadecimal digits. */
  fingerprint: z.string(),
  /** Base64 of its SubjectPublicKeyInfo. */
  publicKey: z.string(),
  /** Base64 of the signature over `auditSealText`. */
  signature: z.string(),
});
export type AuditSeal = z.infer<typeof auditSealView>;

export function auditSealText({ seq, hash, at }: Pick<AuditSeal, 'seq' | 'hash' | 'at'>): string {
  return `${auditSealFormat}:1:${seq}:${hash}:${at}`;
}

/** What to look for. All conditions must hold. */
export const auditFilterInput = z.object({
  area: z.enum(auditAreas).optional(),
  /** The id of who acted. */
  actorId: idSchema('user').optional(),
  projectId: idSchema('project').optional(),
  /** From this moment on. */
  from: z.number().int().min(0).max(8.64e15).optional(),
  /** Before this moment. */
  to: z.number().int().min(0).max(8.64e15).optional(),
  /** Part of an action, address, id, e-mail address or detail. */
  text: z.string().trim().max(200).optional(),
});
export type AuditFilter = z.infer<typeof auditFilterInput>;

export const listAuditInput = auditFilterInput.extend({
  /** Returns entries before this one, for the next page. */
  before: z.number().int().min(1).optional(),
  limit: z.number().int().min(1).max(200).default(100),
});

export const auditEntryView = z.object({
  seq: z.number(),
  at: z.number(),
  area: z.enum(auditAreas),
  action: z.string(),
  actorId: z.string().nullable(),
  actor: z.string().nullable(),
  via: z.enum(auditVias),
  viaId: z.string().nullable(),
  address: z.string().nullable(),
  project: z.object({ id: z.string(), name: z.string() }).nullable(),
  subject: z.string().nullable(),
  details: z.string(),
});
export type AuditEntryView = z.infer<typeof auditEntryView>;

export const auditListView = z.object({
  entries: z.array(auditEntryView),
  /** The `before` of the next page; null when there are no older entries. With `text`, a page may be short or empty. */
  next: z.number().nullable(),
  /** The names of the person and the project of the filter, also when nothing matches; null without a filter or for unknown ids. */
  filtered: z.object({ actor: z.string().nullable(), project: z.string().nullable() }),
});
export type AuditListView = z.infer<typeof auditListView>;

export const auditStateView = z.object({
  /** The number of entries. */
  entries: z.number(),
  /** The newest seal; null before the first. */
  seal: auditSealView.nullable(),
});
export type AuditStateView = z.infer<typeof auditStateView>;
