import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eq, sql } from 'drizzle-orm';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { DeliveryRequest } from '../access.ts';
import { requestEvents } from '../requests/history.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import { addFromWorkspace } from './deliver.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const as = (role: 'partner' | 'uploader' | 'reviewer' | 'workspace' | 'coordinator') =>
  scene.hub.as(scene.people[role]);
const deliver = (
  request: DeliveryRequest,
  entryIds: string[],
  options: { replace?: boolean; clearExisting?: boolean } = {},
) => addFromWorkspace(as('partner'), request, { entryIds, replace: false, clearExisting: false, ...options });

let folders = 0;
/** Creates a folder with these files in the partner's Workspace. */
function folderWith(files: Record<string, string>): {
  id: string;
  name: string;
  fileIds: Record<string, string>;
} {
  const name = `folder ${++folders}`;
  const id = scene.createEntry(scene.people.partner, name);
  const fileIds = Object.fromEntries(
    Object.entries(files).map(([file, content]) => [
      file,
      scene.createEntry(scene.people.partner, file, { parentId: id, assetId: scene.createAsset(content) }),
    ]),
  );
  return { id, name, fileIds };
}

/** Copies a frame to further frame numbers in one statement. */
function copyFrame(entryId: string, first: number, last: number): void {
  scene.hub.db.run(sql`
    with recursive number(frame) as (select ${first} union all select frame + 1 from number where frame < ${last})
    insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, asset_id, created_at, updated_at)
    select id || number.frame, project_id, owner_id, parent_id, kind,
      printf('shot.%05d.dpx', number.frame), printf('shot.%05d.dpx', number.frame), asset_id, created_at, updated_at
    from entries cross join number where id = ${entryId}`);
}

describe('delivers', () => {
  test('a folder with its structure, from the same assets', async () => {
    const request = scene.createRequest();
    const reel = folderWith({ 'a.dpx': 'aa', 'b.dpx': 'b' });
    const inner = scene.createEntry(scene.people.partner, 'inner', { parentId: reel.id });
    const assetId = scene.createAsset('ccc');
    scene.createEntry(scene.people.partner, 'c.dpx', { parentId: inner, assetId });
    const trashed = scene.createEntry(scene.people.partner, 'old.dpx', { parentId: inner, assetId });
    scene.hub.db.update(entries).set({ deletedAt: 1 }).where(eq(entries.id, trashed)).run();
    expect(await deliver(request, [reel.id])).toMatchObject({ added: 3, replaced: 0 });
    expect(scene.pathsIn(request)).toEqual([
      `${reel.name}/a.dpx`,
      `${reel.name}/b.dpx`,
      `${reel.name}/inner/c.dpx`,
    ]);
    expect(scene.countersOf(request)).toEqual({ fileCount: 3, totalBytes: 6, manifestCount: 0 });
    const rows = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.assetId, assetId)).all();
    expect(rows).toHaveLength(1);
    expect(requestEvents(as('partner'), request, { limit: 10 })).toMatchObject([
      { kind: 'file.added', data: { count: 3, names: scene.pathsIn(request) } },
    ]);
  });

  test('a file that is still being verified', async () => {
    const request = scene.createRequest();
    const assetId = scene.createAsset('v', 'verifying');
    const id = scene.createEntry(scene.people.partner, 'verifying.md5', { assetId });
    expect(await deliver(request, [id])).toMatchObject({ added: 1, replaced: 0 });
    expect(scene.countersOf(request).manifestCount).toBe(0);
  });

  test('a checksum list, recognised by its name and its content', async () => {
    const request = scene.createRequest();
    const list = `${'0'.repeat(32)}  a.dpx\n`;
    const folder = folderWith({
      'checksum.txt': list,
      'list.txt': list,
      'empty.md5': '',
      'notes.md5': 'Notes.\n',
    });
    await deliver(request, [folder.id]);
    expect(scene.countersOf(request).manifestCount).toBe(1);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('ten thousand frames in one delivery', async () => {
    const request = scene.createRequest();
    const folder = scene.createEntry(scene.people.partner, 'frames');
    const assetId = scene.createAsset('frame');
    scene.createEntry(scene.people.partner, 'shot.00000.dpx', { parentId: folder, assetId });
    const sequence = scene.createEntry(scene.people.partner, 'shot.00001.dpx', { parentId: folder, assetId });
    copyFrame(sequence, 2, 9_999);
    expect(await deliver(request, [folder])).toMatchObject({ added: 10_000, replaced: 0 });
    expect(scene.countersOf(request)).toEqual({ fileCount: 10_000, totalBytes: 50_000, manifestCount: 0 });
    expect(await deliver(request, [folder])).toMatchObject({ added: 0, replaced: 0, there: 10_000 });
    const otherId = scene.createAsset('other');
    scene.hub.db.update(entries).set({ assetId: otherId }).where(eq(entries.assetId, assetId)).run();
    expect((await refusalOf(() => deliver(request, [folder]))).details.count).toBe(10_000);
    expect(await deliver(request, [folder], { replace: true })).toMatchObject({
      added: 10_000,
      replaced: 10_000,
    });
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });
});

