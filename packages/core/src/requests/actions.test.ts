import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { openDatabase, type Database } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { events } from '@turnover/db/schema/events';
import { jobs } from '@turnover/db/schema/jobs';
import { deliveredFiles, requestAssignees, rounds } from '@turnover/db/schema/requests';
import { decide } from '@turnover/domain/people/permissions';
import { roles } from '@turnover/domain/people/projects';
import { actions as table, nextStatus } from '@turnover/domain/requests/actions';
import { requestStatuses } from '@turnover/domain/requests/machine';
import type { DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { acceptRequest, cancelRequest, reopenRequest, restoreRequest, submitRequest } from './actions.ts';
import { currentRequest, factsOf, moveRequest } from './transitions.ts';
import { getRequest } from './edit.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const actions = {
  submit: submitRequest,
  accept: acceptRequest,
  reopen: reopenRequest,
  cancel: cancelRequest,
  restore: restoreRequest,
  askForRedelivery: (ctx: PersonContext, request: DeliveryRequest) =>
    askForRedelivery(ctx, request, { reasons: ['audio_spec'], comment: '', clearExisting: false }),
};
type Action = keyof typeof actions;
const kindOf: Record<Action, string> = {
  submit: 'request.submitted',
  accept: 'request.accepted',
  reopen: 'request.reopened',
  cancel: 'request.cancelled',
  restore: 'request.restored',
  askForRedelivery: 'request.redeliveryAsked',
};
const names = Object.keys(actions) as Action[];

describe.each(roles)('%s', (role) => {
  const cases = requestStatuses.flatMap((status) => names.map((action) => [status, action] as const));

  test.each(cases)(
    'in %s, %s succeeds exactly when the view says that it is possible',
    async (status, action) => {
      const request = scene.createRequest();
      scene.deliver(request, 'mix.wav');
      scene.put(request, status);
      const ctx = scene.hub.as(scene.people[role]);
      const assigned = role === 'partner' || role === 'uploader';
      const verdict = decide(table[action].permission, { role, isOwner: false, assigned });
      const before = currentRequest(scene.hub.db, request.id);
      const next = nextStatus(action, factsOf(scene.hub.db, before));
      if (verdict === 'granted' && typeof next === 'string') {
        expect(getRequest(ctx, request.id).possible[action]).toBeNull();
        expect(actions[action](ctx, before).status).toBe(next);
        expect(currentRequest(scene.hub.db, request.id).status).toBe(next);
        return;
      }
      const { code } = await refusalOf(() => actions[action](ctx, before));
      expect(code).toBe(
        verdict === 'hidden' ? 'not_found' : verdict === 'forbidden' ? 'forbidden' : 'status_forbids',
      );
      expect(currentRequest(scene.hub.db, request.id)).toEqual(before);
      if (verdict !== 'hidden') expect(getRequest(ctx, request.id).possible[action]?.code).toBe(code);
    },
  );

  test.each(names)('refuses %s on a request that is not assigned to them', async (action) => {
    const request = scene.createRequest({ status: 'processed' });
    const { db } = scene.hub;
    db.delete(requestAssignees).where(eq(requestAssignees.requestId, request.id)).run();
    const ctx = scene.hub.as(scene.people[role]);
    const verdict = decide(table[action].permission, { role, isOwner: false, assigned: false });
    if (verdict === 'granted') expect(getRequest(ctx, request.id).id).toBe(request.id);
    else {
      const { code } = await refusalOf(() => actions[action](ctx, request));
      expect(code).toBe(verdict === 'hidden' ? 'not_found' : 'forbidden');
    }
  });
});

describe('submit', () => {
  test('closes the round and queues one job', () => {
    const request = scene.createRequest();
    scene.deliver(request, 'mix.wav');
    submitRequest(scene.hub.as(scene.people.partner), request);
    const { db } = scene.hub;
    expect(db.select().from(rounds).where(eq(rounds.requestId, request.id)).all()).toMatchObject([
      { number: 1, submittedBy: scene.people.partner.id, filesToProcess: null },
    ]);
    const key = `round:${request.id}:1`;
    expect(db.select().from(jobs).where(eq(jobs.dedupeKey, key)).all()).toMatchObject([
      { kind: 'processRound', status: 'waiting', payload: { requestId: request.id, round: 1 } },
    ]);
  });

  test('is refused while a file is uploading or being verified', async () => {
    const request = scene.createRequest();
    const ctx = scene.hub.as(scene.people.partner);
    expect(await refusalOf(() => submitRequest(ctx, request))).toMatchObject({ code: 'request_empty' });
    scene.createUpload(request, 'mix.wav', 'uploading');
    expect(await refusalOf(() => submitRequest(ctx, request))).toMatchObject({
      code: 'still_uploading',
      details: { count: 1 },
    });
    const other = scene.createRequest();
    const fileId = scene.deliver(other, 'mix.wav');
    const ofFile = eq(deliveredFiles.id, fileId);
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(ofFile).get()!;
    scene.createUpload(other, 'mix.wav', 'verifying', assetId);
    expect(await refusalOf(() => submitRequest(ctx, other))).toMatchObject({
      code: 'still_verifying',
      details: { count: 1 },
    });
    expect(scene.hub.db.select().from(rounds).where(eq(rounds.requestId, other.id)).all()).toEqual([]);
  });
});

