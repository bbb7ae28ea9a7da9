import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assets } from '@turnover/db/schema/assets';
import { entryVersions } from '@turnover/db/schema/entries';
import { shares } from '@turnover/db/schema/shares';
import { dayMs } from '@turnover/domain/days';
import { createShareInput } from '@turnover/domain/workspace/shares';
import { freeAssets } from '../assets/freeing.ts';
import { openDownload } from '../assets/downloads.ts';
import { recordDownloaded } from '../entries/receipts.ts';
import { createShares } from '../shares/create.ts';
import { hash, otherHash, uploadScene, type UploadScene } from '../testing/uploads.ts';
import { refusalOf } from '../testing/requests.ts';
import { finishUpload } from '../uploads/completion.ts';
import { verifyUpload } from '../uploads/verification.ts';
import { emptyTrash } from './trash-end.ts';
import { listVersions, purgeOldVersions, restoreVersion } from './versions.ts';
import { removeEntry, restoreEntry } from './trash.ts';
import { createFolder, getEntry, renameEntry } from './workspace.ts';

let scene: UploadScene;
beforeEach(async () => {
  scene = await uploadScene();
});
afterEach(() => scene.close());

const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;

/** Uploads a file and verifies it. */
async function store(content: string, more: Parameters<UploadScene['send']>[0] = {}, as = scene.ctx) {
  const id = await scene.send(more, content, as);
  await verifyUpload(scene.hub.ctx, id, { xxh128: hash });
  return scene.rowOf(id).assetId!;
}
const replace = (content: string, more: Parameters<UploadScene['send']>[0] = {}, as = scene.ctx) =>
  store(content, { ifTaken: 'replace', ...more }, as);

const onlyEntry = (folderId: string | null = null) => scene.entry(scene.list(folderId)[0]!.id);
const versionsOf = (id: string, as = scene.ctx) => listVersions(as, scene.entry(id)).versions;
const stateOf = (assetId: string) =>
  scene.hub.db.select().from(assets).where(eq(assets.id, assetId)).get()!.state;

async function shareWith(entryId: string, canUpdate: boolean) {
  const { people, ctx, project } = scene;
  const to = { projectId: project.id, entryIds: [entryId], people: [people.uploader.email] };
  await createShares(ctx, createShareInput.parse({ ...to, canUpdate }));
  return scene.hub.as(people.uploader);
}

