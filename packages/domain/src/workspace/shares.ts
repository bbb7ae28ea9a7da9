/** Shares: permission for others to see entries of a Workspace, and the access that each share in a chain grants. */
import { z } from 'zod';
import { emailSchema, personView } from '../people/accounts.ts';
import { daySchema, timeZoneSchema } from '../days.ts';
import { revisionView, seenRevision } from '../revisions.ts';
import { entryKinds, entryOrder, entryView, maxListPage } from './entries.ts';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/schemas.ts';

/** The maximum length of a note: enough for a letter. Mails and pages show the whole note. */
export const maxNoteLength = 4000;
export const maxRecipients = 100;
/** Both sides are warned this long before a share ends. */
export const expiryWarningMs = 7 * 24 * 3600_000;
/**
 * A share that was made for less than `expiryWarningMs` is warned of this long before its end; a share made for less
 * than this gets no warning.
 */
export const lateWarningMs = 24 * 3600_000;

/** How long a revocation can be undone. */
export const undoRevokeMs = 10 * 60_000;

const projectId = idSchema('project');
export const shareIdInput = z.object({ shareId: idSchema('share') });

/** The terms of a share. Download is always granted. `expiresOn`: the first day without access, in `timeZone`. */
const shareTerms = z.object({
  canShare: z.boolean().default(false),
  canUpdate: z.boolean().default(false),
  expiresOn: daySchema.nullable().default(null),
  timeZone: timeZoneSchema.default('UTC'),
});

export const createShareInput = shareTerms.extend({
  projectId,
  entryIds: z.array(idSchema('entry')).min(1).max(500),
  /** E-mail addresses of the recipients. */
  people: z.array(emailSchema).min(1).max(maxRecipients),
  note: textSchema(maxNoteLength).default(''),
});
export type CreateShareInput = z.infer<typeof createShareInput>;

export const updateShareInput = shareIdInput.extend({
  revision: seenRevision,
  canShare: z.boolean().optional(),
  canUpdate: z.boolean().optional(),
  /** Null for a share that never ends. */
  expiresOn: daySchema.nullable().optional(),
  timeZone: timeZoneSchema.optional(),
});
export type UpdateShareInput = z.infer<typeof updateShareInput>;

/** `userId`: the claimant that the caller saw, so that the call cannot confirm somebody else. */
export const confirmShareInput = shareIdInput.extend({ userId: idSchema('user') });

/** The people who would lose access if the share were revoked or its recipient could no longer share on. */
export const shareChangePreviewView = z.object({
  /** People who have access through this share and would lose it. */
  fallAway: z.array(z.object({ name: z.string(), entry: z.string() })),
});
export type ShareChangePreviewView = z.infer<typeof shareChangePreviewView>;

/** The verdict on a typed address. `invited`: the person gets the share when they accept their invitation. */
export const recipientVerdicts = [
  'member',
  'company',
  'invited',
  'self',
  'owner',
  'no_workspace',
  'refused',
] as const;
export type RecipientVerdict = (typeof recipientVerdicts)[number];
export const goodVerdicts: readonly RecipientVerdict[] = ['member', 'company', 'invited'];
export const checkRecipientsInput = z.object({
  projectId,
  entryIds: z.array(idSchema('entry')).max(500).default([]),
  people: z.array(emailSchema).max(maxRecipients),
});
export const recipientView = z.object({
  email: z.string(),
  verdict: z.enum(recipientVerdicts),
  /** Null unless the verdict is good and the person has an account. */
  person: personView.nullable(),
  /** True when nobody has confirmed the address of the account by mail, although this hub can send mail. */
  unconfirmed: z.boolean(),
});
export type RecipientView = z.infer<typeof recipientView>;
export const suggestRecipientsInput = z.object({ projectId, text: z.string().max(200).default('') });

export const sharePersonView = z.object({
  /** Null for an invited person without an account. */
  id: z.string().nullable(),
  name: z.string(),
  email: z.string(),
  company: z.string().nullable(),
});

export const shareView = z.object({
  id: z.string(),
  entry: z.object({ id: z.string(), name: z.string(), kind: z.enum(entryKinds) }),
  grantee: sharePersonView,
  /**
   * The person who joined with the address without proving that it is theirs. They get access when the share is
   * confirmed. Only people who manage the share see this.
   */
  claimant: sharePersonView.extend({ id: z.string() }).nullable(),
  sharer: z.object({ id: z.string(), name: z.string() }),
  /** The share that this one depends on, if it is in the same list; otherwise null. */
  parentId: z.string().nullable(),
  canShare: z.boolean(),
  canUpdate: z.boolean(),
  /** The first moment without access through this share alone; null when it has no end of its own. */
  expiresAt: z.number().nullable(),
  expiresOn: z.string().nullable(),
  timeZone: z.string().nullable(),
  note: z.string(),
  createdAt: z.number(),
  /** False when it has expired, or a share that it depends on is not in force. */
  inForce: z.boolean(),
  /** When the recipient was notified: by mail or, on a hub without mail, in the inbox. */
  toldAt: z.number().nullable(),
  openedAt: z.number().nullable(),
  downloadedAt: z.number().nullable(),
  downloadedFiles: z.number(),
  verifiedAt: z.number().nullable(),
  remindedAt: z.number().nullable(),
  /** True when the caller may edit, revoke and remind. */
  mayManage: z.boolean(),
  revision: revisionView,
});
export type ShareView = z.infer<typeof shareView>;

