import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rounds } from '@turnover/db/schema/requests';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../access.ts';
import { requestEvents } from './history.ts';
import { assignMany, moveMany, setDueDates } from './many.ts';
import { getRequest } from './edit.ts';
import { currentRequest } from './transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const input = (requests: readonly { id: string }[]) => ({
  projectId: scene.project.id,
  requestIds: requests.map(({ id }) => id),
});
const statusOf = ({ id }: { id: string }) => currentRequest(scene.hub.db, id).status;
const inStatus = (status: RequestStatus, name: string = status) => scene.createRequest({ status, name });
const kindsOf = (request: DeliveryRequest) =>
  requestEvents(as('coordinator'), request, { limit: 10 }).map(({ kind }) => kind);

describe('accepting many', () => {
  test('accepts processed requests, and states for each other one why not', async () => {
    const [mix, open, stems] = [
      inStatus('processed', 'Mix'),
      inStatus('open'),
      inStatus('processed', 'Stems'),
    ];
    const result = await moveMany(as('coordinator'), input([mix, open, stems, mix]), 'accept');
    expect(result.done).toEqual([mix.id, stems.id]);
    expect(result.refused).toEqual([
      {
        requestId: open.id,
        name: 'open',
        refusal: {
          code: 'status_forbids',
          details: expect.objectContaining({ action: 'accept', status: 'open' }),
        },
      },
    ]);
    expect([mix, open, stems].map(statusOf)).toEqual(['accepted', 'open', 'accepted']);
    expect(kindsOf(mix)).toEqual(['request.accepted']);
    expect(kindsOf(open)).toEqual([]);
  });

  test('does not accept requests with failed files, which a person has to look at first', async () => {
    const request = inStatus('processed');
    const { id: requestId, round: number } = request;
    const submittedBy = scene.people.partner.id;
    scene.hub.db
      .insert(rounds)
      .values({ requestId, number, submittedBy, submittedAt: 1, filesFailed: 2 })
      .run();
    const { done, refused } = await moveMany(as('coordinator'), input([request]), 'accept');
    expect([done, refused[0]!.refusal]).toEqual([
      [],
      { code: 'unresolved', details: { findings: 0, failed: 2 } },
    ]);
    expect(statusOf(request)).toBe('processed');
  });

  test('can be undone by reopening', async () => {
    const many = Array.from({ length: 25 }, () => inStatus('processed'));
    expect((await moveMany(as('coordinator'), input(many), 'accept')).done).toHaveLength(25);
    expect((await moveMany(as('coordinator'), input(many), 'reopen')).done).toHaveLength(25);
    expect(new Set(many.map(statusOf))).toEqual(new Set(['processed']));
  });

  test('changes nothing when the person does not see one of the requests', async () => {
    const mine = inStatus('processed');
    const elsewhere = scene.hub.createProject();
    const foreign = scene.createRequest({ projectId: elsewhere.id, status: 'processed' });
    const both = input([mine, foreign]);
    expect((await refusalOf(() => moveMany(as('coordinator'), both, 'accept'))).code).toBe('not_found');
    scene.hub.addMember(elsewhere, scene.people.coordinator, 'coordinator');
    expect((await refusalOf(() => moveMany(as('coordinator'), both, 'accept'))).code).toBe('not_found');
    expect(statusOf(mine)).toBe('processed');
  });

  test.each([
    ['reviewer', 'accept', 1],
    ['reviewer', 'reopen', 'forbidden'],
    ['reviewer', 'cancel', 'forbidden'],
    ['partner', 'accept', 'forbidden'],
    ['uploader', 'cancel', 'forbidden'],
    ['workspace', 'accept', 'not_found'],
  ] as const)('a %s who wants to %s: %s', async (role, action, outcome) => {
    const requests = input([inStatus('processed')]);
    const act = () => moveMany(as(role), requests, action);
    if (typeof outcome === 'number') expect((await act()).done).toHaveLength(outcome);
    else expect((await refusalOf(act)).code).toBe(outcome);
  });
});

test('cancels all but submitted requests, and restores them', async () => {
  const [open, redelivery, processing] = [inStatus('open'), inStatus('redelivery'), inStatus('processing')];
  const { done, refused } = await moveMany(
    as('coordinator'),
    input([open, redelivery, processing]),
    'cancel',
  );
  expect(done).toEqual([open.id, redelivery.id]);
  expect(refused.map(({ name }) => name)).toEqual(['processing']);
  await moveMany(as('coordinator'), { ...input([open]), requestIds: done }, 'restore');
  expect([open, redelivery, processing].map(statusOf)).toEqual(['open', 'open', 'processing']);
});

describe('assigning many', () => {
  test('replaces the assignees of requests whose status allows it', async () => {
    const [open, accepted] = [inStatus('open'), inStatus('accepted')];
    const { partner } = scene.people;
    const both = { ...input([open, accepted]), assignees: [{ userId: partner.id }] };
    const result = await assignMany(as('coordinator'), both);
    expect(result.done).toEqual([open.id]);
    expect(result.refused).toMatchObject([{ requestId: accepted.id, refusal: { code: 'status_forbids' } }]);
    expect(getRequest(as('coordinator'), open.id).assignees).toMatchObject([{ id: partner.id }]);
  });

  test('changes nothing when one of the people is not in the project', async () => {
    const open = inStatus('open');
    const assignees = [{ userId: scene.people.partner.id }, { userId: scene.hub.createPerson().id }];
    const assign = () => assignMany(as('coordinator'), { ...input([open]), assignees });
    expect((await refusalOf(assign)).code).toBe('invalid_input');
    expect(getRequest(as('coordinator'), open.id).assignees).toHaveLength(2);
  });
});

describe('due dates of many', () => {
  const set = (
    dates: { requestId: string; dueAt: number | null; was?: number | null }[],
    role: Role = 'coordinator',
  ) => setDueDates(as(role), { projectId: scene.project.id, dates });

  test('can be set, and set back to their earlier values', async () => {
    const [one, other] = [scene.createRequest({ dueAt: 5 }), scene.createRequest({ dueAt: null })];
    const dueOf = () => [one, other].map(({ id }) => currentRequest(scene.hub.db, id).dueAt);
    const { done, refused, before } = await set([one, other].map(({ id }) => ({ requestId: id, dueAt: 70 })));
    expect([done.length, refused, dueOf()]).toEqual([2, [], [70, 70]]);
    expect(before).toEqual([
      { requestId: one.id, dueAt: 5 },
      { requestId: other.id, dueAt: null },
    ]);
    // Somebody has changed one of them meanwhile.
    await set([{ requestId: other.id, dueAt: 99 }]);
    const back = await set(before.map((date) => ({ ...date, was: 70 })));
    expect(back.done).toEqual([one.id]);
    expect(back.refused).toMatchObject([{ requestId: other.id, refusal: { code: 'changed_meanwhile' } }]);
    expect(dueOf()).toEqual([5, 99]);
  });

  test('writes no event for a request that already has the date', async () => {
    const request = scene.createRequest({ dueAt: 5 });
    expect((await set([{ requestId: request.id, dueAt: 5 }])).done).toEqual([request.id]);
    expect(kindsOf(request)).toEqual([]);
  });

  test('only coordinators can set them', async () => {
    const dates = [{ requestId: scene.createRequest().id, dueAt: 1 }];
    for (const role of ['partner', 'uploader', 'reviewer'] as const)
      expect((await refusalOf(() => set(dates, role))).code).toBe('forbidden');
  });
});
