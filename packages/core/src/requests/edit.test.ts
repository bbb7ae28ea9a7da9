import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { users } from '@turnover/db/schema/accounts';
import { roles } from '@turnover/domain/people/projects';
import { possibleActions } from '@turnover/domain/requests/actions';
import type { CreateRequestInput } from '@turnover/domain/requests/requests';
import { requestStatuses } from '@turnover/domain/requests/machine';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { requestEvents } from './history.ts';
import { assignRequest, createRequest, getRequest, promiseDate, updateRequest } from './edit.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const coordinator = () => scene.hub.as(scene.people.coordinator);
const wanted = (input: Partial<CreateRequestInput> = {}): CreateRequestInput => ({
  projectId: scene.project.id,
  name: 'Sound mix',
  description: '',
  dueAt: null,
  typeId: null,
  demandsManifest: false,
  assignees: [],
  ...input,
});

describe('creating a request', () => {
  test('starts it open, empty and in round 1, with the possible actions', () => {
    const company = scene.hub.createCompany('Mixers');
    scene.hub.createPerson({ companyId: company.id, project: scene.project, role: 'uploader' });
    const { partner } = scene.people;
    const view = createRequest(
      coordinator(),
      wanted({
        dueAt: 5,
        demandsManifest: true,
        assignees: [{ userId: partner.id }, { companyId: company.id }, { userId: partner.id }],
      }),
    );
    expect(view).toMatchObject({
      name: 'Sound mix',
      status: 'open',
      round: 1,
      dueAt: 5,
      fileCount: 0,
      totalBytes: 0,
      demandsManifest: true,
      withChecksum: true,
      processing: null,
      redelivery: null,
      createdBy: { id: scene.people.coordinator.id, name: 'coordinator', company: null },
      assignees: [
        { type: 'person', id: partner.id, name: 'partner' },
        { type: 'company', id: company.id, name: 'Mixers' },
      ],
    });
    expect(Object.keys(view.possible).sort()).toEqual([...possibleActions].sort());
    expect(view.possible).toMatchObject({
      add: null,
      submit: { code: 'request_empty' },
      clear: { code: 'request_empty' },
      remove: { code: 'checksum_forbids' },
      accept: { code: 'status_forbids' },
    });
    expect(getRequest(scene.hub.as(partner), view.id).possible.accept).toEqual({
      code: 'forbidden',
      details: { permission: 'request:accept' },
    });
  });

  test.each(roles)('only coordinators create requests: %s', async (role) => {
    const create = () => createRequest(scene.hub.as(scene.people[role]), wanted());
    if (role === 'coordinator') expect(create().status).toBe('open');
    else expect((await refusalOf(create)).code).toBe('forbidden');
  });
});

test('does not create a request for an assignee who could not see it', async () => {
  const before = scene.hub.db.$client.prepare('select count(*) from requests').pluck().get();
  const assignees = [{ userId: scene.people.partner.id }, { userId: scene.people.workspace.id }];
  expect(await refusalOf(() => createRequest(coordinator(), wanted({ assignees })))).toEqual({
    code: 'invalid_input',
    details: { field: 'assignees', assignee: scene.people.workspace.id },
  });
  expect(scene.hub.db.$client.prepare('select count(*) from requests').pluck().get()).toBe(before);
});

describe('assigning a request', () => {
  test('accepts only people and companies that see requests of the project', async () => {
    const request = scene.createRequest();
    const company = scene.hub.createCompany();
    scene.hub.createPerson({ companyId: company.id, project: scene.project, role: 'workspace' });
    const stranger = scene.hub.createPerson();
    const left = scene.hub.createPerson({ project: scene.project, role: 'partner' });
    scene.hub.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, left.id)).run();
    const { workspace, reviewer } = scene.people;
    for (const assignee of [
      { userId: workspace.id },
      { userId: stranger.id },
      { userId: left.id },
      { companyId: company.id },
    ]) {
      const refusal = await refusalOf(() =>
        assignRequest(coordinator(), request, { assignees: [{ userId: reviewer.id }, assignee] }),
      );
      expect(refusal).toMatchObject({ code: 'invalid_input', details: { field: 'assignees' } });
    }
    expect(getRequest(coordinator(), request.id).assignees.map(({ name }) => name)).toEqual([
      'partner',
      'uploader',
    ]);
    scene.hub.addMember(scene.project, stranger, 'partner');
    expect(
      assignRequest(coordinator(), request, { assignees: [{ userId: stranger.id }] }).assignees,
    ).toHaveLength(1);
    expect(assignRequest(coordinator(), request, { assignees: [] }).assignees).toEqual([]);
  });

  test.each(requestStatuses)('can assign only in Open and Redelivery: %s', async (status) => {
    const request = scene.createRequest({ status });
    const assign = () =>
      assignRequest(coordinator(), request, { assignees: [{ userId: scene.people.partner.id }] });
    if (status === 'open' || status === 'redelivery') expect(assign().assignees).toHaveLength(1);
    else expect((await refusalOf(assign)).code).toBe('status_forbids');
  });

  test('hides the request from people who are no longer assigned', async () => {
    const request = scene.createRequest();
    assignRequest(coordinator(), request, { assignees: [{ userId: scene.people.uploader.id }] });
    expect((await refusalOf(() => getRequest(scene.hub.as(scene.people.partner), request.id))).code).toBe(
      'not_found',
    );
  });
});