describe('an upload that replaces a file', () => {
  test('keeps the entry, its place and its shares, and stores the old bytes as a version', async () => {
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    const first = await store('first', { folderId: folder.id });
    const before = onlyEntry(folder.id);
    const uploader = await shareWith(before.id, false);
    scene.hub.clock.advance(1000);
    await replace('second!', { folderId: folder.id, filename: 'CUT.mov' });
    const after = onlyEntry(folder.id);
    expect(after).toMatchObject({ id: before.id, name: 'cut.mov', sizeBytes: 7, version: 2, shareCount: 1 });
    expect(scene.entry(folder.id)).toMatchObject({ sizeBytes: 7, fileCount: 1, itemCount: 1 });
    expect(versionsOf(after.id)).toMatchObject([
      {
        number: 1,
        sizeBytes: 5,
        replacedAt: scene.hub.clock.now,
        replacedBy: { name: scene.people.partner.name },
        until: scene.hub.clock.now + scene.ctx.limits.trashDays * dayMs,
      },
    ]);
    const [version] = versionsOf(after.id, uploader);
    expect(openDownload(uploader, version!.id)).toMatchObject({ assetId: first, name: 'cut (v1).mov' });
    expect(openDownload(uploader, after.id).name).toBe('cut.mov');
  });

  test('replaces a frame within its sequence', async () => {
    for (const frame of [1, 2]) await store('xx', { filename: `shot.000${frame}.exr` });
    await replace('longer', { filename: 'shot.0002.exr' });
    const sequence = onlyEntry();
    expect(sequence).toMatchObject({ kind: 'sequence', sizeBytes: 8, fileCount: 2, itemCount: 2 });
    expect(scene.names(sequence.id)).toEqual(['shot.0001.exr', 'shot.0002.exr']);
  });

  test('keeps the bytes of several uploads that end in any order', async () => {
    await store('first');
    const begun = [
      await scene.fill({ ifTaken: 'replace' }, 'aa'),
      await scene.fill({ ifTaken: 'replace' }, 'bbb'),
    ];
    for (const id of begun.toReversed()) finishUpload(scene.ctx, id);
    const entry = onlyEntry();
    expect([entry.version, entry.sizeBytes]).toEqual([3, 2]);
    expect(versionsOf(entry.id).map(({ sizeBytes }) => sizeBytes)).toEqual([3, 5]);
  });

  test('replaces nothing when its folder is in the trash, or an entry of another kind has the name', async () => {
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    await store('root');
    await store('inner', { folderId: folder.id });
    const id = await scene.fill({ folderId: folder.id, ifTaken: 'replace' });
    removeEntry(scene.ctx, scene.entry(folder.id));
    finishUpload(scene.ctx, id);
    expect(scene.names()).toEqual(['cut (2).mov', 'cut.mov']);
    createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Stems' });
    expect(await codeOf(() => scene.begin({ filename: 'stems', ifTaken: 'replace' }))).toBe('name_taken');
  });

  test('is refused without Can update', async () => {
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    await store('first', { folderId: folder.id });
    const uploader = await shareWith(folder.id, false);
    expect(await codeOf(() => replace('other', { folderId: folder.id }, uploader))).toBe('forbidden');
  });

  test('restores the earlier bytes of the entry when its checksum is wrong', async () => {
    const first = await store('first');
    const { id } = onlyEntry();
    await shareWith(id, false);
    const sent = await scene.send({ ifTaken: 'replace', checksum: `xxh128:${hash}` }, 'broken');
    await verifyUpload(scene.hub.ctx, sent, { xxh128: otherHash });
    expect(scene.entry(id)).toMatchObject({ assetId: first, sizeBytes: 5, version: 1, shareCount: 1 });
    expect(versionsOf(id)).toEqual([]);
    await replace('second');
    expect(versionsOf(id)).toMatchObject([{ number: 1 }]);
  });

  test('leaves no version when its checksum is wrong and it was replaced itself', async () => {
    await store('first');
    const sent = await scene.send({ ifTaken: 'replace', checksum: `xxh128:${hash}` }, 'broken');
    await replace('third');
    const { id } = onlyEntry();
    await verifyUpload(scene.hub.ctx, sent, { xxh128: otherHash });
    expect(versionsOf(id)).toMatchObject([{ number: 1, sizeBytes: 5 }]);
    expect(scene.entry(id).sizeBytes).toBe(5);
  });

  test('deletes the records of who downloaded the earlier bytes', async () => {
    const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Reel' });
    await store('first', { folderId: folder.id });
    await store('other', { folderId: folder.id, filename: 'other.mov' });
    const uploader = await shareWith(folder.id, false);
    const [cut, other] = scene.list(folder.id);
    await recordDownloaded(uploader, [cut!.id, other!.id]);
    await replace('second', { folderId: folder.id });
    const share = () => scene.hub.db.select().from(shares).get()!;
    expect(share()).toMatchObject({ downloadedFiles: 1 });
    expect(share().downloadedAt).not.toBeNull();
    await replace('second', { folderId: folder.id, filename: 'other.mov' });
    expect(share()).toMatchObject({ downloadedFiles: 0, downloadedAt: null });
    await recordDownloaded(uploader, [cut!.id]);
    expect(share()).toMatchObject({ downloadedFiles: 1 });
  });
});

test('an upload that keeps both gets a name that no file and no upload has', async () => {
  await store('first');
  const keep = { ifTaken: 'keepBoth' } as const;
  await scene.begin(keep);
  await store('third', keep);
  expect(scene.names()).toEqual(['cut (3).mov', 'cut.mov']);
  const { id: requestId } = scene.createRequest();
  await scene.send({ requestId, filename: 'a.mov', relativePath: 'Reel/a.mov' });
  await scene.begin({ requestId, filename: 'a.mov', relativePath: 'Reel/a.mov', ...keep });
  await scene.send({ requestId, filename: 'a.mov', relativePath: 'Reel/a.mov', ...keep });
  expect(scene.pathsIn({ id: requestId })).toEqual(['Reel/a (3).mov', 'Reel/a.mov']);
});

