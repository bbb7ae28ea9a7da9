/**
 * Compares the database with the files of the data folder. Changes nothing. The hub may run meanwhile: a suspicion counts only
 * when the row and the file still disagree after they were read again.
 */
import { and, eq, exists, gt, inArray, isNull, notExists, or } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { entries, entryVersions } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import type { Damage, Examination } from '@turnover/domain/server/damages';
import { isId } from '@turnover/domain/ids';
import type { Context } from '../context.ts';
import type { FoundFile, StorageCare } from '../storage-care.ts';
import { compareBytes, compareSize, stateOf, type Asset, type ReadChecksum } from './compare.ts';

export type ExamineOptions = {
  /** Reads every stored file whole and compares its checksum. Without it, only sizes are compared. */
  readChecksum?: ReadChecksum;
  /** Also runs the checks of SQLite, which block for minutes on a large database. */
  checksDatabase?: boolean;
};

type Examined = Pick<Context, 'db' | 'clock'>;

const pageSize = 500;
/** The file of an upload is made shortly before its row. */
const arrivingMs = 10 * 60_000;
/** An asset is checked by its upload. One that waits this long without an upload is stuck. */
const checkedWithinMs = 60 * 60_000;

export async function examine(
  ctx: Examined,
  care: StorageCare,
  { readChecksum, checksDatabase = false }: ExamineOptions = {},
): Promise<Examination> {
  const damages = checksDatabase ? checkDatabase(ctx.db) : [];
  const result: Examination = { files: 0, bytes: 0, readFiles: 0, readBytes: 0, damages };
  const report = (damage: Damage | null) => {
    if (damage) damages.push(damage);
  };
  for (const asset of storedAssets(ctx.db)) {
    result.files += 1;
    result.bytes += asset.sizeBytes;
    const ofSize = await compareSize(ctx, care, asset);
    report(ofSize);
    if (!ofSize && readChecksum) {
      const compared = await compareBytes(ctx, care, asset, readChecksum);
      if (compared === 'noChecksum' || compared === 'interrupted') continue;
      report(compared);
      result.readFiles += 1;
      result.readBytes += asset.sizeBytes;
    }
  }
  for await (const file of care.vaultFiles()) report(unknownInVault(ctx.db, file));
  for await (const file of care.quarantinedFiles()) report(unknownInQuarantine(ctx.db, file));
  for await (const file of care.incomingFiles()) report(leftPart(ctx, file));
  for (const damage of await stuckUploads(ctx.db, care)) report(damage);
  for (const damage of await stuckFiles(ctx, care)) report(damage);
  for (const damage of freedInUse(ctx.db)) report(damage);
  return result;
}

/** Pages through the assets, so that no statement stays open while files are read. */
function* storedAssets(db: Reader): Generator<Asset> {
  let after = '';
  for (;;) {
    const page = db
      .select()
      .from(assets)
      .where(and(eq(assets.state, 'stored'), gt(assets.id, after)))
      .orderBy(assets.id)
      .limit(pageSize)
      .all();
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.id;
  }
}

/** A file of an asset that is checked, stored, or on its way to the quarantine belongs in the vault. */
function unknownInVault(db: Reader, { path, name, sizeBytes }: FoundFile): Damage | null {
  const state = isId('asset', name) ? stateOf(db, name) : undefined;
  const belongs = state === 'verifying' || state === 'stored' || state === 'quarantined';
  return belongs ? null : { kind: 'unknownFile', subject: path, found: sizeBytes };
}

/** The clean-up knows the files of rejected uploads by their ending, and those of assets by their rows. */
function unknownInQuarantine(db: Reader, { path, name, sizeBytes }: FoundFile): Damage | null {
  if (name.endsWith('.part') && isId('upload', name.slice(0, -'.part'.length))) return null;
  const state = isId('asset', name) ? stateOf(db, name) : undefined;
  const belongs = state === 'quarantined' || state === 'stored';
  return belongs ? null : { kind: 'unknownFile', subject: path, found: sizeBytes };
}

