import { and, desc, notInArray, sql, type SQL } from 'drizzle-orm';
import type { AnySQLiteColumn, AnySQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Transaction } from '@turnover/db/open';

type Expiring = AnySQLiteTable & { id: AnySQLiteColumn; expiresAt: AnySQLiteColumn };

/** Deletes the rows of `own` that expire first, until `max` are left: what one person or browser can hold has a bound. */
export function keepNewest(tx: Transaction, table: Expiring, own: SQL, max: number): void {
  const newest = tx
    .select({ id: table.id })
    .from(table)
    .where(own)
    .orderBy(desc(table.expiresAt), sql`rowid desc`)
    .limit(max);
  tx.delete(table)
    .where(and(own, notInArray(table.id, newest)))
    .run();
}
