import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entries, entryDownloads } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { uploads } from '@turnover/db/schema/uploads';
import { dayMs } from '@turnover/domain/days';
import { trashScene, type TrashScene } from '../testing/trash.ts';
import { condemnedAt } from '../entries/lookup.ts';
import { emptyTrash, purgeEntries, purgeOldTrash } from './trash-end.ts';

let scene: TrashScene;
beforeEach(async () => {
  scene = await trashScene();
});
afterEach(() => scene.close());

const purge = (...entryIds: string[]) => purgeEntries(scene.ctx, { projectId: scene.project.id, entryIds });
const empty = (ctx = scene.ctx) => emptyTrash(ctx, { projectId: scene.project.id });
const refused = (code: string) => expect.objectContaining({ code });

function share(entryId: string, parentId: string | null = null, sharerId = scene.people.partner.id): string {
  const { hub, project, people } = scene;
  const id = hub.ctx.newId('share');
  const at = hub.clock.now;
  hub.db
    .insert(shares)
    .values({
      id,
      projectId: project.id,
      entryId,
      parentId,
      sharerId,
      granteeId: people.uploader.id,
      granteeEmail: `${id}@example.test`,
      canShare: true,
      canUpdate: true,
      createdAt: at,
      updatedAt: at,
    })
    .run();
  hub.db.update(entries).set({ shareCount: 1 }).where(eq(entries.id, entryId)).run();
  return id;
}

