import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq, sql } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { dayMs } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import { createShareInput } from '@turnover/domain/workspace/shares';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import { freeAssets, quarantineMs } from '../assets/freeing.ts';
import type { PersonContext } from '../context.ts';
import { loadRequest } from '../access.ts';
import { describeProjectSpace, limitMember, limitSpace, limitWorkspaces } from '../projects/space-limits.ts';
import { listMembers } from '../projects/members.ts';
import { purgeRemovedFiles } from '../requests/files/trash.ts';
import { createShares } from '../shares/create.ts';
import { hash, otherHash, uploadScene, type UploadScene } from '../testing/uploads.ts';
import { addFromWorkspace } from '../workspace/deliver.ts';
import { removeEntry } from '../workspace/trash.ts';
import { emptyTrash } from '../workspace/trash-end.ts';
import { purgeOldVersions } from '../workspace/versions.ts';
import { createFolder } from '../workspace/workspace.ts';
import { recordDurableOffset } from './completion.ts';
import { usedBytes } from './holdings.ts';
import { availableInProject, describeSpace, reserveAnew } from './space.ts';
import { discardUpload } from './uploads.ts';
import { verifyUpload } from './verification.ts';

let scene: UploadScene;
let owner: PersonContext;
beforeEach(async () => {
  scene = await uploadScene();
  owner = scene.hub.as(scene.people.coordinator);
});
/** Checks after every test that the counters agree with the rows. */
afterEach(() => {
  expect(counted()).toEqual(summed());
  scene.hub.close();
});

const counted = () =>
  scene.hub.db.all(sql`select project_id, owner_id, bytes from space_used where bytes <> 0 order by 1, 2`);
const isHeld = sql`project_id is not null and state in ('verifying', 'stored', 'quarantined') and size_bytes > 0`;
const summed = () =>
  scene.hub.db.all(sql`
    select project_id, '' as owner_id, sum(size_bytes) as bytes from assets where ${isHeld} group by 1
    union all select project_id, owner_id, sum(size_bytes) from assets
    where ${isHeld} and owner_id is not null group by 1, 2 order by 1, 2`);

const verify = (id: string) => verifyUpload(scene.hub.ctx, id, { xxh128: hash, md5: hash });

let number = 0;
const begin = (sizeBytes: number, more: object = {}, as = scene.ctx) =>
  scene.begin({ filename: `${++number}.mov`, sizeBytes, ...more }, as);
const used = (as = scene.ctx) =>
  usedBytes(scene.hub.db, scene.hub.clock.now, { projectId: scene.project.id, ownerId: as.person.id });
const limit = (project: number | null, workspace: number | null = null) => {
  limitSpace(owner, scene.project, project);
  limitWorkspaces(owner, scene.project, workspace);
};
const entryNamed = (name: string) => scene.hub.db.select().from(entries).where(eq(entries.name, name)).get()!;

async function refusal(work: () => Promise<unknown>) {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof HubError) return { code: error.code, ...error.details };
  if (error) throw error;
  return 'done';
}

test('a full project refuses uploads into requests and Workspaces, and states how much space is left', async () => {
  const { id: requestId } = scene.createRequest();
  await scene.send({ requestId, filename: 'mix.wav' });
  limit(12);
  await begin(4);
  const full = {
    code: 'no_space',
    neededBytes: 4,
    availableBytes: 3,
    limitedBy: 'heldByProject',
    limitBytes: 12,
  };
  expect(await refusal(() => begin(4))).toMatchObject(full);
  expect(await refusal(() => begin(4, { requestId }, owner))).toMatchObject(full);
  expect(await refusal(() => begin(3, { requestId }))).toBe('done');
  expect(await availableInProject(owner, scene.project.id)).toBe(0);
  const elsewhere = scene.hub.createProject();
  scene.hub.addMember(elsewhere, scene.people.partner, 'partner');
  expect(await refusal(() => begin(50, { projectId: elsewhere.id }))).toBe('done');
});

test('a full Workspace refuses uploads by everybody, while requests accept them', async () => {
  limit(null, 10);
  await begin(8);
  expect(await refusal(() => begin(3))).toEqual({
    code: 'no_space',
    neededBytes: 3,
    availableBytes: 2,
    limitedBy: 'heldByWorkspace',
    limitBytes: 10,
    isOwn: true,
  });
  const { id: requestId } = scene.createRequest();
  expect(await refusal(() => begin(30, { requestId }))).toBe('done');
  expect(await refusal(() => begin(9, {}, owner))).toBe('done');

  const folder = createFolder(scene.ctx, { projectId: scene.project.id, parentId: null, name: 'Stems' });
  const people = [scene.people.coordinator.email];
  const share = { projectId: scene.project.id, entryIds: [folder.id], people, canUpdate: true };
  await createShares(scene.ctx, createShareInput.parse(share));
  const into = { folderId: folder.id };
  expect(await refusal(() => begin(3, into, owner))).toEqual({
    code: 'no_space',
    neededBytes: 3,
    availableBytes: 2,
    limitedBy: 'heldByWorkspace',
    isOwn: false,
  });
  expect(await refusal(() => begin(2, into, owner))).toBe('done');
  const place = { projectId: scene.project.id, toRequest: false, ...into };
  const full = { availableBytes: 0, limitedBy: 'heldByWorkspace' };
  expect(await describeSpace(owner, place)).toMatchObject({ ...full, heldByWorkspace: null });
  expect(await describeSpace(scene.ctx, place)).toMatchObject({
    ...full,
    heldByWorkspace: { leftBytes: 0, maxBytes: 10 },
  });
  expect([used().workspace, used(owner).workspace]).toEqual([10, 9]);
});