test('an upload that keeps both in a request avoids the folder name of an upload in progress', async () => {
  const { id: requestId } = scene.createRequest();
  await scene.begin({ requestId, filename: 'a.mov', relativePath: 'Stems/a.mov' });
  await scene.send({ requestId, filename: 'Stems', ifTaken: 'keepBoth' });
  expect(scene.pathsIn({ id: requestId })).toEqual(['Stems (2)']);
});

describe('restoring a version', () => {
  test('swaps the bytes and loses none', async () => {
    const first = await store('first');
    const second = await replace('second');
    const { id } = onlyEntry();
    const [version] = versionsOf(id);
    const written = await scene.eventsOf(() => restoreVersion(scene.ctx, id, version!.id));
    expect(written).toEqual(['workspace.changed to its owner']);
    expect(scene.entry(id)).toMatchObject({ assetId: first, version: 3, sizeBytes: 5 });
    expect(scene.hub.db.select().from(entryVersions).all()).toMatchObject([{ number: 2, assetId: second }]);
    expect(await codeOf(() => restoreVersion(scene.ctx, id, version!.id))).toBe('not_found');
  });

  test('needs Can update, and a version of the same entry', async () => {
    await store('first');
    await replace('second');
    await store('other', { filename: 'other.mov' });
    const [cut, other] = scene.list();
    const [version] = versionsOf(cut!.id);
    const reader = await shareWith(cut!.id, false);
    expect(await codeOf(() => restoreVersion(reader, cut!.id, version!.id))).toBe('forbidden');
    expect(await codeOf(() => restoreVersion(scene.ctx, other!.id, version!.id))).toBe('not_found');
    const stranger = scene.hub.as(scene.people.coordinator);
    expect(await codeOf(() => openDownload(stranger, version!.id))).toBe('not_found');
  });

  test('is possible after a rename and after a restore from the trash', async () => {
    await store('first');
    await replace('second');
    const { id } = onlyEntry();
    renameEntry(scene.ctx, scene.entry(id), 'final.mov');
    removeEntry(scene.ctx, scene.entry(id));
    const [version] = scene.hub.db.select().from(entryVersions).all();
    expect(await codeOf(() => openDownload(scene.ctx, version!.id))).toBe('not_found');
    restoreEntry(scene.ctx, scene.entry(id, 'trashed'));
    restoreVersion(scene.ctx, id, version!.id);
    expect(getEntry(scene.ctx, scene.entry(id))).toMatchObject({ name: 'final.mov', sizeBytes: 5 });
  });
});

describe('the end of versions', () => {
  test('comes after as many days as the end of the trash, and frees the bytes', async () => {
    const first = await store('first');
    await replace('second');
    const { id } = onlyEntry();
    scene.hub.clock.advance(scene.ctx.limits.trashDays * dayMs - 1);
    expect(await purgeOldVersions(scene.hub.ctx)).toBe(0);
    await freeAssets(scene.hub.ctx);
    expect(stateOf(first)).toBe('stored');
    scene.hub.clock.advance(1);
    expect(await purgeOldVersions(scene.hub.ctx)).toBe(1);
    expect(versionsOf(id)).toEqual([]);
    await freeAssets(scene.hub.ctx);
    expect(stateOf(first)).toBe('quarantined');
    expect(stateOf(scene.entry(id).assetId!)).toBe('stored');
  });

  test('keeps the bytes although a wrong mark says that nothing references them', async () => {
    const first = await store('first');
    await replace('second');
    scene.hub.db.update(assets).set({ unreferencedAt: 1 }).where(eq(assets.id, first)).run();
    await freeAssets(scene.hub.ctx);
    expect(stateOf(first)).toBe('stored');
  });

  test('comes when the entry is deleted for good', async () => {
    const first = await store('first');
    const second = await replace('second');
    removeEntry(scene.ctx, onlyEntry());
    await emptyTrash(scene.ctx, { projectId: scene.project.id });
    await freeAssets(scene.hub.ctx);
    expect([stateOf(first), stateOf(second)]).toEqual(['quarantined', 'quarantined']);
  });
});