describe('deleting for good', () => {
  test('deletes a folder with everything below it, and marks unreferenced bytes', async () => {
    const folder = scene.addFolder('Reel');
    const deep = scene.addFolder('Deep', scene.addFolder('Inside', folder));
    const { assetId } = scene.addFile('take1.mov', deep);
    const frames = ['shot.0001.exr', 'shot.0002.exr'].map((name) => scene.addFile(name, folder));
    const kept = scene.addFile('kept.mov');
    scene.trash(folder);
    expect(await purge(folder)).toEqual({ purged: 1 });
    expect(scene.names()).toEqual(['kept.mov']);
    for (const id of [assetId, ...frames.map((frame) => frame.assetId)]) {
      expect(scene.assetOf(id).unreferencedAt).toBe(scene.hub.clock.now);
    }
    expect(scene.assetOf(kept.assetId).unreferencedAt).toBeNull();
  });

  test('keeps bytes that another entry or a delivered file, even a removed one, references', async () => {
    const { assetId } = scene.addFile('a.mov');
    const other = scene.addFile('b.mov', null, { assetId, owner: scene.people.uploader });
    const request = scene.createRequest();
    const fileId = scene.deliver(request, 'c.mov');
    const delivered = scene.hub.db.$client
      .prepare('update delivered_files set removed_at = 1 where id = ? returning asset_id')
      .pluck()
      .get(fileId) as string;
    scene.addFile('c.mov', null, { assetId: delivered });
    const mine = scene.hub.db
      .select()
      .from(entries)
      .where(eq(entries.ownerId, scene.people.partner.id))
      .all();
    scene.trash(...mine.map(({ id }) => id));
    expect(await empty()).toEqual({ purged: 2 });
    expect(scene.rowOf(other.id)).toBeDefined();
    expect(scene.assetOf(assetId).unreferencedAt).toBeNull();
    expect(scene.assetOf(delivered).unreferencedAt).toBeNull();
  });

  test('is possible only for the owner and for entries in the trash, for all of them or none', async () => {
    const kept = scene.addFile('kept.mov');
    const gone = scene.addFile('gone.mov');
    const foreign = scene.addFile('foreign.mov', null, { owner: scene.people.uploader });
    scene.trash(gone.id, foreign.id);
    await expect(purge(gone.id, kept.id)).rejects.toThrow(refused('not_found'));
    await expect(purge(gone.id, foreign.id)).rejects.toThrow(refused('not_found'));
    await expect(purge(scene.hub.ctx.newId('entry'))).rejects.toThrow(refused('not_found'));
    expect(await empty(scene.hub.as(scene.people.coordinator))).toEqual({ purged: 0 });
    expect(scene.names()).toEqual(['gone.mov', 'kept.mov']);
    await purge(gone.id, gone.id);
    expect(scene.names()).toEqual(['kept.mov']);
  });

  test('leaves entries that were deleted before their folder in the trash; restoring puts them into the root', async () => {
    const folder = scene.addFolder('Reel');
    const early = scene.addFile('early.mov', folder);
    scene.trash(early.id);
    scene.trash(folder);
    await purge(folder);
    expect(scene.rowOf(folder)).toBeUndefined();
    expect(scene.rowOf(early.id)).toMatchObject({ parentId: null, deletedAt: scene.hub.clock.now });
  });

  test('ends shares and those that depend on them, deletes download records, and sends uploads to the root', async () => {
    const folder = scene.addFolder('Shared');
    const { id } = scene.addFile('a.mov', folder);
    const elsewhere = scene.addFile('b.mov');
    const first = share(folder);
    const second = share(id, first, scene.people.uploader.id);
    const third = share(elsewhere.id, second, scene.people.uploader.id);
    const { uploader } = scene.people;
    scene.hub.db.insert(entryDownloads).values({ entryId: id, userId: uploader.id, at: 1 }).run();
    scene.createUpload(scene.createRequest(), 'c.mov', 'uploading');
    scene.hub.db.update(uploads).set({ requestId: null, folderId: folder }).run();
    scene.trash(folder);
    await purge(folder);
    expect(scene.hub.db.select().from(shares).all()).toMatchObject([
      { id: third, parentId: null, revokedAt: scene.hub.clock.now },
    ]);
    expect(scene.rowOf(elsewhere.id)?.shareCount).toBe(0);
    expect(scene.hub.db.select().from(entryDownloads).all()).toEqual([]);
    expect(scene.hub.db.select().from(uploads).all()).toMatchObject([{ folderId: null }]);
  });

  test('continues after a crash, and hides the marked entries from everybody', async () => {
    const folder = scene.addFolder('Reel');
    for (let take = 1; take <= 3; take++) scene.addFile(`take ${take}.mov`, folder);
    scene.trash(folder);
    scene.hub.db.update(entries).set({ deletedAt: condemnedAt }).where(eq(entries.id, folder)).run();
    await expect(purge(folder)).rejects.toThrow(refused('not_found'));
    expect(await purgeOldTrash(scene.hub.ctx, 30)).toEqual({ purged: 0 });
    expect(scene.names()).toEqual([]);
  });
});

test('deletes entries from the trash of every Workspace after the trash days', async () => {
  const old = scene.addFile('old.mov');
  const foreign = scene.addFile('foreign.mov', null, { owner: scene.people.uploader });
  const young = scene.addFile('young.mov');
  scene.trash(old.id, foreign.id);
  scene.hub.clock.advance(10 * dayMs);
  scene.trash(young.id);
  scene.hub.clock.advance(20 * dayMs - 1);
  expect(await purgeOldTrash(scene.hub.ctx, 30)).toEqual({ purged: 0 });
  scene.hub.clock.advance(1);
  expect(await purgeOldTrash(scene.hub.ctx, 30)).toEqual({ purged: 2 });
  expect(scene.names()).toEqual(['young.mov']);
  expect(scene.rowOf(foreign.id)).toBeUndefined();
});

test('deletes 10,000 entries in batches and yields to the event loop between them', async () => {
  const folder = scene.addFolder('Plates');
  scene.addMany(folder, 10_000);
  scene.trash(folder);
  let turns = 0;
  const count = () => {
    turns++;
    if (scene.rowOf(folder)) setImmediate(count);
  };
  setImmediate(count);
  await purge(folder);
  expect(scene.names()).toEqual([]);
  expect(turns).toBeGreaterThan(90);
});