/** Ten rounds for each of five pairs of actions. Each person uses a separate database connection. */
describe('two people at once', () => {
  let shared: RequestScene;
  let second: Database;
  beforeAll(async () => {
    shared = await requestScene({ onDisk: true });
    second = openDatabase(`${shared.hub.folder}/turnover.db`);
  });
  afterAll(() => {
    second.$client.close();
    shared.close();
  });

  const rivals: [DeliveryRequest['status'], Action, Action][] = [
    ['open', 'submit', 'submit'],
    ['open', 'submit', 'cancel'],
    ['processed', 'accept', 'askForRedelivery'],
    ['processed', 'askForRedelivery', 'askForRedelivery'],
    ['accepted', 'reopen', 'reopen'],
  ];

  test.each(rivals)(
    'in %s, only one of %s and %s succeeds, and the error of the other names the person and the status',
    async (status, mine, theirs) => {
      const coordinator = shared.hub.as(shared.people.coordinator);
      const others = { ...shared.hub.as(shared.people.coordinator), db: second };
      for (let round = 0; round < 10; round++) {
        const request = shared.createRequest();
        shared.deliver(request, 'mix.wav');
        shared.put(request, status);
        const seen = currentRequest(shared.hub.db, request.id);
        const [first, last] = round % 2 === 0 ? [coordinator, others] : [others, coordinator];
        const won = actions[mine](first, seen);
        const { code, details } = await refusalOf(() => actions[theirs](last, seen));
        expect(code).toBe('status_forbids');
        expect(details).toEqual({
          action: theirs,
          status: won.status,
          did: kindOf[mine],
          by: 'coordinator',
          byHub: false,
          at: shared.hub.clock.now,
        });
        const moves = shared.hub.db.select().from(events).where(eq(events.requestId, request.id)).all();
        expect(moves.filter(({ kind }) => kind.startsWith('request.'))).toHaveLength(1);
      }
    },
  );
});

describe('the error of a lost race', () => {
  const lose = async (role: 'partner' | 'uploader') => {
    const request = scene.createRequest();
    scene.deliver(request, 'mix.wav');
    submitRequest(scene.hub.as(scene.people.partner), request);
    return refusalOf(() => submitRequest(scene.hub.as(scene.people[role]), request));
  };

  test('names the winner only to people who may know them', async () => {
    expect((await lose('partner')).details).toMatchObject({ did: 'request.submitted', by: 'partner' });
    expect((await lose('uploader')).details).toMatchObject({
      did: 'request.submitted',
      by: null,
      byHub: false,
    });
  });

  test('states that the hub itself changed the status', async () => {
    const request = scene.createRequest({ status: 'submitted' });
    inTransaction(scene.hub.db, (tx) =>
      moveRequest(tx, scene.hub.ctx, currentRequest(tx, request.id), 'startProcessing', { actorId: null }),
    );
    const partner = scene.hub.as(scene.people.partner);
    expect((await refusalOf(() => submitRequest(partner, request))).details).toMatchObject({
      did: 'request.processingStarted',
      by: null,
      byHub: true,
    });
  });
});

test('the history records every step', () => {
  const { hub, people } = scene;
  const request = scene.createRequest();
  scene.deliver(request, 'mix.wav');
  const ctx = hub.as(people.coordinator);
  submitRequest(ctx, request);
  scene.put(request, 'processed');
  askForRedelivery(ctx, request, { reasons: ['wrong_file'], comment: 'Reel 2', clearExisting: true });
  scene.deliver(request, 'mix.wav');
  cancelRequest(ctx, request);
  restoreRequest(ctx, request);
  const recorded = hub.db.select().from(events).where(eq(events.requestId, request.id)).all();
  expect(recorded.map(({ kind, data }) => [kind, data.round ?? data.count])).toEqual([
    ['file.added', 1],
    ['request.submitted', 1],
    ['request.redeliveryAsked', 1],
    ['file.cleared', 1],
    ['file.added', 1],
    ['request.cancelled', 2],
    ['request.restored', 2],
  ]);
  expect(getRequest(ctx, request.id)).toMatchObject({ status: 'redelivery', round: 2, fileCount: 1 });
});
