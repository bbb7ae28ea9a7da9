import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { memberships } from '@turnover/db/schema/projects';
import { HubError } from '@turnover/domain/errors';
import { createShareInput } from '@turnover/domain/workspace/shares';
import type { Role } from '@turnover/domain/people/projects';
import type { Person } from '../context.ts';
import { removeMember } from '../projects/members.ts';
import { createShares } from '../shares/create.ts';
import { listShares } from '../shares/list.ts';
import { revokeShare } from '../shares/revoke.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { removeEntry } from '../workspace/trash.ts';
import { createFolder } from '../workspace/workspace.ts';
import { loadEntry } from '../entries/access.ts';
import { loadUpload, loadUploadToDiscard } from './access.ts';

let scene: UploadScene;
let sender: Person;

beforeEach(async () => {
  scene = await uploadScene();
  sender = scene.people.partner;
});
afterEach(() => scene.close());

function outcome(work: () => unknown): string {
  try {
    work();
    return 'granted';
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
}
const continuing = (id: string, person = sender) =>
  outcome(() => loadUpload(scene.hub.db, scene.hub.as(person), id));
const discarding = (id: string, person = sender) =>
  outcome(() => loadUploadToDiscard(scene.hub.db, scene.hub.as(person), id));

function setRole({ id }: Person, role: Role): void {
  scene.hub.db.update(memberships).set({ role }).where(eq(memberships.userId, id)).run();
}

test('throws not_found for an upload that does not exist', () => {
  expect(continuing('upl_none')).toBe('not_found');
  expect(discarding('upl_none')).toBe('not_found');
});

test('hides an upload into a Workspace from everybody except its sender', async () => {
  const id = await scene.begin();
  expect([continuing(id), discarding(id)]).toEqual(['granted', 'granted']);
  for (const other of [scene.people.coordinator, scene.hub.createPerson({ isOwner: true })]) {
    expect([continuing(id, other), discarding(id, other)]).toEqual(['not_found', 'not_found']);
  }
});

test('an upload into a request can be continued by its sender, and discarded by people who may remove its files', async () => {
  const { coordinator, uploader, workspace } = scene.people;
  const id = await scene.begin({ requestId: scene.createRequest().id });
  expect([continuing(id), continuing(id, coordinator)]).toEqual(['granted', 'not_found']);
  expect(discarding(id)).toBe('granted');
  expect(discarding(id, coordinator)).toBe('granted');
  expect(discarding(id, uploader)).toBe('forbidden');
  expect(discarding(id, workspace)).toBe('not_found');
  expect(discarding(id, scene.hub.createPerson())).toBe('not_found');
});

test('a person who left the project can neither continue nor discard an upload', async () => {
  const [mine, inRequest] = [await scene.begin(), await scene.begin({ requestId: scene.createRequest().id })];
  const { hub, project, people } = scene;
  removeMember(hub.as(people.coordinator), { projectId: project.id, userId: sender.id });
  for (const id of [mine, inRequest]) {
    expect([continuing(id), discarding(id)]).toEqual(['not_found', 'not_found']);
  }
});

test('a person whose role has no Workspace can discard an upload into it, but not continue it', async () => {
  const id = await scene.begin();
  setRole(sender, 'reviewer');
  expect([continuing(id), discarding(id)]).toEqual(['forbidden', 'granted']);
});

test('an upload into a shared folder continues as long as the share allows updates, even when the folder is in the trash', async () => {
  const { hub, project, people } = scene;
  const owner = hub.as(people.coordinator);
  const folder = createFolder(owner, { projectId: project.id, parentId: null, name: 'Reels' });
  const share = async (canUpdate: boolean) => {
    const input = { projectId: project.id, entryIds: [folder.id], people: [sender.email], canUpdate };
    await createShares(owner, createShareInput.parse(input));
  };
  await share(true);
  const id = await scene.begin({ folderId: folder.id });
  expect(continuing(id)).toBe('granted');
  await share(false);
  expect([continuing(id), discarding(id)]).toEqual(['forbidden', 'granted']);
  await share(true);
  const [made] = listShares(owner, loadEntry(hub.db, owner, folder.id)).shares;
  removeEntry(owner, { id: folder.id, projectId: project.id });
  expect(continuing(id)).toBe('granted');
  revokeShare(owner, made!.id);
  expect([continuing(id), discarding(id)]).toEqual(['not_found', 'granted']);
  expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', folderId: folder.id });
});
