import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { notifications } from '@turnover/db/schema/notifications';
import { requestAssignees } from '@turnover/db/schema/requests';
import { users } from '@turnover/db/schema/accounts';
import { inTransaction } from '@turnover/db/transaction';
import { gatherNoticesMs } from '@turnover/domain/notification-table';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../access.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import {
  acceptRequest,
  cancelRequest,
  reopenRequest,
  restoreRequest,
  submitRequest,
  submitRound,
} from './actions.ts';
import { assignRequest, promiseDate } from './edit.ts';
import { notifyOfRequest } from './notices.ts';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { updateReason } from './redelivery/reasons.ts';
import { overrideRule } from './rule-checks.ts';
import { currentRequest } from './transitions.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest({ demandsManifest: true });
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const rows = () => scene.hub.db.select().from(notifications).all();
const noticesOf = (role: Role) => rows().filter(({ userId }) => userId === scene.people[role].id);
const kindsOf = (role: Role) => noticesOf(role).map(({ kind }) => kind);
/** The recipient and the kind of each notification. */
const told = () =>
  Object.fromEntries(
    (['coordinator', 'partner', 'uploader', 'reviewer'] as const).map((role) => [role, kindsOf(role)]),
  );
const processed = (submitted = request) =>
  inTransaction(scene.hub.db, (tx) => {
    const data = { files: 1, failed: 0, round: 1, person: 'partner' };
    notifyOfRequest(tx, scene.hub.ctx, 'request.processed', submitted, { actorId: null, ...data });
  });

describe('decisions of a coordinator', () => {
  test.each([
    ['request.accepted', 'processed', acceptRequest],
    ['request.reopened', 'accepted', reopenRequest],
    ['request.cancelled', 'open', cancelRequest],
    ['request.restored', 'cancelled', restoreRequest],
  ] as const)('%s notifies the assignees, but not the coordinator who decides', (kind, status, decide) => {
    scene.put(request, status);
    decide(as('coordinator'), request);
    expect(told()).toEqual({ coordinator: [], partner: [kind], uploader: [kind], reviewer: [] });
  });

  test('a redelivery notification contains the reasons, the number of findings and the text', () => {
    scene.put(request, 'processed');
    const words = { name: 'Wrong cut', description: '', prevention: '', cure: '' };
    updateReason({ ...as('coordinator') }, { code: 'wrong_version', words });
    const reasons = ['wrong_version', 'missing_file'];
    askForRedelivery(as('coordinator'), request, {
      reasons,
      comment: 'Version 4, please.',
      clearExisting: false,
    });
    expect(told()).toMatchObject({ coordinator: [], partner: ['request.redelivery'] });
    expect(noticesOf('partner')[0]!.data).toMatchObject({
      reasons,
      reasonNames: ['Wrong cut', ''],
      findings: 0,
      note: 'Version 4, please.',
    });
  });
});

describe('acts of a partner', () => {
  test('a redelivery that a partner asks for notifies the coordinators and the other assignees', () => {
    scene.put(request, 'processed');
    askForRedelivery(as('partner'), request, {
      reasons: ['sent_in_error'],
      comment: '',
      clearExisting: false,
    });
    expect(told()).toMatchObject({
      coordinator: ['request.redelivery'],
      partner: [],
      uploader: ['request.redelivery'],
    });
  });

  test('a promised date notifies the coordinators, and the same date again does not', () => {
    const promise = { promisedAt: scene.hub.clock.now + 1000, reason: 'The foley is late.' };
    promiseDate(as('partner'), request, promise);
    promiseDate(as('partner'), request, promise);
    expect(told()).toMatchObject({ coordinator: ['request.promised'], partner: [], uploader: [] });
    expect(noticesOf('coordinator')[0]!.data).toMatchObject({
      promisedAt: promise.promisedAt,
      note: promise.reason,
    });
  });

  test('several overrides within minutes become one notification that counts them', () => {
    const override = (path: string | null) =>
      overrideRule(as('partner'), request, { rule: 'manifest_missing', path }, 'Agreed.');
    for (const path of ['a.wav', 'b.wav', null]) override(path);
    expect(told()).toMatchObject({ coordinator: ['request.overridden'], partner: [], uploader: [] });
    expect(noticesOf('coordinator')[0]!.data).toMatchObject({ count: 3, names: ['a.wav', 'b.wav'] });
    scene.hub.clock.advance(gatherNoticesMs);
    override('c.wav');
    expect(noticesOf('coordinator').map(({ data }) => data.count)).toEqual([3, 1]);
  });

  test('an override by a coordinator does not notify coordinators', () => {
    overrideRule(as('coordinator'), request, { rule: 'manifest_missing', path: null }, 'Agreed.');
    expect(kindsOf('coordinator')).toEqual([]);
  });
});

describe('a submit', () => {
  beforeEach(() => {
    request = scene.createRequest();
    scene.deliver(request, 'mix.wav');
  });

  test('causes one notification for coordinators: that of processing replaces it', () => {
    submitRequest(as('partner'), request);
    expect(told()).toEqual({ coordinator: ['request.submitted'], partner: [], uploader: [], reviewer: [] });
    processed();
    expect(told()).toEqual({ coordinator: ['request.processed'], partner: [], uploader: [], reviewer: [] });
  });

  test('keeps a notification that was read, and that of another request', () => {
    submitRequest(as('partner'), request);
    scene.hub.db.update(notifications).set({ readAt: 1 }).run();
    const other = scene.createRequest({ name: 'Other' });
    scene.deliver(other, 'mix.wav');
    submitRequest(as('partner'), other);
    processed();
    expect(kindsOf('coordinator')).toEqual(['request.submitted', 'request.submitted', 'request.processed']);
  });

  test('an automatic submit causes one notification, when processing ends', () => {
    const by = scene.people.partner.id;
    inTransaction(scene.hub.db, (tx) =>
      submitRound(tx, scene.hub.ctx, currentRequest(tx, request.id), { by, automatic: true }),
    );
    expect(rows()).toEqual([]);
    processed();
    expect(told()).toMatchObject({ coordinator: ['request.processed'], partner: [] });
  });
});

test('an assignment notification states due date, type, and the company through which the person is assigned', () => {
  const { db } = scene.hub;
  const company = scene.hub.createCompany('Blue Door Sound');
  db.update(users).set({ companyId: company.id }).where(eq(users.id, scene.people.partner.id)).run();
  db.delete(requestAssignees).run();
  db.update(users).set({ companyId: company.id }).where(eq(users.id, scene.people.uploader.id)).run();
  const dueAt = scene.hub.clock.now + 5000;
  const fresh = scene.createRequest({ dueAt });
  db.delete(requestAssignees).run();
  assignRequest(as('coordinator'), fresh, {
    assignees: [{ companyId: company.id }, { userId: scene.people.uploader.id }],
  });
  expect(noticesOf('partner').map(({ data }) => data)).toMatchObject([
    { dueAt, type: null, company: 'Blue Door Sound' },
  ]);
  // The uploader is assigned personally.
  expect(noticesOf('uploader').map(({ data }) => data)).toMatchObject([{ dueAt, company: null }]);
});