function leftPart({ db, clock }: Examined, { path, name, sizeBytes, changedAt }: FoundFile): Damage | null {
  const uploadId = name.replace(/[.](part|new)$/, '');
  const upload = isId('upload', uploadId)
    ? db.select({ status: uploads.status }).from(uploads).where(eq(uploads.id, uploadId)).get()
    : undefined;
  if (upload?.status === 'uploading' || upload?.status === 'verifying') return null;
  if (clock() - changedAt < arrivingMs) return null;
  return { kind: 'leftPart', subject: path, found: sizeBytes };
}

async function stuckUploads(db: Reader, care: StorageCare): Promise<Damage[]> {
  const sizes = await incomingSizes(care);
  const live = db
    .select()
    .from(uploads)
    .where(inArray(uploads.status, ['uploading', 'verifying']))
    .all();
  const damages: Damage[] = [];
  for (const { id: subject, assetId, durableOffset: expected } of live) {
    const found = sizes.get(subject);
    if (found !== undefined && found >= expected) continue;
    if (found === undefined && assetId !== null && (await care.assetSize(assetId)) !== null) continue;
    const now = db.select({ status: uploads.status }).from(uploads).where(eq(uploads.id, subject)).get();
    if (now?.status !== 'uploading' && now?.status !== 'verifying') continue;
    damages.push({ kind: 'stuckUpload', subject, expected, found: found ?? 0 });
  }
  return damages;
}

async function incomingSizes(care: StorageCare): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, sizeBytes } of care.incomingFiles())
    sizes.set(name.replace(/[.](part|new)$/, ''), sizeBytes);
  return sizes;
}

async function stuckFiles({ db, clock }: Examined, care: StorageCare): Promise<Damage[]> {
  const isChecked = db
    .select({ id: uploads.id })
    .from(uploads)
    .where(and(eq(uploads.assetId, assets.id), eq(uploads.status, 'verifying')));
  const waiting = db
    .select()
    .from(assets)
    .where(and(eq(assets.state, 'verifying'), notExists(isChecked)))
    .all();
  const damages: Damage[] = [];
  for (const { id: subject, createdAt, sizeBytes: expected } of waiting) {
    if (clock() - createdAt < checkedWithinMs) continue;
    damages.push({ kind: 'stuckFile', subject, expected, found: (await care.assetSize(subject)) ?? 0 });
  }
  return damages;
}

/** Lists that name a file whose bytes are gone for good. */
function freedInUse(db: Reader): Damage[] {
  const isListed = or(
    exists(db.select({ id: entries.id }).from(entries).where(eq(entries.assetId, assets.id))),
    exists(
      db.select({ id: entryVersions.id }).from(entryVersions).where(eq(entryVersions.assetId, assets.id)),
    ),
    exists(
      db
        .select({ id: deliveredFiles.id })
        .from(deliveredFiles)
        .where(
          and(
            eq(deliveredFiles.assetId, assets.id),
            isNull(deliveredFiles.purgedAt),
            isNull(deliveredFiles.removedAt),
          ),
        ),
    ),
  );
  return db
    .select({ subject: assets.id })
    .from(assets)
    .where(and(inArray(assets.state, ['freed', 'rejected']), isListed))
    .all()
    .map(({ subject }) => ({ kind: 'freedInUse', subject }));
}

function checkDatabase(db: Context['db']): Damage[] {
  const words = db.$client.pragma('integrity_check(20)') as { integrity_check: string }[];
  const orphans = db.$client.pragma('foreign_key_check') as { table: string; parent: string }[];
  const tables = [...new Set(orphans.map(({ table }) => table))];
  return [
    ...words
      .filter(({ integrity_check: verdict }) => verdict !== 'ok')
      .map(({ integrity_check: found }): Damage => ({ kind: 'database', subject: 'turnover.db', found })),
    ...tables.map((table): Damage => ({
      kind: 'orphanedRow',
      subject: table,
      found: orphans.filter((orphan) => orphan.table === table).length,
    })),
  ];
}