test('one member can get a different limit than the others, and the common limit again', async () => {
  limit(null, 10);
  const { id: userId } = scene.people.partner;
  limitMember(owner, scene.project, { userId, maxBytes: 20 });
  expect(await refusal(() => begin(20))).toBe('done');
  limitMember(owner, scene.project, { userId, maxBytes: 0 });
  expect(await refusal(() => begin(1))).toMatchObject({ availableBytes: 0, limitBytes: 0 });
  expect(await refusal(() => begin(0))).toBe('done');
  limitMember(owner, scene.project, { userId, maxBytes: null });
  expect(await refusal(() => begin(1))).toMatchObject({ limitBytes: 10 });
  expect(() => limitMember(owner, scene.project, { userId: 'usr_none', maxBytes: 1 })).toThrow('Not found');
});

test('many uploads that begin at once never exceed a limit', async () => {
  limit(1000, 500);
  const results = await Promise.allSettled(
    Array.from({ length: 24 }, (_, index) => begin(120, {}, index % 2 ? owner : scene.ctx)),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  expect([used().project, used().workspace, used(owner).workspace]).toEqual([960, 480, 480]);
});

test('counts versions, trash and unfinished uploads, and each asset once', async () => {
  await scene.send({ filename: 'cut.mov' });
  await scene.send({ filename: 'cut.mov', replace: true }, 'longer');
  expect(used()).toEqual({ project: 11, workspace: 11 });
  removeEntry(scene.ctx, entryNamed('cut.mov'));
  const id = await begin(100);
  expect(used()).toEqual({ project: 111, workspace: 111 });
  await discardUpload(scene.ctx, scene.rowOf(id));
  expect(used()).toEqual({ project: 11, workspace: 11 });
  expect(describeProjectSpace(owner, scene.project)).toEqual({
    usedBytes: 11,
    maxBytes: null,
    maxWorkspaceBytes: null,
  });
  const me = listMembers(owner, scene.project.id).find(({ user }) => user.id === scene.ctx.person.id);
  expect(me).toMatchObject({ workspaceBytes: 11, maxWorkspaceBytes: null });
});

test('an upload without a reservation counts only the bytes that have arrived, and continues only if there is space', async () => {
  const id = await begin(100);
  recordDurableOffset(scene.ctx, id, 30);
  scene.hub.clock.advance(reservedForMs);
  expect(used()).toEqual({ project: 30, workspace: 30 });
  limit(99);
  expect(await refusal(() => reserveAnew(scene.ctx, scene.rowOf(id)))).toMatchObject({
    neededBytes: 70,
    availableBytes: 69,
  });
  limit(null, 99);
  expect(await refusal(() => reserveAnew(scene.ctx, scene.rowOf(id)))).toMatchObject({
    limitedBy: 'heldByWorkspace',
  });
  limit(100, 100);
  expect(await refusal(() => reserveAnew(scene.ctx, scene.rowOf(id)))).toBe('done');
  expect(used()).toEqual({ project: 100, workspace: 100 });
});

test('a limit below the present use deletes nothing, and refuses everything new', async () => {
  await scene.send();
  limit(2);
  expect(await refusal(() => begin(1))).toMatchObject({ availableBytes: 0 });
  expect(scene.names()).toEqual(['cut.mov']);
  limit(null);
  expect(await refusal(() => begin(1))).toBe('done');
});

test('submitting takes no more space, and files that only a request holds no longer count in the Workspace', async () => {
  const uploadId = await scene.send();
  await verify(uploadId);
  const assetId = scene.rowOf(uploadId).assetId!;
  const request = scene.createRequest();
  const options = { entryIds: [entryNamed('cut.mov').id], replace: false, clearExisting: false };
  await addFromWorkspace(
    scene.ctx,
    loadRequest(scene.hub.db, scene.ctx.person, request.id, 'file:add'),
    options,
  );
  expect(used()).toEqual({ project: 5, workspace: 5 });
  removeEntry(scene.ctx, entryNamed('cut.mov'));
  expect(used()).toEqual({ project: 5, workspace: 5 });
  await emptyTrash(scene.ctx, { projectId: scene.project.id });
  expect(used()).toEqual({ project: 5, workspace: 0 });

  scene.hub.db.update(deliveredFiles).set({ removedAt: scene.hub.clock.now }).run();
  scene.hub.clock.advance(scene.ctx.limits.trashDays * dayMs);
  expect(purgeRemovedFiles(scene.hub.ctx)).toBe(1);
  expect(used()).toEqual({ project: 5, workspace: 0 });
  expect(scene.hub.db.select().from(assets).where(eq(assets.id, assetId)).get()).toMatchObject({
    ownerId: null,
  });
});

test('deleted bytes count until they are freed', async () => {
  const first = await scene.send();
  await verify(first);
  const second = await scene.send({ replace: true }, 'longer');
  await verify(second);
  scene.hub.clock.advance(scene.ctx.limits.trashDays * dayMs);
  expect(await purgeOldVersions(scene.hub.ctx)).toBe(1);
  await freeAssets(scene.hub.ctx);
  expect(used()).toEqual({ project: 11, workspace: 11 });
  scene.hub.clock.advance(quarantineMs);
  await freeAssets(scene.hub.ctx);
  expect(used()).toEqual({ project: 6, workspace: 6 });
});

test('bytes that differ from their checksum stop counting at once', async () => {
  const id = await scene.send({ checksum: `md5:${otherHash}` });
  expect(used().project).toBe(5);
  await verify(id);
  expect(scene.rowOf(id).status).toBe('mismatch');
  expect(used()).toEqual({ project: 0, workspace: 0 });
});
