import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { notifications } from '@turnover/db/schema/notifications';
import { uploads } from '@turnover/db/schema/uploads';
import { dayMs } from '@turnover/domain/days';
import { inTransaction } from '@turnover/db/transaction';
import { freeAssets } from './freeing.ts';
import { previewsOf, recordPreviews } from '../previews.ts';
import { trashScene, type TrashScene } from '../testing/trash.ts';
import { emptyTrash } from '../workspace/trash-end.ts';

let scene: TrashScene;
beforeEach(async () => {
  scene = await trashScene();
});
afterEach(() => scene.close());

/** Deletes a file of the partner for good and returns the id of its asset. */
async function purged(name = 'gone.mov'): Promise<string> {
  const { id, assetId } = scene.addFile(name);
  scene.trash(id);
  await emptyTrash(scene.ctx, { projectId: scene.project.id });
  return assetId;
}

const free = (confirmed = false) => freeAssets(scene.hub.ctx, { confirmed });

describe('unreferenced bytes', () => {
  test('move to the quarantine, and are deleted after seven days', async () => {
    const kept = scene.addFile('kept.mov');
    const assetId = await purged();
    expect(await free()).toEqual({ quarantined: 1, freed: 0, held: 0 });
    expect([scene.inVault(assetId), scene.inQuarantine(assetId)]).toEqual([false, true]);
    expect(scene.assetOf(assetId)).toMatchObject({
      state: 'quarantined',
      quarantinedAt: scene.hub.clock.now,
    });
    scene.hub.clock.advance(7 * dayMs - 1);
    expect(await free()).toMatchObject({ freed: 0 });
    scene.hub.clock.advance(1);
    expect(await free()).toEqual({ quarantined: 0, freed: 1, held: 0 });
    expect(scene.inQuarantine(assetId)).toBe(false);
    expect(scene.assetOf(assetId)).toMatchObject({ state: 'freed', unreferencedAt: null });
    expect(scene.inVault(kept.assetId)).toBe(true);
    expect(await free()).toEqual({ quarantined: 0, freed: 0, held: 0 });
  });

  test('are deleted together with their previews, but not with those of other assets', async () => {
    const { assetId: keptId } = scene.addFile('kept.mov');
    const assetId = await purged();
    const { storage, db, ctx } = scene.hub;
    for (const id of [keptId, assetId]) {
      const attempt = await storage.openPreviewFolder('attempt');
      writeFileSync(join(attempt.path, 'poster'), 'picture');
      const previews = await attempt.keep(id, ['poster']);
      inTransaction(db, (tx) => recordPreviews(tx, ctx, id, previews));
    }
    await free();
    expect(previewsOf(db, assetId)).toHaveLength(1);
    scene.hub.clock.advance(7 * dayMs);
    await free();
    expect([previewsOf(db, assetId).length, previewsOf(db, keptId).length]).toEqual([0, 1]);
    await expect(storage.openPreview(assetId, 'poster')).rejects.toMatchObject({ code: 'ENOENT' });
    await (await storage.openPreview(keptId, 'poster')).close();
  });

  test('stay while an upload is being verified, and are freed afterwards', async () => {
    const assetId = scene.createAsset('x', 'verifying');
    const { id } = scene.addFile('sent.mov', null, { assetId, state: 'verifying' });
    scene.createUpload(scene.createRequest(), 'sent.mov', 'verifying', assetId);
    scene.trash(id);
    await emptyTrash(scene.ctx, { projectId: scene.project.id });
    expect(await free()).toMatchObject({ quarantined: 0 });
    scene.hub.db.update(assets).set({ state: 'stored' }).where(eq(assets.id, assetId)).run();
    expect(await free()).toMatchObject({ quarantined: 0 });
    scene.hub.db.update(uploads).set({ status: 'complete' }).run();
    expect(await free()).toMatchObject({ quarantined: 1 });
  });

  test('are unmarked and moved back from the quarantine when something references them again', async () => {
    const [marked, aside] = [await purged('marked.mov'), await purged('aside.mov')];
    scene.hub.db.update(assets).set({ unreferencedAt: null }).where(eq(assets.id, marked)).run();
    await free();
    scene.hub.db.update(assets).set({ unreferencedAt: 1 }).where(eq(assets.id, marked)).run();
    scene.addFile('again.mov', null, { assetId: marked });
    scene.addFile('back.mov', null, { assetId: aside });
    scene.hub.clock.advance(8 * dayMs);
    expect(await free()).toEqual({ quarantined: 0, freed: 0, held: 0 });
    for (const id of [marked, aside]) {
      expect(scene.assetOf(id)).toMatchObject({ state: 'stored', unreferencedAt: null, quarantinedAt: null });
      expect([scene.inVault(id), scene.inQuarantine(id)]).toEqual([true, false]);
    }
  });
});