export const shareListView = z.object({
  /** Shares of the entry itself. */
  shares: z.array(shareView),
  /** Shares of the folders above it, which also cover it. */
  inherited: z.array(shareView),
  /** The most that the caller can grant; null when they may not share it. */
  limits: z
    .object({ canShare: z.boolean(), canUpdate: z.boolean(), until: z.number().nullable() })
    .nullable(),
});
export type ShareListView = z.infer<typeof shareListView>;

export const createdSharesView = z.object({
  shares: z.number(),
  /** Addresses of people who have no account yet. */
  pending: z.array(z.string()),
});
export type CreatedSharesView = z.infer<typeof createdSharesView>;

/** A row of the page _Shared with me_. */
export const sharedEntryView = entryView.extend({
  shareId: z.string(),
  sharedBy: personView,
  owner: personView,
  since: z.number(),
  until: z.number().nullable(),
  canShare: z.boolean(),
  canUpdate: z.boolean(),
  note: z.string(),
  isNew: z.boolean(),
});
export type SharedEntryView = z.infer<typeof sharedEntryView>;
export const listSharedInput = z.object({
  projectId,
  filter: z.string().max(255).default(''),
  order: entryOrder.prefault({}),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(maxListPage).default(maxListPage),
});
export type ListSharedInput = z.infer<typeof listSharedInput>;
export const sharedListView = z.object({ entries: z.array(sharedEntryView), total: z.number() });
export type SharedListView = z.infer<typeof sharedListView>;

/** Explains why people can see an entry: every chain of shares from its owner to each of them. */
export const explainedAccessView = z.array(
  z.object({
    person: sharePersonView,
    isOwner: z.boolean(),
    canShare: z.boolean(),
    canUpdate: z.boolean(),
    until: z.number().nullable(),
    chains: z.array(
      z.array(
        z.object({
          shareId: z.string(),
          entry: z.object({ id: z.string(), name: z.string() }),
          sharer: z.string(),
          grantee: z.string(),
          until: z.number().nullable(),
        }),
      ),
    ),
  }),
);
export type ExplainedAccessView = z.infer<typeof explainedAccessView>;

export const verifyCopyInput = z.object({
  entryId: idSchema('entry'),
  /** The checksum of the downloaded copy: `xxh128:…`, or another algorithm that the hub has computed for the file. */
  checksum: z.string().max(200),
});
export const verifiedCopyView = z.object({ matches: z.boolean() });

/** A share of the entry, or of a folder above it, as `sharesInForce` reads it. */
export type ChainLink = {
  id: string;
  parentId: string | null;
  sharerId: string;
  granteeId: string | null;
  canShare: boolean;
  canUpdate: boolean;
  expiresAt: number | null;
  /** The number of levels above the entry: 0 for the entry itself, 1 for its folder, and so on. */
  level: number;
  /** True when the recipient can still have a Workspace in the project. */
  granteeIsEligible: boolean;
};

/** The access that a chain of shares grants: never more than any of its links. */
export type SharedAccess = {
  canShare: boolean;
  canUpdate: boolean;
  until: number | null;
  /** The shares from the owner's to the last one. */
  chain: readonly ChainLink[];
};

/**
 * Returns the shares in force at `now`, by id, with the access that each grants. A share depends on its parent, which
 * must be in force, allow sharing, be granted to the sharer, and cover the same entry or a folder above it. When there
 * is no parent, the sharer must be the owner.
 */
export function sharesInForce(
  links: readonly ChainLink[],
  { ownerId, now }: { ownerId: string; now: number },
): Map<string, SharedAccess> {
  const byId = new Map(links.map((link) => [link.id, link]));
  const known = new Map<string, SharedAccess | null>();

  function accessOf(link: ChainLink): SharedAccess | null {
    const before = known.get(link.id);
    if (before !== undefined) return before;
    // Chains have no cycles. This guard ends the recursion if one ever appears.
    known.set(link.id, null);
    const access = computeAccess(link);
    known.set(link.id, access);
    return access;
  }

  function computeAccess(link: ChainLink): SharedAccess | null {
    if (!link.granteeIsEligible || (link.expiresAt !== null && link.expiresAt <= now)) return null;
    const { canShare, canUpdate, expiresAt } = link;
    if (link.parentId === null) {
      return link.sharerId === ownerId ? { canShare, canUpdate, until: expiresAt, chain: [link] } : null;
    }
    const parent = byId.get(link.parentId);
    if (!parent || parent.granteeId !== link.sharerId || parent.level < link.level) return null;
    const above = accessOf(parent);
    if (!above?.canShare) return null;
    return {
      canShare,
      canUpdate: canUpdate && above.canUpdate,
      until: earlier(expiresAt, above.until),
      chain: [...above.chain, link],
    };
  }

  const found = new Map<string, SharedAccess>();
  for (const link of links) {
    const access = accessOf(link);
    if (access) found.set(link.id, access);
  }
  return found;
}

/** Returns the access that several shares in force grant one person together; null when there are none. */
export function joined(accesses: readonly SharedAccess[]): Omit<SharedAccess, 'chain'> | null {
  if (accesses.length === 0) return null;
  return {
    canShare: accesses.some(({ canShare }) => canShare),
    canUpdate: accesses.some(({ canUpdate }) => canUpdate),
    until: accesses.map(({ until }) => until).reduce(later),
  };
}

/** Returns the earlier of two moments. Null means no end. */
export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
