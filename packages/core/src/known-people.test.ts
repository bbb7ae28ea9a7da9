import { afterEach, beforeEach, expect, test } from 'vitest';
import { addMember } from './projects/members.ts';
import { listActivity } from './projects/activity.ts';
import { eventsAfter } from './events.ts';
import { knownTo } from './known-people.ts';
import { submitRequest } from './requests/actions.ts';
import { getRequest } from './requests/edit.ts';
import { requestEvents } from './requests/history.ts';
import { askForRedelivery } from './requests/redelivery/redeliveries.ts';
import { overrideRule } from './requests/rule-checks.ts';
import { listRounds } from './requests/rounds.ts';
import { currentRequest } from './requests/transitions.ts';
import { createRequestType } from './requests/types.ts';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { requestScene, type RequestScene } from './testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const as = (role: keyof RequestScene['people']) => scene.hub.as(scene.people[role]);
const activityOf = (role: keyof RequestScene['people'], personId: string | null = null) =>
  listActivity(as(role), { projectId: scene.project.id, limit: 100, personId }).events;

test('an uploader knows themselves, their company and the house; a partner knows everybody', () => {
  const { hub, project, people } = scene;
  const company = hub.createCompany('Blue Door');
  const [one, two] = ['One', 'Two'].map((name) =>
    hub.createPerson({ name, project, role: 'uploader', companyId: company.id }),
  );
  const known = knownTo(hub.db, one!.id, project.id);
  expect([one!, two!, people.coordinator, people.reviewer].map(({ id }) => known(id))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect([people.partner, people.uploader].map(({ id }) => known(id))).toEqual([false, false]);
  expect(knownTo(hub.db, people.uploader.id, project.id)(two!.id)).toBe(false);
  expect(knownTo(hub.db, people.partner.id, project.id)(one!.id)).toBe(true);
});

test('history, rounds and redelivery do not name other vendors to an uploader', () => {
  const request = scene.createRequest();
  scene.deliver(request, 'mine.wav', scene.people.uploader);
  scene.deliver(request, 'theirs.wav');
  submitRequest(as('partner'), request);
  scene.put(request, 'processed');
  askForRedelivery(as('partner'), request, { reasons: ['wrong_file'], comment: '', clearExisting: false });
  const now = currentRequest(scene.hub.db, request.id);
  const page = { before: null, limit: 100 };

  expect(requestEvents(as('uploader'), request, page)).toMatchObject([
    { kind: 'request.redeliveryAsked', actor: null, isActorHidden: true },
    { kind: 'request.submitted', actor: null, isActorHidden: true },
    { kind: 'file.added', actor: { name: 'uploader' } },
  ]);
  expect(listRounds(as('uploader'), now)).toMatchObject([{ submittedBy: null, redelivery: { by: null } }]);
  expect(getRequest(as('uploader'), request.id)).toMatchObject({
    ownFilesOnly: true,
    redelivery: { by: null },
  });

  expect(listRounds(as('partner'), now)).toMatchObject([
    { submittedBy: { name: 'partner' }, redelivery: { by: { name: 'partner' } } },
  ]);
  expect(getRequest(as('partner'), request.id)).toMatchObject({ ownFilesOnly: false });
  expect(requestEvents(as('partner'), request, page).every(({ actor }) => actor !== null)).toBe(true);
});

test('hides overrides of files that others delivered from an uploader', () => {
  const rules = requestRulesSchema.parse({
    namePattern: '{title:words}_{version:version}',
    overridable: ['name_pattern'],
  });
  const type = createRequestType(as('coordinator'), {
    projectId: scene.project.id,
    name: 'Mix',
    description: '',
    rules,
  });
  const request = scene.createRequest({ typeId: type.id, typeVersion: type.version });
  scene.deliver(request, 'mine.wav', scene.people.uploader);
  scene.deliver(request, 'theirs.wav');
  for (const path of ['mine.wav', 'theirs.wav'])
    overrideRule(as('coordinator'), request, { rule: 'name_pattern', path }, 'Agreed');
  const pathsFor = (role: 'partner' | 'uploader') =>
    getRequest(as(role), request.id).overrides.map(({ path }) => path);
  expect(pathsFor('partner').sort()).toEqual(['mine.wav', 'theirs.wav']);
  expect(pathsFor('uploader')).toEqual(['mine.wav']);
});

test('only people who see the list of members learn who joined', () => {
  const { hub, project, people } = scene;
  const ana = hub.createPerson({ name: 'Ana' });
  addMember(as('coordinator'), { projectId: project.id, userId: ana.id, role: 'partner' });
  expect(activityOf('coordinator')).toMatchObject([{ kind: 'member.added', data: { name: 'Ana' } }]);
  for (const role of ['partner', 'uploader', 'reviewer', 'workspace'] as const) {
    expect(activityOf(role)).toEqual([]);
    // The pages of everybody else still reload.
    expect(eventsAfter(hub.db, people[role], project.id, 0, 100)).toMatchObject([
      { kind: 'member.added', actor: null, isActorHidden: true, data: {} },
    ]);
  }
});

test('returns no activity of a person whom the reader may not know', () => {
  const request = scene.createRequest();
  scene.deliver(request, 'mine.wav', scene.people.uploader);
  submitRequest(as('partner'), request);
  const { partner } = scene.people;
  expect(activityOf('uploader').map(({ kind }) => kind)).toEqual(['request.submitted', 'file.added']);
  expect(activityOf('uploader', partner.id)).toEqual([]);
  expect(activityOf('reviewer', partner.id)).toHaveLength(1);
});
