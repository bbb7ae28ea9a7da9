import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edits } from '@turnover/db/schema/edits';
import { noRules } from '@turnover/domain/rules/request-types';
import type { Person, PersonContext } from './context.ts';
import { updateProject, getProject } from './projects/projects.ts';
import { assignRequest, getRequest, promiseDate, setRequestType, updateRequest } from './requests/edit.ts';
import { assignMany } from './requests/many.ts';
import { listReasons, updateReason } from './requests/redelivery/reasons.ts';
import { createRequestType, getRequestType, listRequestTypes, updateRequestType } from './requests/types.ts';
import { refusalOf, requestScene, type RequestScene } from './testing/requests.ts';

let scene: RequestScene;
let other: Person;
beforeEach(async () => {
  scene = await requestScene();
  other = scene.hub.createPerson({ name: 'Dana', project: scene.project, role: 'coordinator' });
});
afterEach(() => scene.close());

const cora = () => scene.hub.as(scene.people.coordinator);
/** A second coordinator. */
const dana = () => scene.hub.as(other);
const refusal = async (act: () => unknown) => {
  const { code, details } = await refusalOf(act);
  return [code, details];
};
const edited = (facts: object) => [
  'changed_meanwhile',
  expect.objectContaining({ what: 'edited', ...facts }),
];

describe('an edit of a request', () => {
  test('that started before another one was saved changes nothing, and the error names who changed what', async () => {
    const request = scene.createRequest();
    const opened = getRequest(cora(), request.id).revision;
    expect(opened).toBe(0);
    updateRequest(dana(), request, { revision: opened, name: 'By Dana', dueAt: 5 });
    assignRequest(dana(), request, { assignees: [] });
    const late = () =>
      updateRequest(cora(), request, { revision: opened, name: 'By Cora', description: 'x' });
    expect(await refusal(late)).toEqual(
      edited({ name: 'By Dana', by: 'Dana', byYou: false, revision: 2, fields: 'name,dueAt,assignees' }),
    );
    expect(getRequest(cora(), request.id)).toMatchObject({ name: 'By Dana', description: '', revision: 2 });
    updateRequest(cora(), request, { revision: 2, name: 'Merged' });
    expect(getRequest(cora(), request.id)).toMatchObject({ name: 'Merged', dueAt: 5, revision: 3 });
  });

  test('counts each kind of change once, and does not count a change to the present value', async () => {
    const request = scene.createRequest();
    const typeId = createRequestType(cora(), {
      projectId: scene.project.id,
      name: 'Mix',
      description: '',
      rules: { ...noRules, demandsManifest: true },
    }).id;
    const revision = () => getRequest(cora(), request.id).revision;
    expect(setRequestType(cora(), request, { typeId, revision: 0 }).revision).toBe(1);
    promiseDate(scene.hub.as(scene.people.partner), request, { promisedAt: 7, reason: '', revision: 1 });
    await assignMany(cora(), { projectId: scene.project.id, requestIds: [request.id], assignees: [] });
    expect(revision()).toBe(3);
    updateRequest(cora(), request, { name: request.name, revision: 3 });
    expect(revision()).toBe(3);
    for (const act of [
      () => setRequestType(cora(), request, { typeId: null, revision: 0 }),
      () => assignRequest(cora(), request, { assignees: [], revision: 0 }),
      () => updateRequest(cora(), request, { revision: 4 }),
    ]) {
      expect((await refusalOf(act)).code).toBe('changed_meanwhile');
    }
    expect(await refusal(() => setRequestType(cora(), request, { typeId: null, revision: 0 }))).toEqual(
      edited({ byYou: true, fields: 'type,demandsManifest,promisedAt,assignees' }),
    );
  });

  test('without a revision overwrites the present values', () => {
    const request = scene.createRequest();
    updateRequest(dana(), request, { name: 'By Dana' });
    expect(updateRequest(cora(), request, { name: 'By Cora' })).toMatchObject({
      name: 'By Cora',
      revision: 2,
    });
  });

  test('does not reveal the name of an editor whom the reader may not know', async () => {
    const { hub, people } = scene;
    const [one, two] = ['One', 'Two'].map((name) => hub.createCompany(name));
    const request = scene.createRequest();
    const [pat, una] = [
      { ...people.partner, companyId: one!.id },
      { ...people.uploader, companyId: two!.id },
    ];
    hub.db.$client.prepare('update users set company_id = ? where id = ?').run(one!.id, pat.id);
    hub.db.$client.prepare('update users set company_id = ? where id = ?').run(two!.id, una.id);
    promiseDate(hub.as(pat), request, { promisedAt: 7, reason: '' });
    const late = () => promiseDate(hub.as(una), request, { promisedAt: 8, reason: '', revision: 0 });
    expect(await refusal(late)).toEqual(edited({ by: null, fields: 'promisedAt' }));
  });

  test('keeps a limited number of earlier edits', async () => {
    const request = scene.createRequest();
    for (let dueAt = 1; dueAt <= 60; dueAt++) updateRequest(cora(), request, { dueAt });
    expect(scene.hub.db.select().from(edits).all()).toHaveLength(50);
    const late = () => updateRequest(cora(), request, { name: 'x', revision: 1 });
    expect(await refusal(late)).toEqual(edited({ revision: 60, fields: 'dueAt' }));
  });
});

