import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { starterTypes } from '@turnover/domain/rules/starter-types';
import { createProject } from '../projects/projects.ts';
import {
  createRequestType,
  listRequestTypes,
  loadRequestType,
  provideStarterTypes,
  rulesOfVersion,
  updateRequestType,
} from './types.ts';
import { createRequest, duplicateRequest, getRequest, setRequestType } from './edit.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const coordinator = () => scene.hub.as(scene.people.coordinator);
const rules = (more = {}) => requestRulesSchema.parse({ extensions: ['wav'], ...more });
const make = (name = 'Mixes', more = {}) =>
  createRequestType(coordinator(), {
    projectId: scene.project.id,
    name,
    description: '',
    rules: rules(more),
  });
const request = (typeId: string | null) =>
  createRequest(coordinator(), {
    projectId: scene.project.id,
    name: 'Mix',
    description: '',
    dueAt: null,
    typeId,
    assignees: [],
  });
const list = (archived = false) => listRequestTypes(coordinator(), { projectId: scene.project.id, archived });

test('gives starter types to a new project, and once to an older project', () => {
  const owner = scene.hub.as(scene.hub.createPerson({ isOwner: true }));
  const { id } = createProject(owner, { name: 'New' });
  scene.hub.addMember({ id }, owner.person, 'coordinator');
  expect(
    listRequestTypes(owner, { projectId: id, archived: false })
      .map(({ name }) => name)
      .toSorted(),
  ).toEqual(starterTypes.map(({ name }) => name).toSorted());
  expect(list()).toEqual([]);
  expect(provideStarterTypes(scene.hub.ctx)).toBe(1);
  expect(provideStarterTypes(scene.hub.ctx)).toBe(0);
  expect(list()).toHaveLength(starterTypes.length);
});

describe('an update of a type', () => {
  test('creates a version, which older requests get only when they are moved to it', () => {
    const type = make();
    const old = request(type.id);
    const changed = updateRequestType(coordinator(), type, {
      version: 1,
      rules: rules({ automaticSubmit: true, demandsManifest: true }),
    });
    expect(changed).toMatchObject({ version: 2, requests: 1, outdatedRequests: 1 });
    expect(getRequest(coordinator(), old.id)).toMatchObject({
      automaticSubmit: false,
      demandsManifest: false,
      rules: { version: 1, newest: false },
    });
    expect(request(type.id)).toMatchObject({ automaticSubmit: true, rules: { version: 2, newest: true } });
    const moved = setRequestType(coordinator(), old, { typeId: type.id });
    expect(moved).toMatchObject({ automaticSubmit: true, demandsManifest: true, rules: { version: 2 } });
    expect(list()[0]).toMatchObject({ requests: 2, outdatedRequests: 0 });
  });

  test('creates no version when the rules are the same or only the name changes', () => {
    const type = make();
    const input = { version: 1, name: 'Stems', rules: rules() };
    expect(updateRequestType(coordinator(), type, input)).toMatchObject({ name: 'Stems', version: 1 });
  });

  test('is refused when it is based on an older version', async () => {
    const type = make();
    updateRequestType(coordinator(), type, { version: 1, rules: rules({ strictNames: true }) });
    const late = () =>
      updateRequestType(coordinator(), type, { version: 1, rules: rules({ extensions: [] }) });
    expect((await refusalOf(late)).code).toBe('changed_meanwhile');
  });
});

test('requires names that are unique in a project, and does not offer archived types', async () => {
  const type = make('Mixes');
  expect((await refusalOf(() => make('MIXES'))).code).toBe('name_taken');
  const other = make('Stems');
  const renaming = () => updateRequestType(coordinator(), other, { version: 1, name: 'mixes' });
  expect((await refusalOf(renaming)).code).toBe('name_taken');
  updateRequestType(coordinator(), other, { version: 1, archived: true });
  updateRequestType(coordinator(), type, { version: 1, archived: true });
  expect([list(), list(true).map(({ name }) => name)]).toEqual([[], ['Mixes', 'Stems']]);
  expect((await refusalOf(() => request(type.id))).details.field).toBe('typeId');
});

test('an accepted request keeps its type, and unknown types and versions throw not_found', async () => {
  const type = make();
  const { id } = request(null);
  scene.put({ id }, 'accepted');
  expect((await refusalOf(() => setRequestType(coordinator(), { id }, { typeId: type.id }))).code).toBe(
    'status_forbids',
  );
  expect(getRequest(coordinator(), id).type).toBeNull();
  const { db } = scene.hub;
  for (const loading of [
    () => loadRequestType(db, coordinator(), id, 'type:view'),
    () => rulesOfVersion(db, type.id, 2),
  ])
    expect((await refusalOf(loading)).code).toBe('not_found');
});

test('types belong to one project, and only coordinators change them', async () => {
  const elsewhere = scene.hub.createProject('Elsewhere');
  const type = make();
  const lead = scene.hub.as(scene.hub.createPerson({ project: elsewhere, role: 'coordinator' }));
  const wanted = { name: 'Mix', description: '', dueAt: null, assignees: [] };
  const foreign = () => createRequest(lead, { ...wanted, projectId: elsewhere.id, typeId: type.id });
  expect((await refusalOf(foreign)).code).toBe('not_found');
  const byPartner = () =>
    updateRequestType(scene.hub.as(scene.people.partner), type, { version: 1, name: 'X' });
  expect((await refusalOf(byPartner)).code).toBe('forbidden');
  const stems = { projectId: scene.project.id, name: 'Stems', description: '', rules: rules() };
  const creating = (ctx: typeof lead) => refusalOf(() => createRequestType(ctx, stems));
  expect((await creating(scene.hub.as(scene.people.partner))).code).toBe('forbidden');
  expect((await creating(lead)).code).toBe('not_found');
  expect(list().map(({ name }) => name)).toEqual(['Mixes']);
});

test('a duplicate copies the request, but not assignees who are no longer eligible', () => {
  const type = make('Mixes', { automaticSubmit: true });
  const { partner, uploader } = scene.people;
  const first = createRequest(coordinator(), {
    projectId: scene.project.id,
    name: 'Mix 1',
    description: 'The final',
    dueAt: 5,
    typeId: type.id,
    assignees: [{ userId: partner.id }, { userId: uploader.id }],
  });
  scene.hub.db.$client.prepare('delete from memberships where user_id = ?').run(uploader.id);
  expect(duplicateRequest(coordinator(), first, { name: 'Mix 2', dueAt: 9 })).toMatchObject({
    name: 'Mix 2',
    description: 'The final',
    dueAt: 9,
    automaticSubmit: true,
    status: 'open',
    type: { name: 'Mixes' },
    assignees: [{ id: partner.id }],
    fileCount: 0,
  });
});
