/** The shares of an entry for display: who got access through whom, and who has picked it up. */
import { earlier, type ShareListView, type ShareView } from '@turnover/domain/workspace/shares';
import type { ShareLimits } from './expiry.ts';

export type ShareNode = { share: ShareView; depth: number };

/**
 * Orders shares as a tree: each below the one that it depends on. Shares without a parent in the list come first,
 * oldest first.
 */
export function treeOf(shares: readonly ShareView[]): ShareNode[] {
  const ids = new Set(shares.map(({ id }) => id));
  const isRoot = ({ parentId }: ShareView) => parentId === null || !ids.has(parentId);
  const children = Map.groupBy(shares, (share) => (isRoot(share) ? null : share.parentId));
  const nodes: ShareNode[] = [];
  function visit(parentId: string | null, depth: number): void {
    const level = (children.get(parentId) ?? []).toSorted((one, other) => one.createdAt - other.createdAt);
    for (const share of level) {
      nodes.push({ share, depth });
      visit(share.id, depth + 1);
    }
  }
  visit(null, 0);
  return nodes;
}

export type FolderShares = { folder: ShareView['entry']; nodes: ShareNode[] };

/** Returns the shares of parent folders, as one tree for each folder. */
export function treesByFolder(inherited: readonly ShareView[]): FolderShares[] {
  return [...Map.groupBy(inherited, ({ entry }) => entry.id).values()].map((shares) => ({
    folder: shares[0]!.entry,
    nodes: treeOf(shares),
  }));
}

/** Separates the shares that this person received from those that they and others gave. */
export function partedFor(personId: string, shares: readonly ShareView[]) {
  const { received = [], given = [] } = Object.groupBy(shares, ({ grantee }) =>
    grantee.id === personId ? 'received' : 'given',
  );
  return { received, given };
}

export type PickUp =
  'ended' | 'invited' | 'claimed' | 'unnotified' | 'notified' | 'opened' | 'downloaded' | 'verified';

/** Returns the most advanced step of the share: opened, downloaded or verified. */
export function pickUpOf(share: ShareView): PickUp {
  if (!share.inForce && share.grantee.id !== null) return 'ended';
  if (share.verifiedAt !== null) return 'verified';
  if (share.downloadedAt !== null) return 'downloaded';
  if (share.openedAt !== null) return 'opened';
  if (share.grantee.id === null) return share.claimant === null ? 'invited' : 'claimed';
  return share.toldAt === null ? 'unnotified' : 'notified';
}

/**
 * Returns true when everything was downloaded or verified. `files`: the number of files in a shared folder, if known.
 */
export function isPickedUp(share: ShareView, files: number | null): boolean {
  const pickUp = pickUpOf(share);
  if (pickUp !== 'downloaded') return pickUp === 'verified';
  return share.entry.kind === 'file' || files === null || share.downloadedFiles >= files;
}

/** Returns shares in force or waiting that the caller manages and that were not completely picked up. */
export function notPickedUp(shares: readonly ShareView[], files: number | null): ShareView[] {
  return shares.filter(
    (share) => share.mayManage && pickUpOf(share) !== 'ended' && !isPickedUp(share, files),
  );
}

/**
 * Returns the most that the share can grant: no more than the shares it depends on, and no more than the caller's own
 * limits.
 */
export function limitsOf(
  share: ShareView,
  { shares, inherited, limits }: ShareListView,
  isOwner: boolean,
): ShareLimits | null {
  const byId = new Map([...shares, ...inherited].map((each) => [each.id, each]));
  const above: ShareView[] = [];
  let parent = byId.get(share.parentId ?? '');
  while (parent && !above.includes(parent)) {
    above.push(parent);
    parent = byId.get(parent.parentId ?? '');
  }
  const own = isOwner ? null : limits;
  if (above.length === 0 && own === null) return null;
  return {
    canShare: above.every(({ canShare }) => canShare) && (own?.canShare ?? true),
    canUpdate: above.every(({ canUpdate }) => canUpdate) && (own?.canUpdate ?? true),
    until: above.map(({ expiresAt }) => expiresAt).reduce(earlier, own?.until ?? null),
  };
}

/** Returns each distinct note with the people who got it. */
export function notesOf(shares: readonly ShareView[]): { note: string; names: string[] }[] {
  const noted = shares.filter(({ note }) => note !== '');
  return [...Map.groupBy(noted, ({ note }) => note)].map(([note, group]) => ({
    note,
    names: group.map(({ grantee }) => grantee.name),
  }));
}
