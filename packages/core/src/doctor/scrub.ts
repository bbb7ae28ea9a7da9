/** The scrubber reads every stored file again, the one that waits longest first, and compares it with its checksum. */
import { and, asc, eq, isNotNull, isNull, type SQL } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import type { Context } from '../context.ts';
import type { StorageCare } from '../storage-care.ts';
import { recordFileDamage } from './damages.ts';
import { compareBytes, compareSize, type ReadChecksum } from './compare.ts';

export type FileToScrub = Pick<typeof assets.$inferSelect, 'id' | 'sizeBytes'>;

/** The file that waits longest among those that were not read for so many days; undefined when there is none. */
export function fileToScrub({ db, clock }: Context, days: number): FileToScrub | undefined {
  const dueBefore = clock() - days * dayMs;
  const first = (which: SQL) =>
    db
      .select()
      .from(assets)
      .where(and(eq(assets.state, 'stored'), which))
      .orderBy(asc(assets.readBackAt), asc(assets.publishedAt))
      .limit(1)
      .get();
  const neverRead = first(isNull(assets.readBackAt));
  // The hub computed the checksum from these bytes when they arrived.
  if (neverRead && (neverRead.publishedAt ?? 0) <= dueBefore) return neverRead;
  const read = first(isNotNull(assets.readBackAt));
  return read && read.readBackAt! <= dueBefore ? read : undefined;
}

/** Compares size and bytes of one stored file, and stores the result. An interrupted file is due again. */
export async function scrubFile(
  ctx: Context,
  care: StorageCare,
  file: FileToScrub,
  readChecksum: ReadChecksum,
): Promise<void> {
  const ofSize = await compareSize(ctx, care, file);
  const compared = ofSize ?? (await compareBytes(ctx, care, file, readChecksum));
  if (compared === 'interrupted') return;
  inTransaction(ctx.db, (tx) => {
    const { changes } = tx
      .update(assets)
      .set({ readBackAt: ctx.clock() })
      .where(and(eq(assets.id, file.id), eq(assets.state, 'stored')))
      .run();
    if (changes === 1 && compared !== 'noChecksum') recordFileDamage(tx, ctx, file.id, compared);
  });
}
