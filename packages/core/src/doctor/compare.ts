/** Compares the file of an asset with its row: first the size, then the checksum. */
import { and, desc, eq } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { standardAlgorithm, type Checksum } from '@turnover/domain/media/checksums';
import type { Damage } from '@turnover/domain/server/damages';
import type { Context } from '../context.ts';
import type { StorageCare } from '../storage-care.ts';

export type Asset = typeof assets.$inferSelect;

/** Reads a whole file and returns the value of its checksum; null when it was interrupted. */
export type ReadChecksum = (
  file: { path: string; sizeBytes: number },
  algorithm: Checksum['algorithm'],
) => Promise<string | null>;

export async function compareSize(
  { db }: Pick<Context, 'db'>,
  care: StorageCare,
  { id: subject, sizeBytes: expected }: Pick<Asset, 'id' | 'sizeBytes'>,
): Promise<Damage | null> {
  const damage = await sizeDamage(care, subject, expected);
  return damage && isStored(db, subject) ? damage : null;
}

async function sizeDamage(care: StorageCare, subject: string, expected: number): Promise<Damage | null> {
  try {
    const found = await care.assetSize(subject);
    if (found === null) return { kind: 'missing', subject, expected };
    if (found === expected) return null;
    return { kind: found < expected ? 'truncated' : 'tooLong', subject, expected, found };
  } catch (error) {
    return { kind: 'unreadable', subject, found: (error as Error).message };
  }
}

/**
 * Reads the file and compares its checksum. Null when they match; `noChecksum` when the hub never computed one, `interrupted`
 * when the reading ended early.
 */
export async function compareBytes(
  { db }: Pick<Context, 'db'>,
  care: Pick<StorageCare, 'assetPath'>,
  { id: subject, sizeBytes }: Pick<Asset, 'id' | 'sizeBytes'>,
  readChecksum: ReadChecksum,
): Promise<Damage | 'noChecksum' | 'interrupted' | null> {
  const checksum = checksumToCompare(db, subject);
  if (!checksum) return 'noChecksum';
  try {
    const found = await readChecksum({ path: care.assetPath(subject), sizeBytes }, checksum.algorithm);
    if (found === null) return 'interrupted';
    if (found === checksum.value) return null;
    const damage = { kind: 'changed', subject, expected: checksum.value, found } as const;
    return isStored(db, subject) ? damage : null;
  } catch (error) {
    if (!isStored(db, subject)) return null;
    return { kind: 'unreadable', subject, found: (error as Error).message };
  }
}

/** The standard checksum if there is one; otherwise any that the hub computed when the bytes arrived. */
function checksumToCompare(db: Reader, assetId: string): Checksum | undefined {
  return db
    .select({ algorithm: assetChecksums.algorithm, value: assetChecksums.value })
    .from(assetChecksums)
    .where(and(eq(assetChecksums.assetId, assetId), eq(assetChecksums.source, 'computed')))
    .orderBy(desc(eq(assetChecksums.algorithm, standardAlgorithm)), desc(eq(assetChecksums.how, 'arrival')))
    .limit(1)
    .get();
}

function isStored(db: Reader, assetId: string): boolean {
  return stateOf(db, assetId) === 'stored';
}

export function stateOf(db: Reader, assetId: string): Asset['state'] | undefined {
  return db.select({ state: assets.state }).from(assets).where(eq(assets.id, assetId)).get()?.state;
}
