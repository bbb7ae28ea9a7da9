/**
 * The one place that loads an entry for somebody: its owner, or whoever a chain of shares leads to. What is not theirs to
 * see does not exist for them.
 */
import { eq, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { entries } from '@turnover/db/schema/entries';
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
  /** First moment without access; null: no end. */
  until: number | null;
  /** The topmost entry within reach, at or above the one at hand; null for the owner. */
  rootId: string | null;
  /** The person's shares in force at or above the entry; none for the owner. */
  shares: readonly SharedAccess[];
};
export type SeenEntry = Entry & { access: EntryAccess };

/** `own`: only its owner. `update` and `share` as the shares grant them; an owner may do everything. */
export type EntryNeed = 'view' | 'update' | 'share' | 'own';

type Above = { id: string; name: string; kind: EntryKind; level: number; deletedAt: number | null };

/** Throws `not_found` for what the person cannot see, `forbidden` for what they can see and not do. */
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

/** What was deleted can be taken back by its owner, and by whoever deleted it while they may still update it. */
export function loadTrashed(db: Reader, asker: Asker, entryId: string): SeenEntry {
  const entry = loadEntry(db, asker, entryId, 'view', 'trashed');
  const { isOwner, canUpdate } = entry.access;
  if (isOwner || (canUpdate && entry.deletedBy === asker.person.id)) return entry;
  throw new HubError('forbidden', 'What was deleted is restored by its owner.');
}

/** How the person stands to the entry, kept or in the trash; null: it does not exist for them. */
export function accessTo(db: Reader, asker: Asker, entry: Entry): EntryAccess | null {
  return accessThrough(db, asker, entry, entriesAbove(db, entry.id));
}

/** The same for many at once, in a few statements; without those that do not exist for them or lie in the trash. */
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
  const standing = new Map<string, boolean>();
  const found = new Map<string, EntryAccess>();
  for (const entry of asked) {
    const above = aboveOf.get(entry.id) ?? [];
    if (above.some(({ deletedAt }) => deletedAt !== null)) continue;
    const place = entry.projectId + entry.ownerId;
    if (!standing.has(place)) standing.set(place, ownerStands(db, entry.projectId, entry.ownerId));
    if (!standing.get(place)) continue;
    const here = above.flatMap(({ id, level }) =>
      (byEntry.get(id) ?? []).map((link) => ({ ...link, level })),
    );
    const access = accessByLinks(asker, entry, above, here);
    if (access) found.set(entry.id, access);
  }
  return found;
}

/** For an upload that is under way: the folder may have gone to the trash, the right to it must not be gone. */
export function requireFolderAccess(db: Reader, asker: Asker, folderId: string): void {
  const folder = db.select().from(entries).where(eq(entries.id, folderId)).get();
  const access = folder && accessTo(db, asker, folder);
  if (!access) throw notFound();
  requireNeed(access, 'update');
}

/** A folder that something can be put into. */
export function loadFolder(db: Reader, asker: Asker, projectId: string, folderId: string): SeenEntry {
  const folder = loadEntry(db, asker, folderId, 'update');
  if (folder.kind !== 'folder' || folder.projectId !== projectId) throw notFound();
  return folder;
}

/** The entry itself and what holds it, from the inside out. One statement: folders may be 250 deep. */
export function entriesAbove(db: Reader, entryId: string | null): Above[] {
  return entriesAboveAll(db, entryId === null ? [] : [entryId]);
}

/** `of`: the entry that it is, or that it holds. */
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

/** Every share of these entries that was not revoked. */
export function linksOn(
  db: Reader,
  above: readonly Pick<Above, 'id' | 'level'>[],
): (ChainLink & { entryId: string })[] {
  const levels = JSON.stringify(above.map(({ id, level }) => [id, level]));
  type Row = { entryId: string } & Omit<ChainLink, 'canShare' | 'canUpdate' | 'granteeStands'> &
    Record<'canShare' | 'canUpdate' | 'granteeStands', number>;
  const rows = db.all<Row>(sql`
    select share.id, share.entry_id as entryId, share.parent_id as parentId, share.sharer_id as sharerId, share.grantee_id as granteeId,
      share.can_share as canShare, share.can_update as canUpdate, share.expires_at as expiresAt,
      placed.value ->> 1 as level,
      exists (
        select 1 from memberships join users on users.id = memberships.user_id
        where memberships.project_id = share.project_id and memberships.user_id = share.grantee_id
          and memberships.role in (select value from json_each(${JSON.stringify(workspaceRoles)}))
          and users.disabled_at is null
      ) as granteeStands
    from json_each(${levels}) as placed cross join shares as share
    where share.entry_id = placed.value ->> 0 and share.revoked_at is null`);
  return rows.map((row) => ({
    ...row,
    canShare: row.canShare === 1,
    canUpdate: row.canUpdate === 1,
    granteeStands: row.granteeStands === 1,
  }));
}

/** Somebody who left the project, or whose account is disabled, shares nothing until they are back. */
export function ownerStands(db: Reader, projectId: string, ownerId: string): boolean {
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
  if (!ownerStands(db, entry.projectId, entry.ownerId)) return null;
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
    // 0: on its way out for good.
    if (!entry.deletedAt) throw notFound();
    return;
  }
  const trashed = above.find(({ deletedAt }) => deletedAt !== null);
  if (!trashed) return;
  // Who only looks finds nothing; who wanted to change it is told what became of it.
  if (need === 'view') throw notFound();
  throw changedMeanwhile(db, 'deleted', entry.name, trashed.id);
}

/** Somebody else was faster: what they did, to what, and who they are. */
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
  throw new HubError('forbidden', 'The share does not include that.', { need });
}