test('an edit changes only the given fields, and is recorded once', () => {
  const request = scene.createRequest({ dueAt: 7, description: 'Stems' });
  scene.hub.clock.advance(1000);
  expect(updateRequest(coordinator(), request, { name: 'Mix', dueAt: null })).toMatchObject({
    name: 'Mix',
    dueAt: null,
    description: 'Stems',
    updatedAt: scene.hub.clock.now,
  });
  updateRequest(coordinator(), request, { name: 'Mix' });
  expect(requestEvents(coordinator(), request, { limit: 10 })).toMatchObject([
    { kind: 'request.updated', data: { changed: ['name', 'dueAt'] } },
  ]);
});

test('the assignee promises a date with a reason, and takes it back', () => {
  const request = scene.createRequest();
  const partner = scene.hub.as(scene.people.partner);
  const promised = promiseDate(partner, request, { promisedAt: 99, reason: 'Mixer is ill' });
  expect(promised).toMatchObject({ promisedAt: 99, promiseReason: 'Mixer is ill' });
  expect(promiseDate(partner, request, { promisedAt: null, reason: '' }).promisedAt).toBeNull();
});

test('a date is promised only for files that are still to come', async () => {
  const request = scene.createRequest({ status: 'processed' });
  const partner = scene.hub.as(scene.people.partner);
  const promise = () => promiseDate(partner, request, { promisedAt: 99, reason: 'Mixer is ill' });
  expect((await refusalOf(promise)).code).toBe('status_forbids');
});

describe('asking for redelivery', () => {
  const asked = { reasons: ['wrong_file' as const], comment: '', clearExisting: false };

  test('needs a reason, and a comment when the reason requires one', async () => {
    const request = scene.createRequest({ status: 'processed' });
    for (const input of [
      { ...asked, reasons: [] },
      { ...asked, reasons: ['wrong_file' as const, 'other' as const] },
    ]) {
      expect((await refusalOf(() => askForRedelivery(coordinator(), request, input))).code).toBe(
        'reason_required',
      );
    }
    const view = askForRedelivery(coordinator(), request, {
      ...asked,
      reasons: ['other', 'other'],
      comment: 'Hum',
    });
    expect(view.redelivery).toMatchObject({ round: 1, reasons: ['other'], comment: 'Hum', cleared: false });
  });

  test('opens the next round, with or without the present files', () => {
    const kept = scene.createRequest();
    scene.deliver(kept, 'a.wav');
    scene.put(kept, 'processed');
    expect(askForRedelivery(coordinator(), kept, asked)).toMatchObject({
      status: 'redelivery',
      round: 2,
      fileCount: 1,
      possible: { remove: null, clear: null, add: null },
    });
    const cleared = scene.createRequest();
    scene.deliver(cleared, 'a.wav');
    scene.put(cleared, 'processed');
    expect(askForRedelivery(coordinator(), cleared, { ...asked, clearExisting: true })).toMatchObject({
      status: 'redelivery',
      round: 2,
      fileCount: 0,
      redelivery: { round: 1, cleared: true, by: { name: 'coordinator' } },
    });
    expect(scene.countersOf(cleared)).toEqual(scene.recount(cleared));
  });

  test('an uploader can ask for redelivery, but not clear the present files with it', async () => {
    const request = scene.createRequest({ status: 'processed' });
    const uploader = scene.hub.as(scene.people.uploader);
    const clearing = { ...asked, clearExisting: true };
    expect((await refusalOf(() => askForRedelivery(uploader, request, clearing))).code).toBe('forbidden');
    expect(askForRedelivery(uploader, request, asked).status).toBe('redelivery');
  });
});