describe('taken names', () => {
  test('are refused with the first of them, and nothing is added', async () => {
    const request = scene.createRequest();
    const folder = folderWith({ 'a.wav': 'new', 'b.wav': 'b' });
    scene.deliver(request, 'A.wav');
    const ids = Object.values(folder.fileIds);
    expect(await refusalOf(() => deliver(request, ids))).toEqual({
      code: 'name_taken',
      details: { name: 'A.wav', count: 1 },
    });
    expect(scene.pathsIn(request)).toEqual(['A.wav']);
    expect(await deliver(request, ids, { replace: true })).toMatchObject({ added: 2, replaced: 1 });
    expect(scene.pathsIn(request)).toEqual(['a.wav', 'b.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('include those of uploads in progress, and names that occur twice in the selection', async () => {
    const request = scene.createRequest();
    const one = folderWith({ 'a.wav': '1' });
    const two = folderWith({ 'A.WAV': '2' });
    const both = [one.fileIds['a.wav']!, two.fileIds['A.WAV']!];
    expect((await refusalOf(() => deliver(request, both))).code).toBe('name_taken');
    scene.createUpload(request, 'a.wav', 'uploading');
    expect((await refusalOf(() => deliver(request, both.slice(0, 1)))).code).toBe('name_taken');
  });
});

describe('clear existing', () => {
  test('replaces the present files in Redelivery', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'a.wav');
    scene.deliver(request, 'old.wav', scene.people.uploader);
    scene.hub.db
      .update(requests)
      .set({ status: 'redelivery', round: 2 })
      .where(eq(requests.id, request.id))
      .run();
    const folder = folderWith({ 'a.wav': 'new' });
    const ids = Object.values(folder.fileIds);
    expect(await deliver(request, ids, { clearExisting: true })).toMatchObject({ added: 1, replaced: 0 });
    expect(scene.pathsIn(request)).toEqual(['a.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('is refused in other statuses, and without the permission to clear', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'kept.wav');
    const { fileIds } = folderWith({ 'a.wav': 'a' });
    const refusal = await refusalOf(() => deliver(request, Object.values(fileIds), { clearExisting: true }));
    expect(refusal).toMatchObject({ code: 'status_forbids', details: { action: 'clear', status: 'open' } });
    scene.put(request, 'redelivery');
    const own = scene.createEntry(scene.people.uploader, 'u.wav', { assetId: scene.createAsset('u') });
    const input = { entryIds: [own], replace: false, clearExisting: true };
    expect((await refusalOf(() => addFromWorkspace(as('uploader'), request, input))).code).toBe('forbidden');
    expect(scene.pathsIn(request)).toEqual(['kept.wav']);
  });
});

describe('cannot deliver', () => {
  test('entries of other people, of other projects, in the trash or in a folder in the trash', async () => {
    const request = scene.createRequest();
    const foreign = scene.createEntry(scene.people.coordinator, 'secret.wav', {
      assetId: scene.createAsset(),
    });
    const trashed = folderWith({ 'a.wav': 'a' });
    scene.hub.db.update(entries).set({ deletedAt: 1 }).where(eq(entries.id, trashed.id)).run();
    const elsewhere = scene.hub.createProject();
    scene.hub.addMember(elsewhere, scene.people.partner, 'partner');
    const moved = folderWith({ 'b.wav': 'b' });
    scene.hub.db.update(entries).set({ projectId: elsewhere.id }).where(eq(entries.parentId, moved.id)).run();
    const good = Object.values(folderWith({ 'good.wav': 'g' }).fileIds);
    for (const id of [foreign, moved.fileIds['b.wav']!]) {
      expect((await refusalOf(() => deliver(request, [...good, id]))).code).toBe('not_found');
    }
    for (const id of [trashed.id, trashed.fileIds['a.wav']!]) {
      expect((await refusalOf(() => deliver(request, [...good, id]))).code).toBe('changed_meanwhile');
    }
    expect(scene.pathsIn(request)).toEqual([]);
  });

  test.each([
    ['coordinator', undefined],
    ['partner', undefined],
    ['uploader', undefined],
    ['reviewer', 'forbidden'],
    ['workspace', 'not_found'],
  ] as const)('%s: %s', async (role, expected) => {
    const request = scene.createRequest();
    const assetId = scene.createAsset();
    const entryIds = [scene.createEntry(scene.people[role], `of ${role}.wav`, { assetId })];
    const add = () => addFromWorkspace(as(role), request, { entryIds, replace: false, clearExisting: false });
    if (expected) expect((await refusalOf(add)).code).toBe(expected);
    else expect(await add()).toMatchObject({ added: 1, replaced: 0 });
  });
});
