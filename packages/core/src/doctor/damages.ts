/** Stores the known damages, and notifies the owners of new ones. */
import { and, eq, notInArray } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { damages } from '@turnover/db/schema/damages';
import { damagesByReading, type Damage } from '@turnover/domain/server/damages';
import type { Context } from '../context.ts';
import { notifyOwners } from '../notifications/owners.ts';

/** Where owners see them. */
const href = '/server/health';

/**
 * Stores what an examination found that compared sizes and read nothing. Known damages that it would find again, and did not,
 * are mended.
 */
export function recordFound(tx: Transaction, ctx: Context, found: readonly Damage[]): void {
  const added = found.filter((damage) => addDamage(tx, ctx, damage));
  const judged = notInArray(damages.kind, [...damagesByReading]);
  const keys = new Set(found.map(keyOf));
  for (const known of tx.select().from(damages).where(judged).all())
    if (!keys.has(keyOf(known))) forgetDamage(tx, known);
  announce(tx, ctx, added.length);
}

/** Stores a damage that the scrubber found, or that the file has none. */
export function recordFileDamage(
  tx: Transaction,
  ctx: Context,
  assetId: string,
  damage: Damage | null,
): void {
  if (damage === null) tx.delete(damages).where(eq(damages.subject, assetId)).run();
  else if (addDamage(tx, ctx, damage)) announce(tx, ctx, 1);
}

export function forgetDamage(tx: Transaction, damage: Pick<Damage, 'kind' | 'subject'>): void {
  tx.delete(damages).where(isDamage(damage)).run();
}

/** Returns true when the damage was not known. */
function addDamage(tx: Transaction, { clock }: Context, damage: Damage): boolean {
  const now = clock();
  const known = tx.select({ kind: damages.kind }).from(damages).where(isDamage(damage)).get();
  const text = (value: string | number | undefined) => (value === undefined ? null : String(value));
  const facts = { expected: text(damage.expected), found: text(damage.found), seenAt: now };
  if (known) tx.update(damages).set(facts).where(isDamage(damage)).run();
  else {
    const { kind, subject } = damage;
    tx.insert(damages)
      .values({ kind, subject, foundAt: now, ...facts })
      .run();
  }
  return !known;
}

function keyOf({ kind, subject }: Pick<Damage, 'kind' | 'subject'>): string {
  return `${kind} ${subject}`;
}

function isDamage({ kind, subject }: Pick<Damage, 'kind' | 'subject'>) {
  return and(eq(damages.kind, kind), eq(damages.subject, subject));
}

function announce(tx: Transaction, ctx: Context, count: number): void {
  if (count === 0) return;
  ctx.log('error', 'storage.damaged', { count });
  notifyOwners(tx, ctx, { kind: 'storage.damaged', data: { count, href } });
}