describe('after a crash', () => {
  test('between the row and the move, the next pass moves the file', async () => {
    const assetId = await purged();
    scene.hub.db.update(assets).set({ state: 'quarantined' }).where(eq(assets.id, assetId)).run();
    await free();
    expect([scene.inVault(assetId), scene.inQuarantine(assetId)]).toEqual([false, true]);
    expect(scene.assetOf(assetId).quarantinedAt).toBe(scene.hub.clock.now);
  });

  test('between the move and the row, the next pass updates the row', async () => {
    const assetId = await purged();
    scene.hub.db.update(assets).set({ state: 'quarantined' }).where(eq(assets.id, assetId)).run();
    renameSync(scene.hub.storage.vaultPath(assetId), join(scene.hub.folder, 'quarantine', assetId));
    await free();
    expect(scene.assetOf(assetId).quarantinedAt).toBe(scene.hub.clock.now);
  });

  test('between unlinking and the row, the next pass updates the row', async () => {
    const assetId = await purged();
    await free();
    scene.hub.clock.advance(7 * dayMs);
    await scene.hub.storage.removeQuarantinedAsset(assetId);
    expect(await free()).toMatchObject({ freed: 1 });
  });

  test('when the file is missing, the pass still continues', async () => {
    const assetId = scene.hub.ctx.newId('asset');
    scene.hub.db
      .insert(assets)
      .values({ id: assetId, sizeBytes: 1, state: 'stored', createdAt: 1, unreferencedAt: 1 })
      .run();
    expect(await free()).toMatchObject({ quarantined: 1 });
  });
});

describe('the limit for suspiciously large passes', () => {
  /** Marks `files` of the `stored` files as unreferenced. */
  function mark(files: number, stored: number): void {
    scene.addMany(scene.addFolder('Many'), stored);
    scene.hub.db.$client.exec(`
      delete from entries where id < 'ent_${String(files).padStart(5, '0')}' and kind = 'file';
      update assets set unreferenced_at = ${scene.hub.clock.now} where id < 'ast_${String(files).padStart(5, '0')}'`);
  }
  const notificationRows = () => scene.hub.db.select().from(notifications).all();

  test('stops a pass that would free too much, asks the owners once, and continues after a confirmation', async () => {
    const owner = scene.hub.createPerson({ isOwner: true });
    mark(101, 2000);
    expect(await free()).toEqual({ quarantined: 0, freed: 0, held: 101 });
    scene.hub.clock.advance(dayMs);
    expect(await free()).toMatchObject({ held: 101 });
    expect(notificationRows()).toMatchObject([
      { userId: owner.id, kind: 'storage.stopped', data: { files: 101 } },
    ]);
    expect(await free(true)).toEqual({ quarantined: 101, freed: 0, held: 0 });
    scene.hub.clock.advance(dayMs);
    scene.hub.db.$client.exec(`delete from entries where id < 'ent_00300' and kind = 'file';
      update assets set unreferenced_at = ${scene.hub.clock.now} where state = 'stored' and id < 'ast_00300'`);
    expect(await free()).toMatchObject({ held: 199 });
    expect(notificationRows()).toHaveLength(2);
  });

  test('allows a small part of all files, and a small number of files whatever part they are', async () => {
    mark(101, 2100);
    expect(await free()).toMatchObject({ quarantined: 101, held: 0 });
    const few = await Promise.all(['a.mov', 'b.mov'].map((name) => purged(name)));
    expect(await free()).toMatchObject({ quarantined: few.length, held: 0 });
  });
});

test('moves nothing when the database cannot be read', async () => {
  const assetId = await purged();
  scene.hub.db.$client.exec('alter table delivered_files rename to elsewhere');
  await expect(free()).rejects.toThrow();
  expect(scene.inVault(assetId)).toBe(true);
});

test('keeps the bytes of an entry although a wrong mark says that nothing references them', async () => {
  const { id, assetId } = scene.addFile('a.mov');
  scene.hub.db.delete(entries).where(eq(entries.id, id)).run();
  expect(await free()).toMatchObject({ quarantined: 0 });
  expect(scene.inVault(assetId)).toBe(true);
});

test('deletes quarantined uploads after seven days by the time of the file system', async () => {
  const folder = join(scene.hub.folder, 'quarantine');
  writeFileSync(join(folder, 'upl_x.part'), 'x');
  writeFileSync(join(folder, 'of somebody else'), 'x');
  scene.hub.clock.now = Date.now() + 6 * dayMs;
  await free();
  expect(existsSync(join(folder, 'upl_x.part'))).toBe(true);
  scene.hub.clock.now = Date.now() + 8 * dayMs;
  await free();
  expect(readdirSync(folder)).toEqual(['of somebody else']);
});
