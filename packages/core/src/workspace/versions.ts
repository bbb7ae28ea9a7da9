/** The versions of a file in a Workspace: lists earlier contents, restores them, and deletes old ones. */
import { asc, desc, eq, lte } from 'drizzle-orm';
import { entryVersions } from '@turnover/db/schema/entries';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import { notFound } from '@turnover/domain/errors';
import type { EntryView } from '@turnover/domain/workspace/entries';
import { maxVersionsListed, type EntryVersionsView } from '@turnover/domain/workspace/versions';
import { markUnreferenced } from '../assets/freeing.ts';
import { othersTurn } from '../batches.ts';
import type { Context, PersonContext } from '../context.ts';
import { loadEntry, type SeenEntry } from '../entries/access.ts';
import { signalEntries } from '../entries/places.ts';
import { findVersion, replaceBytes } from '../entries/versions.ts';
import { viewEntry } from '../entries/view.ts';
import { inList } from '../in-list.ts';
import { viewPeople } from '../people/person-view.ts';

/** Versions per transaction, which keeps each well under 20 ms. */
const batch = 100;

export function listVersions(ctx: PersonContext, { id, version: present }: SeenEntry): EntryVersionsView {
  const rows = ctx.db
    .select()
    .from(entryVersions)
    .where(eq(entryVersions.entryId, id))
    .orderBy(desc(entryVersions.number))
    .limit(maxVersionsListed)
    .all();
  const people = viewPeople(
    ctx.db,
    rows.map(({ replacedBy }) => replacedBy),
  );
  const keptDays = ctx.limits.trashDays;
  return {
    present,
    versions: rows.map(({ id: versionId, number, sizeBytes, replacedAt, replacedBy }) => ({
      id: versionId,
      number,
      sizeBytes,
      replacedAt,
      replacedBy: people.get(replacedBy)!,
      until: replacedAt + keptDays * dayMs,
    })),
    keptDays,
  };
}

/** Gives the file the bytes of a version. Its present bytes become a version. */
export function restoreVersion(ctx: PersonContext, entryId: string, versionId: string): EntryView {
  inTransaction(ctx.db, (tx) => {
    const entry = loadEntry(tx, ctx, entryId, 'update');
    const version = findVersion(tx, versionId);
    if (version?.entryId !== entryId) throw notFound();
    tx.delete(entryVersions).where(eq(entryVersions.id, versionId)).run();
    replaceBytes(tx, ctx, entry, version, ctx.person.id);
    signalEntries(tx, ctx, [entry]);
  });
  return viewEntry(ctx, loadEntry(ctx.db, ctx, entryId));
}

/** Deletes versions that are older than the trash keeps entries. Returns their number. */
export async function purgeOldVersions(ctx: Context): Promise<number> {
  const until = ctx.clock() - ctx.limits.trashDays * dayMs;
  let purged = 0;
  for (;;) {
    const some = purgeSome(ctx, until);
    purged += some;
    if (some < batch) return purged;
    await othersTurn();
  }
}

function purgeSome(ctx: Context, until: number): number {
  return inTransaction(ctx.db, (tx) => {
    const due = tx
      .select()
      .from(entryVersions)
      .where(lte(entryVersions.replacedAt, until))
      .orderBy(asc(entryVersions.replacedAt))
      .limit(batch)
      .all();
    const ids = due.map(({ id }) => id);
    tx.delete(entryVersions).where(inList(entryVersions.id, ids)).run();
    markUnreferenced(
      tx,
      ctx,
      due.map(({ assetId }) => assetId),
    );
    return due.length;
  });
}