test('refuses an edit of a request type that started before another one was saved, whatever that one changed', async () => {
  const { id, revision } = createRequestType(cora(), {
    projectId: scene.project.id,
    name: 'Mix',
    description: '',
    rules: noRules,
  });
  updateRequestType(dana(), { id }, { version: 1, revision, description: 'By Dana' });
  const late = () => updateRequestType(cora(), { id }, { version: 1, revision, name: 'By Cora' });
  expect(await refusal(late)).toEqual(edited({ by: 'Dana', fields: 'description', revision: 1 }));
  updateRequestType(dana(), { id }, { version: 1, rules: { ...noRules, strictNames: true } });
  expect(await refusal(() => updateRequestType(cora(), { id }, { version: 1, name: 'x' }))).toEqual(
    edited({ by: 'Dana', fields: 'rules' }),
  );
  updateRequestType(cora(), { id }, { version: 2, revision: 2, archived: true });
  expect(getRequestType(cora(), { id })).toMatchObject({ revision: 3, description: 'By Dana' });
  const [listed] = listRequestTypes(cora(), { projectId: scene.project.id, archived: true }).filter(
    (type) => type.id === id,
  );
  expect(listed?.revision).toBe(3);
});

test('refuses an edit of a project that started before another one was saved', async () => {
  const { project } = scene;
  const { revision } = getProject(cora(), project);
  updateProject(dana(), project, { revision, subtitle: 'Season 2' });
  const late = () => updateProject(cora(), project, { revision, retentionDays: 10 });
  expect(await refusal(late)).toEqual(edited({ by: 'Dana', fields: 'subtitle' }));
  updateProject(cora(), project, { revision: revision + 1, retentionDays: 10 });
  updateProject(cora(), project, { retentionDays: 10 });
  expect(getProject(cora(), project)).toMatchObject({ subtitle: 'Season 2', retentionDays: 10, revision: 2 });
});

test('refuses an edit of a reason that started before another one was saved', async () => {
  const [olga, omar] = ['Olga', 'Omar'].map((name) =>
    scene.hub.as(scene.hub.createPerson({ name, isOwner: true })),
  ) as [PersonContext, PersonContext];
  const words = { name: 'Slate', description: '', prevention: '', cure: '' };
  const code = 'audio_spec';
  const find = () =>
    listReasons(scene.hub.db, (name) => ({ ...words, name })).find((reason) => reason.code === code)!;
  const { revision } = find();
  updateReason(olga, { code, revision, words, severity: 'note' });
  const late = () => updateReason(omar, { code, revision, textRequired: true });
  expect(await refusal(late)).toEqual(
    edited({ by: 'Olga', fields: 'name,description,prevention,cure,severity', revision: 1 }),
  );
  expect(find()).toMatchObject({ revision: 1, textRequired: false });
  updateReason(omar, { code, revision: 1, textRequired: true });
  expect(find()).toMatchObject({ revision: 2, severity: 'note' });
});
