import { and, eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deliveredFiles, requestAssignees } from '@turnover/db/schema/requests';
import { deliveryStateOf, maxDeliveriesListed } from '@turnover/domain/workspace/deliveries';
import { listWorkspaceInput } from '@turnover/domain/workspace/entries';
import type { DeliveryRequest } from '../access.ts';
import type { Person } from '../context.ts';
import { removeFiles, renameFile } from '../requests/files/files.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { addFromWorkspace } from '../workspace/deliver.ts';
import { removeEntry } from '../workspace/trash.ts';
import { getEntry } from '../workspace/workspace.ts';
import { loadEntry } from './access.ts';
import { listDeliveries } from './deliveries.ts';
import { listWorkspace } from './list.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.close());

const partner = () => scene.hub.as(scene.people.partner);
const fileOf = (name: string, parentId: string | null = null) =>
  scene.file(name, parentId, scene.people.partner);
const folderOf = (name: string) => scene.folder(name, null, partner());

async function add(request: DeliveryRequest, ...entryIds: string[]) {
  await addFromWorkspace(partner(), request, { entryIds, replace: false, clearExisting: false });
}

/** The deliveries that the person's list shows for each row, keyed by name. */
function listed(by: Person = scene.people.partner, folderId: string | null = null) {
  const { entries } = listWorkspace(
    scene.hub.as(by),
    listWorkspaceInput.parse({ projectId: scene.project.id, folderId }),
  );
  return Object.fromEntries(entries.map(({ name, delivery }) => [name, delivery]));
}
const detailsOf = (entryId: string, by: Person = scene.people.partner) =>
  getEntry(scene.hub.as(by), loadEntry(scene.hub.db, scene.hub.as(by), entryId));
const deliveriesOf = (entryId: string, by: Person = scene.people.partner) =>
  listDeliveries(scene.hub.as(by), loadEntry(scene.hub.db, scene.hub.as(by), entryId));

test('a file counts as added first, and as delivered once its round is submitted', async () => {
  const request = scene.createRequest({ name: 'M&E' });
  const id = fileOf('a.wav');
  expect(listed()['a.wav']).toEqual({ delivered: 0, latest: null, more: 0 });
  await add(request, id);
  const latest = { requestId: request.id, requestName: 'M&E', round: 1, files: 1 };
  expect(listed()['a.wav']).toEqual({ delivered: 0, latest: { ...latest, state: 'added' }, more: 0 });
  expect(detailsOf(id).delivered).toBe(false);
  scene.submitRound(request);
  expect(listed()['a.wav']).toEqual({ delivered: 1, latest: { ...latest, state: 'submitted' }, more: 0 });
  expect(detailsOf(id).delivered).toBe(true);
  scene.put(request, 'accepted');
  expect(listed()['a.wav']?.latest?.state).toBe('accepted');
  expect(await deliveriesOf(id)).toEqual({
    delivered: 1,
    requests: [{ ...latest, state: 'accepted' }],
    more: 0,
    isComplete: true,
  });
});

test('later rounds return or supersede a delivery, and removing a file that was only added ends it', async () => {
  const request = scene.createRequest();
  const [kept, gone, never] = [fileOf('kept.wav'), fileOf('gone.wav'), fileOf('never.wav')];
  await add(request, kept, gone);
  scene.submitRound(request);
  scene.openNextRound(request);
  expect(listed()['gone.wav']?.latest).toMatchObject({ round: 1, state: 'returned' });
  await add(request, never);
  const present = (path: string) =>
    scene.hub.db
      .select()
      .from(deliveredFiles)
      .where(and(eq(deliveredFiles.requestId, request.id), eq(deliveredFiles.path, path)))
      .get()!.id;
  removeFiles(partner(), request, { fileIds: [present('never.wav'), present('gone.wav')] });
  // The renamed file is a new row of the same round.
  await renameFile(partner(), { id: present('kept.wav') }, 'renamed.wav');
  expect(listed()['kept.wav']).toMatchObject({
    delivered: 1,
    latest: { round: 1, state: 'returned', files: 1 },
  });
  scene.submitRound(request);
  expect(listed()).toMatchObject({
    'kept.wav': { delivered: 1, latest: { round: 2, state: 'submitted' }, more: 0 },
    'gone.wav': { delivered: 1, latest: { round: 1, state: 'superseded' } },
    'never.wav': { delivered: 0, latest: null, more: 0 },
  });
  scene.put(request, 'cancelled');
  expect(listed()['kept.wav']?.latest?.state).toBe('cancelled');
  expect(deliveryStateOf({ status: 'open', round: 1, lastRound: 1 })).toBe('returned');
});

