/** Records what a grantee did with a share: opened, downloaded, verified. */
import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { assetChecksums } from '@turnover/db/schema/assets';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { inTransaction } from '@turnover/db/transaction';
import { parseChecksum } from '@turnover/domain/media/checksums';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Entry } from '../access.ts';
import { inBatches } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { loadEntry, type SeenEntry } from './access.ts';
import { inList } from '../in-list.ts';
import { signalWatchers, signalWorkspace } from './places.ts';
import { writeSoon } from '../write-gate.ts';

/** Records the first time that the grantee opens the entry. Does nothing for the owner, or later times. */
export function recordOpened(ctx: PersonContext, { id }: Pick<SeenEntry, 'id'>): void {
  inTransaction(ctx.db, (tx) => {
    const entry = loadEntry(tx, ctx, id);
    const unopened = and(inList(shares.id, sharesOf(entry)), isNull(shares.openedAt));
    const { changes } = tx.update(shares).set({ openedAt: ctx.clock() }).where(unopened).run();
    if (changes > 0) signalWorkspace(tx, ctx, { ...entry, folderId: id });
  });
}

/** Files of an archive that are recorded in one transaction, which takes a few milliseconds. */
const recordedAtOnce = 40;

/** Records complete downloads. Each file counts once per person. */
export async function recordDownloaded(ctx: PersonContext, entryIds: readonly string[]): Promise<void> {
  await inBatches(entryIds, recordedAtOnce, (batch) => {
    const received = ofOthers(ctx, batch);
    if (received.length === 0) return;
    writeSoon(ctx, 'share.downloaded', (tx) => {
      const downloaded = received.flatMap((entryId) => markDownloaded(tx, ctx, entryId));
      for (const [projectId, found] of Map.groupBy(downloaded, (entry) => entry.projectId))
        signalWatchers(tx, ctx, projectId, found);
    });
  });
}

/** The entries of other owners: an owner's own download is not recorded. */
function ofOthers({ db, person }: PersonContext, entryIds: readonly string[]): string[] {
  const rows = db
    .select({ id: entries.id })
    .from(entries)
    .where(and(inList(entries.id, entryIds), ne(entries.ownerId, person.id)))
    .all();
  return rows.map(({ id }) => id);
}

/** Records the download, unless access ended while the last bytes were sent. */
function markDownloaded(tx: Transaction, ctx: PersonContext, entryId: string): Entry[] {
  const now = ctx.clock();
  const entry = findSeen(tx, ctx, entryId);
  if (!entry || entry.access.isOwner) return [];
  const { changes } = tx
    .insert(entryDownloads)
    .values({ entryId, userId: ctx.person.id, at: now })
    .onConflictDoNothing()
    .run();
  if (changes === 0) return [];
  markShares(tx, entry, {
    openedAt: sql`coalesce(${shares.openedAt}, ${now})`,
    downloadedAt: sql`coalesce(${shares.downloadedAt}, ${now})`,
    downloadedFiles: sql`${shares.downloadedFiles} + 1`,
  });
  return [entry];
}

function findSeen(tx: Transaction, ctx: PersonContext, entryId: string): SeenEntry | null {
  try {
    return loadEntry(tx, ctx, entryId);
  } catch (error) {
    if (error instanceof HubError) return null;
    throw error;
  }
}

/**
 * Compares the checksum of a downloaded copy with the hub's. A match is recorded, so that the sharer sees it. Throws
 * `invalid_input` for a malformed checksum, and when the hub has no checksum of that algorithm.
 */
export function verifyCopy(ctx: PersonContext, entry: SeenEntry, checksum: string): { matches: boolean } {
  const stated = parseChecksum(checksum);
  if (!stated)
    throw new HubError('invalid_input', 'Expected a checksum as xxh128:<hex>.', { field: 'checksum' });
  if (entry.assetId === null) throw notFound();
  const known = ctx.db
    .select()
    .from(assetChecksums)
    .where(and(eq(assetChecksums.assetId, entry.assetId), eq(assetChecksums.algorithm, stated.algorithm)))
    .all()
    .find(({ source }) => source === 'computed');
  if (!known) {
    throw new HubError('invalid_input', `The hub has no ${stated.algorithm} of this file.`, {
      field: 'checksum',
    });
  }
  const matches = known.value === stated.value;
  if (matches && !entry.access.isOwner) {
    inTransaction(ctx.db, (tx) => {
      markShares(tx, entry, { verifiedAt: ctx.clock() });
      signalWorkspace(tx, ctx, { ...entry, folderId: entry.id });
    });
  }
  return { matches };
}

function sharesOf({ access }: SeenEntry): string[] {
  return access.shares.map(({ chain }) => chain.at(-1)!.id);
}

function markShares(
  tx: Transaction,
  entry: SeenEntry,
  set: Parameters<ReturnType<Transaction['update']>['set']>[0],
): void {
  tx.update(shares)
    .set(set)
    .where(inList(shares.id, sharesOf(entry)))
    .run();
}
