/**
 * Loads entries for a person: for the owner, or through a chain of shares. Entries that the person may not see do not
 * exist for them.
 */
import { and, eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import type { EntryKind } from '@turnover/domain/workspace/entries';
import { HubError, notFound } from '@turnover/domain/errors';
import { rolesReaching } from '@turnover/domain/people/permissions';
import { joined, sharesInForce, type ChainLink, type SharedAccess } from '@turnover/domain/workspace/shares';
import { requirePermission, roleIn, type Entry } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';

export type Asker = Pick<PersonContext, 'person' | 'clock'>;

export type EntryAccess = {
  isOwner: boolean;
  canShare: boolean;
  canUpdate: boolean;
  /** When the access ends, in epoch milliseconds; null without an end. */
  until: number | null;
  /** The topmost entry that the person can see, at or above this one; null for the owner. */
  rootId: string | null;
  /** The person's valid shares at or above the entry; empty for the owner. */
  shares: readonly SharedAccess[];
};
export type SeenEntry = Entry & { access: EntryAccess };

/** `own`: for the owner only. `update` and `share`: for the owner, and through a share that grants it. */
export type EntryNeed = 'view' | 'update' | 'share' | 'own';

type Above = { id: string; name: string; kind: EntryKind; level: number; deletedAt: number | null };

/**
 * Throws `not_found` when the person may not see the entry, `forbidden` when they may see it but not do this, and
 * `changed_meanwhile` when they want to change an entry that somebody has deleted.
 */
export function loadEntry(
  db: Reader,
  asker: Asker,
  entryId: string,
  need: EntryNeed = 'view',
  where: 'kept' | 'trashed' = 'kept',
): SeenEntry {
  const entry = db.select().from(entries).where(eq(entries.id, entryId)).get();
  if (!entry) throw notFound();
  const above = entriesAbove(db, entryId);
  const access = accessThrough(db, asker, entry, above);
  if (!access) throw notFound();
  requireWhere(db, entry, above, need, where);
  requireNeed(access, need);
  return { ...entry, access };
}

/** Loads an entry in the trash. The owner may restore it, and so may the person who deleted it, as long as they may update it. */
export function loadTrashed(db: Reader, asker: Asker, entryId: string): SeenEntry {
  const entry = loadEntry(db, asker, entryId, 'view', 'trashed');
  const { isOwner, canUpdate } = entry.access;
  if (isOwner || (canUpdate && entry.deletedBy === asker.person.id)) return entry;
  throw new HubError('forbidden', 'Only its owner can restore this.');
}

/** The person's access to an entry, in the trash or not; null when it does not exist for them. */
export function accessTo(db: Reader, asker: Asker, entry: Entry): EntryAccess | null {
  return accessThrough(db, asker, entry, entriesAbove(db, entry.id));
}

/**
 * As `accessTo`, for many entries in a few statements, keyed by id. Leaves out entries that the person may not see and
 * entries in the trash.
 */
export function accessToKept(db: Reader, asker: Asker, asked: readonly Entry[]): Map<string, EntryAccess> {
  const aboveOf = Map.groupBy(
    entriesAboveAll(
      db,
      asked.map(({ id }) => id),
    ),
    ({ of }) => of,
  );
  const holding = new Set([...aboveOf.values()].flatMap((above) => above.map(({ id }) => id)));
  const links = linksOn(
    db,
    [...holding].map((id) => ({ id, level: 0 })),
  );
  const byEntry = Map.groupBy(links, ({ entryId }) => entryId);
  const isOwnerThere = new Map<string, boolean>();
  const found = new Map<string, EntryAccess>();
  for (const entry of asked) {
    const above = aboveOf.get(entry.id) ?? [];
    if (above.some(({ deletedAt }) => deletedAt !== null)) continue;
    const place = entry.projectId + entry.ownerId;
    if (!isOwnerThere.has(place)) isOwnerThere.set(place, ownerHasAccess(db, entry.projectId, entry.ownerId));
    if (!isOwnerThere.get(place)) continue;
    const here = above.flatMap(({ id, level }) =>
      (byEntry.get(id) ?? []).map((link) => ({ ...link, level })),
    );
    const access = accessByLinks(asker, entry, above, here);
    if (access) found.set(entry.id, access);
  }
  return found;
}

/**
 * Checks access for an upload in progress: the folder may be in the trash by now, but the person must still have access to
 * it.
 */
export function requireFolderAccess(db: Reader, asker: Asker, folderId: string): void {
  const folder = db.select().from(entries).where(eq(entries.id, folderId)).get();
  const access = folder && accessTo(db, asker, folder);
  if (!access) throw notFound();
  requireNeed(access, 'update');
}

/** A folder into which the person may put something. Throws `not_found` for anything else. */
export function loadFolder(db: Reader, asker: Asker, projectId: string, folderId: string): SeenEntry {
  const folder = loadEntry(db, asker, folderId, 'update');
  if (folder.kind !== 'folder' || folder.projectId !== projectId) throw notFound();
  return folder;
}

/** Whether the person was ever given the entry, or a folder above it, and the entry is not in the trash. */
export function hadShare(db: Reader, personId: string, entryId: string): boolean {
  const above = entriesAbove(db, entryId);
  if (above.some(({ deletedAt }) => deletedAt !== null)) return false;
  const ids = above.map(({ id }) => id);
  const given = and(inList(shares.entryId, ids), eq(shares.granteeId, personId));
  return db.select({ id: shares.id }).from(shares).where(given).limit(1).get() !== undefined;
}

/** The entry and everything above it, innermost first. One statement, because folders may be 250 levels deep. */
export function entriesAbove(db: Reader, entryId: string | null): Above[] {
  return entriesAboveAll(db, entryId === null ? [] : [entryId]);
}

/** As `entriesAbove`, for many entries. `of`: the id of the given entry that each row belongs to. */
function entriesAboveAll(db: Reader, entryIds: readonly string[]): (Above & { of: string })[] {
  return db.all(sql`
    with recursive above(of, id, name, kind, parent_id, deleted_at, level) as (
      select id, id, name, kind, parent_id, deleted_at, 0 from entries where ${inList(entries.id, entryIds)}
      union all
      select above.of, parent.id, parent.name, parent.kind, parent.parent_id, parent.deleted_at, above.level + 1
      from above join entries as parent on parent.id = above.parent_id
    )
    select of, id, name, kind, level, deleted_at as deletedAt from above order by level`);
}

const workspaceRoles = rolesReaching('workspace:use');

/** All shares of these entries that are not revoked. */
export function linksOn(
  db: Reader,
  above: readonly Pick<Above, 'id' | 'level'>[],
): (ChainLink & { entryId: string })[] {
  const levels = JSON.stringify(above.map(({ id, level }) => [id, level]));
  type Row = { entryId: string } & Omit<ChainLink, 'canShare' | 'canUpdate' | 'granteeIsEligible'> &
    Record<'canShare' | 'canUpdate' | 'granteeIsEligible', number>;
  const rows = db.all<Row>(sql`
    select share.id, share.entry_id as entryId, share.parent_id as parentId, share.sharer_id as sharerId, share.grantee_id as granteeId,
      share.can_share as canShare, share.can_update as canUpdate, share.expires_at as expiresAt,
      placed.value ->> 1 as level,
      exists (
        select 1 from memberships join users on users.id = memberships.user_id
        where memberships.project_id = share.project_id and memberships.user_id = share.grantee_id
          and memberships.role in (select value from json_each(${JSON.stringify(workspaceRoles)}))
          and users.disabled_at is null
      ) as granteeIsEligible
    from json_each(${levels}) as placed cross join shares as share
    where share.entry_id = placed.value ->> 0 and share.revoked_at is null`);
  return rows.map((row) => ({
    ...row,
    canShare: row.canShare === 1,
    canUpdate: row.canUpdate === 1,
    granteeIsEligible: row.granteeIsEligible === 1,
  }));
}

/** False when the owner has left the project or is disabled. Their shares then give no access until they are back. */
export function ownerHasAccess(db: Reader, projectId: string, ownerId: string): boolean {
  const owner = db.select().from(users).where(eq(users.id, ownerId)).get();
  if (!owner || owner.disabledAt !== null) return false;
  const role = roleIn(db, owner, projectId);
  return role !== null && workspaceRoles.includes(role);
}

function accessThrough(
  db: Reader,
  { person, clock }: Asker,
  entry: Entry,
  above: readonly Above[],
): EntryAccess | null {
  if (entry.ownerId === person.id) {
    requirePermission('workspace:use', { role: roleIn(db, person, entry.projectId), isOwner: false });
    return { isOwner: true, canShare: true, canUpdate: true, until: null, rootId: null, shares: [] };
  }
  const links = linksOn(db, above);
  if (!links.some(({ granteeId }) => granteeId === person.id)) return null;
  if (!ownerHasAccess(db, entry.projectId, entry.ownerId)) return null;
  return accessByLinks({ person, clock }, entry, above, links);
}

function accessByLinks(
  { person, clock }: Asker,
  entry: Entry,
  above: readonly Above[],
  links: readonly ChainLink[],
): EntryAccess | null {
  const inForce = sharesInForce(links, { ownerId: entry.ownerId, now: clock() });
  const mine = [...inForce.values()].filter(({ chain }) => chain.at(-1)!.granteeId === person.id);
  const all = joined(mine);
  if (!all) return null;
  const level = Math.max(...mine.map(({ chain }) => chain.at(-1)!.level));
  return { ...all, isOwner: false, rootId: above[level]!.id, shares: mine };
}

function requireWhere(
  db: Reader,
  entry: Entry,
  above: readonly Above[],
  need: EntryNeed,
  where: 'kept' | 'trashed',
): void {
  if (where === 'trashed') {
    // Marked for deletion, so it cannot be restored.
    if (!entry.deletedAt) throw notFound();
    return;
  }
  const trashed = above.find(({ deletedAt }) => deletedAt !== null);
  if (!trashed) return;
  // People who only read get `not_found`; people who want to change the entry learn what happened to it.
  if (need === 'view') throw notFound();
  throw changedMeanwhile(db, 'deleted', entry.name, trashed.id);
}

/** The error for an entry that somebody else has changed. Names the change, the entry and the person. */
export function changedMeanwhile(
  db: Reader,
  what: 'renamed' | 'moved' | 'deleted',
  name: string,
  changedId: string,
): HubError {
  const row = db
    .select({ deletedBy: entries.deletedBy, updatedBy: entries.updatedBy })
    .from(entries)
    .where(eq(entries.id, changedId))
    .get();
  const userId = what === 'deleted' ? row?.deletedBy : row?.updatedBy;
  const by = userId ? db.select({ name: users.name }).from(users).where(eq(users.id, userId)).get() : null;
  return new HubError('changed_meanwhile', `“${name}” was ${what} in the meantime.`, {
    what,
    name,
    by: by?.name ?? null,
  });
}

function requireNeed(access: EntryAccess, need: EntryNeed): void {
  const granted = {
    view: true,
    update: access.canUpdate,
    share: access.canShare,
    own: access.isOwner,
  };
  if (granted[need]) return;
  throw new HubError('forbidden', 'Your share does not allow that.', { need });
}
