/** Ids that exist but do not fit (a thing of another project or another kind), and ids that do not exist. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, testApi, type ApiHub, type Caller } from './testing.ts';

let hub: ApiHub;
let lead: Caller;
let owner: Caller;
let here: string;
let elsewhere: string;
/** Both folders belong to the coordinator; each is in one of the projects. */
let folder: string;
let otherFolder: string;
let typeId: string;

beforeAll(async () => {
  hub = await testApi();
  const project = hub.createProject('Here');
  const other = hub.createProject('Elsewhere');
  [here, elsewhere] = [project.id, other.id];
  const person = hub.createPerson({ project, role: 'coordinator' });
  hub.addMember(other, person, 'coordinator');
  lead = hub.callerOf(person);
  owner = hub.callerOf(hub.createPerson({ isOwner: true }));
  ({ id: folder } = await lead.workspace.createFolder({ projectId: here, name: 'Mixes' }));
  ({ id: otherFolder } = await lead.workspace.createFolder({ projectId: elsewhere, name: 'Mixes' }));
  ({ id: typeId } = await lead.requestTypes.create({ projectId: here, name: 'Mixes', rules: {} }));
  await lead.requestTypes.create({ projectId: here, name: 'Stems', rules: {} });
});
afterAll(() => hub.close());

test('does not list a folder of another project', async () => {
  expect(await call(lead, 'workspace.list', { projectId: here, folderId: otherFolder })).toBe('not_found');
  expect(await call(lead, 'workspace.list', { projectId: here, folderId: folder })).toBe('done');
});

test('does not share entries of two projects at once', async () => {
  const { email } = hub.createPerson({ project: { id: here }, role: 'partner' });
  const share = (entryIds: string[]) =>
    call(lead, 'shares.create', { projectId: here, entryIds, people: [email] });
  expect(await share([folder, otherFolder])).toBe('not_found');
  expect(await share([folder])).toBe('done');
});

test('shows the link of an invitation only in its own project', async () => {
  const { id: invitationId } = await lead.invitations.create({
    projectId: here,
    email: 'soon@example.com',
    role: 'partner',
    companyId: null,
  });
  const show = (projectId: string) => call(lead, 'invitations.showLink', { projectId, invitationId });
  expect(await show(elsewhere)).toBe('not_found');
  expect(await show(here)).toBe('done');
});

test('throws not_found for a person, a version or a reason that does not exist', async () => {
  expect(await call(owner, 'users.update', { userId: hub.ctx.newId('user'), disabled: true })).toBe(
    'not_found',
  );
  expect(await call(lead, 'requestTypes.version', { typeId, version: 2 })).toBe('not_found');
  expect(await call(owner, 'reasons.update', { code: hub.ctx.newId('reason'), archived: true })).toBe(
    'not_found',
  );
});

test('refuses to give a request type the name of another', async () => {
  const rename = (name: string) => call(lead, 'requestTypes.update', { typeId, version: 1, name });
  expect(await rename('STEMS')).toBe('name_taken');
  expect(await rename('Final mixes')).toBe('done');
});

test('has no checksum to compare for a folder', async () => {
  const checksum = `xxh128:${'a'.repeat(32)}`;
  expect(await call(lead, 'shares.verifyCopy', { entryId: folder, checksum })).toBe('not_found');
});

test('assigns nobody from outside the project, neither to one request nor to many', async () => {
  const { id: requestId } = await lead.requests.create({ projectId: here, name: 'Mix', assignees: [] });
  const assignees = [{ userId: hub.createPerson().id }];
  expect(await call(lead, 'requests.assign', { requestId, assignees })).toBe('invalid_input');
  const many = { projectId: here, requestIds: [requestId], assignees };
  expect(await call(lead, 'requests.assignMany', many)).toBe('invalid_input');
});

test('changes the type of a request only while files can be added', async () => {
  const { id: requestId } = await lead.requests.create({ projectId: here, name: 'Done', assignees: [] });
  const setType = () => call(lead, 'requests.setType', { requestId, typeId });
  expect(await setType()).toBe('done');
  hub.db.$client.prepare(`update requests set status = 'accepted' where id = ?`).run(requestId);
  expect(await setType()).toBe('status_forbids');
});
