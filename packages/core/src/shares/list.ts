/** Lists shares: whom an entry is shared with, and through which shares somebody sees it. */
import { and, eq, inArray, isNull } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { companies, users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import {
  joined,
  sharesInForce,
  type ExplainedAccessView,
  type SharedAccess,
  type ShareListView,
  type ShareView,
} from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { revisionOf } from '../edits.ts';
import { entriesAbove, linksOn, ownerHasAccess, type SeenEntry } from '../entries/access.ts';
import { inList } from '../in-list.ts';
import { sharesBelow, type Share } from './access.ts';

type Placed = { share: Share; entry: Entry; revision: number };
type Names = Map<string, { id: string; name: string; email: string; company: string | null }>;

/** The owner sees all shares; other people see their own and those that depend on them. */
export function listShares(ctx: PersonContext, entry: SeenEntry): ShareListView {
  const { db } = ctx;
  const placed = sharesOn(db, withinReach(db, entry));
  const managed = managedBy(ctx, entry, placed);
  const visible = placed.filter(({ share }) => share.granteeId === ctx.person.id || managed(share));
  const inForce = inForceAbove(ctx, entry);
  const names = namesIn(
    db,
    visible.map(({ share }) => share),
  );
  const listed = new Set<string | null>(visible.map(({ share }) => share.id));
  const view = (each: Placed) =>
    viewShare(each, names, {
      inForce: inForce.has(each.share.id),
      mayManage: managed(each.share),
      isParentListed: listed.has(each.share.parentId),
    });
  const { isOwner, canShare, canUpdate, until } = entry.access;
  return {
    shares: visible.filter((each) => each.entry.id === entry.id).map(view),
    inherited: visible.filter((each) => each.entry.id !== entry.id).map(view),
    limits: isOwner || canShare ? { canShare, canUpdate, until } : null,
  };
}

/**
 * Every person with access, and every chain of shares that leads to them. People who are not the owner see the chains
 * they are part of.
 */
export function explainAccess(ctx: PersonContext, entry: SeenEntry): ExplainedAccessView {
  const { db, person } = ctx;
  const reach = withinReach(db, entry);
  const byId = new Map(sharesOn(db, reach).map((placed) => [placed.share.id, placed]));
  const inForce = [...inForceAbove(ctx, entry).values()]
    .filter(
      ({ chain }) =>
        entry.access.isOwner ||
        chain.some(({ granteeId, sharerId }) => granteeId === person.id || sharerId === person.id),
    )
    // Hides folders above the topmost one that the reader can see.
    .map((access) => ({ ...access, chain: access.chain.filter(({ id }) => byId.has(id)) }))
    .filter(({ chain }) => chain.length > 0);
  const ids = inForce.flatMap(({ chain }) => chain.map(({ id }) => id));
  const names = namesIn(
    db,
    [...new Set(ids)].map((id) => byId.get(id)!.share),
    [entry.ownerId],
  );
  const owner = names.get(entry.ownerId)!;
  // Nearest to the owner first.
  inForce.sort((one, other) => one.chain.length - other.chain.length);
  const byPerson = Map.groupBy(inForce, ({ chain }) => chain.at(-1)!.granteeId!);
  return [
    { person: owner, isOwner: true, canShare: true, canUpdate: true, until: null, chains: [] },
    ...[...byPerson].map(([personId, accesses]) => {
      const { canShare, canUpdate, until } = joined(accesses)!;
      const chains = accesses.map((access) => viewChain(access, byId, names));
      return { person: names.get(personId)!, isOwner: false, canShare, canUpdate, until, chains };
    }),
  ];
}

function viewChain({ chain }: SharedAccess, byId: Map<string, Placed>, names: Names) {
  return chain.map(({ id, sharerId, granteeId, expiresAt }) => {
    const { entry } = byId.get(id)!;
    return {
      shareId: id,
      entry: { id: entry.id, name: entry.name },
      sharer: names.get(sharerId)!.name,
      grantee: names.get(granteeId!)!.name,
      until: expiresAt,
    };
  });
}

/** The shares in force at or above the entry, keyed by id. */
export function inForceAbove(
  ctx: Pick<PersonContext, 'clock'> & { db: Reader },
  entry: Entry,
): Map<string, SharedAccess> {
  if (!ownerHasAccess(ctx.db, entry.projectId, entry.ownerId)) return new Map();
  const links = linksOn(ctx.db, entriesAbove(ctx.db, entry.id));
  return sharesInForce(links, { ownerId: entry.ownerId, now: ctx.clock() });
}

function sharesOn(db: Reader, entryIds: readonly string[]): Placed[] {
  return db
    .select({ share: shares, entry: entries, revision: revisionOf(shares.id) })
    .from(shares)
    .innerJoin(entries, eq(entries.id, shares.entryId))
    .where(and(inList(shares.entryId, entryIds), isNull(shares.revokedAt)))
    .orderBy(shares.id)
    .all();
}

/** The owner manages all shares; others manage the ones they made and those that depend on them. */
function managedBy(
  { db, person }: PersonContext,
  entry: SeenEntry,
  placed: readonly Placed[],
): (share: Share) => boolean {
  if (entry.access.isOwner) return () => true;
  const made = placed.filter(({ share }) => share.sharerId === person.id);
  const managed = new Set(
    made.flatMap(({ share }) => [share.id, ...sharesBelow(db, share.id).map(({ id }) => id)]),
  );
  return ({ id }) => managed.has(id);
}

/** The entry and the folders above it, as far as the person can see. */
function withinReach(db: Reader, { id, access }: SeenEntry): string[] {
  const above = entriesAbove(db, id).map((each) => each.id);
  return access.rootId === null ? above : above.slice(0, above.indexOf(access.rootId) + 1);
}

function namesIn(db: Reader, listed: readonly Share[], more: readonly string[] = []): Names {
  const ids = listed
    .flatMap(({ sharerId, granteeId, claimantId }) => [sharerId, granteeId, claimantId])
    .filter((id) => id !== null);
  const rows = db
    .select({ id: users.id, name: users.name, email: users.email, company: companies.name })
    .from(users)
    .leftJoin(companies, eq(companies.id, users.companyId))
    .where(inArray(users.id, [...new Set([...ids, ...more])]))
    .all();
  return new Map(rows.map((row) => [row.id, row]));
}

function viewShare(
  { share, entry: { id, name, kind }, revision }: Placed,
  names: Names,
  { inForce, mayManage, isParentListed }: { inForce: boolean; mayManage: boolean; isParentListed: boolean },
): ShareView {
  const grantee = share.granteeId ? names.get(share.granteeId) : undefined;
  const { granteeEmail: email } = share;
  const claimant = mayManage && grantee === undefined ? names.get(share.claimantId ?? '') : undefined;
  return {
    id: share.id,
    revision,
    entry: { id, name, kind },
    grantee: grantee ?? { id: null, name: email, email, company: null },
    claimant: claimant ?? null,
    sharer: { id: share.sharerId, name: names.get(share.sharerId)?.name ?? '' },
    parentId: isParentListed ? share.parentId : null,
    canShare: share.canShare,
    canUpdate: share.canUpdate,
    expiresAt: share.expiresAt,
    expiresOn: share.expiresOn,
    timeZone: share.timeZone,
    note: share.note,
    createdAt: share.createdAt,
    inForce,
    mayManage,
    // A grantee with an account got the notification in their inbox at once.
    toldAt: share.granteeId ? share.createdAt : null,
    openedAt: share.openedAt,
    downloadedAt: share.downloadedAt,
    downloadedFiles: share.downloadedFiles,
    verifiedAt: share.verifiedAt,
    remindedAt: share.remindedAt,
  };
}