test('folders and sequences count their files, and delivered files come before files that were only added', async () => {
  const [first, second] = [scene.createRequest({ name: 'First' }), scene.createRequest({ name: 'Second' })];
  const reel = folderOf('Reel');
  const [one, two] = [fileOf('one.wav', reel), fileOf('two.wav', reel)];
  fileOf('three.wav', reel);
  const frames = [1, 2, 3].map((number) => fileOf(`shot.000${number}.exr`, reel));
  await add(first, one, ...frames.slice(0, 2));
  scene.submitRound(first);
  scene.hub.clock.advance(1000);
  await add(second, one, two);
  expect(listed().Reel).toEqual({
    delivered: 3,
    latest: { requestId: first.id, requestName: 'First', round: 1, state: 'submitted', files: 3 },
    more: 1,
  });
  expect((await deliveriesOf(reel)).requests[1]).toMatchObject({
    requestName: 'Second',
    state: 'added',
    files: 2,
  });
  expect(listed(scene.people.partner, reel)).toMatchObject({
    'shot.####.exr': { delivered: 2, latest: { files: 2 } },
    'one.wav': { delivered: 1, more: 1 },
    'two.wav': { delivered: 0, latest: { requestName: 'Second', state: 'added' } },
    'three.wav': { delivered: 0, latest: null },
  });
  expect(detailsOf(reel).delivered).toBe(false);
  removeEntry(partner(), loadEntry(scene.hub.db, partner(), reel));
  expect(listed()).toEqual({});
});

test('a grantee learns the names of requests only where they may see the file in the request', async () => {
  const { hub, people } = scene;
  const request = scene.createRequest({ name: 'Secret cut' });
  const id = fileOf('a.wav');
  const outsider = scene.tomas;
  const colleague = hub.createPerson({ name: 'Assigned', project: scene.project, role: 'partner' });
  hub.db
    .insert(requestAssignees)
    .values({ id: hub.ctx.newId('assignee'), requestId: request.id, userId: colleague.id })
    .run();
  const sharees = [people.coordinator, people.uploader, people.workspace, outsider, colleague];
  for (const person of sharees) scene.share(id, person, {}, partner());
  await add(request, id);
  const seen = (state: string) => ({ latest: { requestName: 'Secret cut', state } });
  const nothing = (delivered: number) => ({ delivered, latest: null, more: 0 });
  const byPerson = () => sharees.map((person) => detailsOf(id, person).delivery);
  expect(byPerson()).toMatchObject([seen('added'), nothing(0), nothing(0), nothing(0), seen('added')]);
  scene.submitRound(request);
  expect(byPerson()).toMatchObject([
    seen('submitted'),
    nothing(1),
    nothing(1),
    nothing(1),
    seen('submitted'),
  ]);
  expect(await deliveriesOf(id, outsider)).toEqual({ delivered: 1, requests: [], more: 0, isComplete: true });
  expect(JSON.stringify([detailsOf(id, outsider), await deliveriesOf(id, people.uploader)])).not.toContain(
    'Secret',
  );
  // An uploader sees what they delivered themselves.
  hub.db.update(deliveredFiles).set({ deliveredBy: people.uploader.id }).run();
  expect(detailsOf(id, people.uploader).delivery).toMatchObject(seen('submitted'));
  // The owner keeps the file, but no longer learns where it was delivered.
  hub.db.delete(requestAssignees).where(eq(requestAssignees.requestId, request.id)).run();
  expect(detailsOf(id)).toMatchObject({ delivered: true, delivery: nothing(1) });
});

test('a page of a list checks a limited number of files, and a panel lists a limited number of requests', async () => {
  const { hub, project, people } = scene;
  const [big, small] = [folderOf('Big'), folderOf('Small')];
  fileOf('a.wav', small);
  const numbers = (last: number) =>
    sql`with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${last})`;
  const assetId = scene.createAsset('x');
  hub.db
    .run(sql`insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, asset_id, file_count,
      created_at, updated_at)
    ${numbers(3001)} select printf('ent_%05d', n), ${project.id}, ${people.partner.id}, ${big}, 'file',
      n || '.mov', n || '.mov', ${assetId}, 1, 1, 1 from numbers`);
  hub.db.run(sql`update entries set file_count = 3001 where id = ${big}`);
  expect(listed()).toEqual({ Big: null, Small: { delivered: 0, latest: null, more: 0 } });
  hub.db.run(sql`insert into requests (id, project_id, name, status, created_by, created_at, updated_at)
    ${numbers(60)} select 'req_' || n, ${project.id}, 'R' || n, 'open', ${people.coordinator.id}, 1, 1 from numbers`);
  hub.db
    .run(sql`insert into delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
    ${numbers(60)} select 'fil_' || n, 'req_' || n, 'a', 'a', ${assetId}, ${people.partner.id}, n, 1 from numbers`);
  scene.share(big, people.coordinator, {}, partner());
  const view = await deliveriesOf(big, people.coordinator);
  expect(view).toMatchObject({ delivered: 0, more: 10, isComplete: true });
  expect(view.requests).toHaveLength(maxDeliveriesListed);
  expect(view.requests[0]).toMatchObject({ requestName: 'R60', state: 'added', files: 3001 });
});
