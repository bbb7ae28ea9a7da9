/** Updates the counters of a folder and of all folders above it. */
import { eq, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { entries } from '@turnover/db/schema/entries';
import type { Context } from '../context.ts';

type Difference = { items: number; files: number; bytes: number };

/** Adds to the counters of `folderId`: its number of rows, and the files and bytes of it and all folders above. */
export function addTo(
  tx: Transaction,
  ctx: Context,
  folderId: string | null,
  { items, files, bytes }: Difference,
): void {
  if (folderId === null) return;
  tx.update(entries)
    .set({ itemCount: sql`${entries.itemCount} + ${items}`, updatedAt: ctx.clock() })
    .where(eq(entries.id, folderId))
    .run();
  if (files !== 0 || bytes !== 0) {
    tx.run(sql`
      with recursive above(id) as (
        select ${folderId}
        union all
        -- The counters of a folder leave out its entries in the trash.
        select parent_id from above join entries using (id) where parent_id is not null and deleted_at is null
      )
      update entries set file_count = file_count + ${files}, size_bytes = size_bytes + ${bytes}
      where id in (select id from above)`);
  }
}
