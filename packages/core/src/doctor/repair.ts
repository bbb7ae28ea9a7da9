/** Repairs what can be repaired without a loss: sets aside what nothing knows, and takes damaged files from a copy. Deletes nothing. */
import { eq } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import { damagesOfBytes, type Damage } from '@turnover/domain/server/damages';
import { recordAct } from '../audit/record.ts';
import type { Context } from '../context.ts';
import { inTransaction } from '@turnover/db/transaction';
import { forgetDamage } from './damages.ts';
import type { StorageCare } from '../storage-care.ts';
import { giveUpUpload } from '../uploads/recovery.ts';
import { compareBytes, type ReadChecksum } from './compare.ts';

export type RepairOptions = {
  /** A copy of the data folder or of its folder `vault`. Damaged files are taken from it. */
  copyFolder?: string | undefined;
  readChecksum: ReadChecksum;
};

/** `left`: why nothing was done, as a sentence. `done`: what was done. */
export type Repair = { damage: Damage } & ({ done: string } | { left: string });

export async function repair(
  ctx: Context,
  care: StorageCare,
  damage: Damage,
  options: RepairOptions,
): Promise<Repair> {
  try {
    const result = await repairOne(ctx, care, damage, options);
    if ('done' in result) recordRepair(ctx, damage);
    return { damage, ...result };
  } catch (error) {
    return { damage, left: (error as Error).message };
  }
}

/** A repair may have changed only files, so its entry in the audit log is written here. */
function recordRepair(ctx: Context, damage: Damage): void {
  const { kind, subject } = damage;
  inTransaction(ctx.db, (tx) => {
    forgetDamage(tx, damage);
    recordAct(tx, ctx, { action: 'commands.repairDamage', actor: null, subject, details: { kind } });
  });
}

async function repairOne(
  ctx: Context,
  care: StorageCare,
  damage: Damage,
  options: RepairOptions,
): Promise<{ done: string } | { left: string }> {
  const { kind, subject } = damage;
  if (kind === 'unknownFile' || kind === 'leftPart') {
    return { done: `It was moved to ${await care.setAside(subject, dateOf(ctx))}.` };
  }
  if (kind === 'stuckUpload') return endStuckUpload(ctx, subject);
  if (damagesOfBytes.includes(kind)) return takeFromCopy(ctx, care, subject, options);
  if (kind === 'freedInUse') return { left: 'Its bytes can only come from its sender: ask for it again.' };
  if (kind === 'stuckFile') return { left: 'Ask its sender to upload it again.' };
  return { left: 'Restore the newest backup.' };
}

function dateOf({ clock }: Context): string {
  return new Date(clock()).toISOString().replaceAll(/[:.]/g, '-');
}

/** The sender begins such an upload again. One whose file is listed already stays, because people would lose the file. */
async function endStuckUpload(ctx: Context, uploadId: string) {
  const upload = ctx.db.select().from(uploads).where(eq(uploads.id, uploadId)).get();
  if (upload?.status !== 'uploading') return { left: 'Ask its sender to upload it again.' };
  await giveUpUpload(ctx, upload, null);
  return { done: 'The upload was ended. Its sender can begin again.' };
}

async function takeFromCopy(
  ctx: Context,
  care: StorageCare,
  assetId: string,
  { copyFolder, readChecksum }: RepairOptions,
) {
  if (copyFolder === undefined)
    return { left: 'Name a copy of the vault with --from to take it from there.' };
  const asset = ctx.db.select().from(assets).where(eq(assets.id, assetId)).get()!;
  const copy = await care.findInCopy(copyFolder, assetId);
  if (copy === null) return { left: 'The copy does not have it.' };
  if (copy.sizeBytes !== asset.sizeBytes) return { left: 'The file in the copy has another size.' };
  await care.putBack(assetId, copy.path, dateOf(ctx), async (path) => {
    const compared = await compareBytes(ctx, { assetPath: () => path }, asset, readChecksum);
    if (compared === 'noChecksum') throw new Error('The hub has no checksum of it to compare the copy with.');
    if (compared !== null) throw new Error('The file in the copy is damaged too.');
  });
  return { done: 'It was taken from the copy, and its checksum matches.' };
}
