import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { users } from '@turnover/db/schema/accounts';
import { memberships } from '@turnover/db/schema/projects';
import { notifications } from '@turnover/db/schema/notifications';
import { requestAssignees } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError } from '@turnover/domain/errors';
import {
  reservationWarningMs,
  reservedAnewForMs,
  reservedForMs,
} from '@turnover/domain/workspace/upload-space';
import { and, eq, sql } from 'drizzle-orm';
import type { Limits, PersonContext } from '../context.ts';
import { uploadScene, type UploadScene } from '../testing/uploads.ts';
import { discardUnfinished, listUnfinished } from './unfinished.ts';
import { recordDurableOffset } from './completion.ts';
import { warnOfIdleUploads } from './notices.ts';
import { availableSpace, describeSpace, releaseLost, reserveAnew } from './space.ts';
import { beginUpload } from './uploads.ts';

let scene: UploadScene;
let one: PersonContext;
let other: PersonContext;

beforeEach(async () => {
  scene = await uploadScene();
  one = tight(scene.ctx);
  other = tight(scene.hub.as(scene.people.coordinator));
});
afterEach(() => scene.hub.close());

/** Simulates a disk that always has 1000 free bytes. */
function tight(ctx: PersonContext, limits: Partial<Limits> = {}): PersonContext {
  return {
    ...ctx,
    limits: { ...ctx.limits, ...limits },
    storage: { ...ctx.storage, freeBytes: async () => 1000 },
  };
}

let count = 0;
function begin(ctx: PersonContext, sizeBytes: number, more: object = {}): Promise<string> {
  const input = scene.wanted({ filename: `${++count}.mov`, sizeBytes, ...more });
  return beginUpload(ctx, input).then(({ uploadId }) => uploadId);
}

async function refusal(work: () => unknown) {
  try {
    await work();
  } catch (error) {
    if (error instanceof HubError) return { code: error.code, ...error.details };
    throw error;
  }
  return 'done';
}

describe('a reservation', () => {
  test('ends a day after the last byte, while the upload stays', async () => {
    const id = await begin(one, 900);
    expect(await refusal(() => begin(other, 200))).toMatchObject({ code: 'no_space', limitedBy: 'disk' });
    scene.hub.clock.advance(reservedForMs - 1);
    recordDurableOffset(one, id, 100);
    scene.hub.clock.advance(reservedForMs - 1);
    expect(await availableSpace(one)).toBe(200);
    scene.hub.clock.advance(1);
    expect(await availableSpace(one)).toBe(1000);
    await begin(other, 200);
    expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', durableOffset: 100 });
  });

  test('is renewed for a short time when its sender continues; if that is refused, the bytes stay', async () => {
    const id = await begin(one, 900);
    recordDurableOffset(one, id, 100);
    scene.hub.clock.advance(reservedForMs);
    const blocking = await begin(other, 300);
    expect(await refusal(() => reserveAnew(one, scene.rowOf(id)))).toEqual({
      code: 'no_space',
      neededBytes: 800,
      availableBytes: 700,
      limitedBy: 'disk',
    });
    expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', durableOffset: 100 });
    scene.hub.db.update(uploads).set({ status: 'discarded' }).where(eq(uploads.id, blocking)).run();
    await reserveAnew(one, scene.rowOf(id));
    expect(await availableSpace(one)).toBe(200);
    scene.hub.clock.advance(reservedAnewForMs);
    expect(await availableSpace(one)).toBe(1000);
    await reserveAnew(one, scene.rowOf(id));
    recordDurableOffset(one, id, 101);
    scene.hub.clock.advance(reservedForMs - 1);
    expect(await availableSpace(one)).toBe(201);
  });

  test('stops counting when its person is disabled or removed from the project', async () => {
    await begin(one, 900);
    const { db } = scene.hub;
    const me = eq(users.id, one.person.id);
    db.update(users).set({ disabledAt: 1 }).where(me).run();
    expect(await availableSpace(one)).toBe(1000);
    db.update(users).set({ disabledAt: null }).where(me).run();
    expect(await availableSpace(one)).toBe(100);
    db.delete(memberships).where(eq(memberships.userId, one.person.id)).run();
    expect(await availableSpace(one)).toBe(1000);
    await begin(other, 1000);
  });

  test.each(['an assignment', 'a role'])(
    'is released for other uploads when its person lost access through %s',
    async (by) => {
      const { db } = scene.hub;
      const { id: requestId } = scene.createRequest();
      const id = await begin(one, 900, { requestId });
      const mine = eq(memberships.userId, one.person.id);
      if (by === 'a role') db.update(memberships).set({ role: 'reviewer' }).where(mine).run();
      else db.delete(requestAssignees).where(eq(requestAssignees.requestId, requestId)).run();
      await begin(other, 900);
      expect(scene.rowOf(id)).toMatchObject({ status: 'uploading', reservedUntil: null });
      // Nothing more can be released, because people with access keep their reservations.
      expect(await releaseLost(one)).toBe(0);
      expect(await refusal(() => begin(other, 900))).toMatchObject({ code: 'no_space' });
    },
  );
});

describe('a limit', () => {
  const capped = { personReserve: { percent: 50 }, projectReserve: { percent: 80 } } as const;

  test('prevents one person from reserving everything, and returns the numbers', async () => {
    const greedy = tight(scene.ctx, capped);
    await begin(greedy, 300);
    expect(await refusal(() => begin(greedy, 201))).toEqual({
      code: 'no_space',
      neededBytes: 201,
      availableBytes: 200,
      limitedBy: 'person',
      reservedBytes: 300,
      limitBytes: 500,
    });
    await begin(greedy, 200);
    expect(await describeSpace(greedy, { projectId: scene.project.id, toRequest: false })).toEqual({
      availableBytes: 0,
      limitedBy: 'person',
      diskBytes: 500,
      person: { reservedBytes: 500, limitBytes: 500 },
      project: { reservedBytes: 500, limitBytes: 800 },
      heldByProject: null,
      heldByWorkspace: null,
    });
    await begin(tight(scene.hub.as(scene.people.coordinator), capped), 250);
  });

  test('prevents one project from reserving everything', async () => {
    const elsewhere = scene.hub.createProject();
    scene.hub.addMember(elsewhere, scene.people.coordinator, 'coordinator');
    const small = { ...capped, projectReserve: { bytes: 300 } };
    await begin(tight(scene.ctx, small), 300);
    const coordinator = tight(scene.hub.as(scene.people.coordinator), small);
    expect(await refusal(() => begin(coordinator, 1))).toMatchObject({
      limitedBy: 'project',
      limitBytes: 300,
    });
    await begin(coordinator, 300, { projectId: elsewhere.id });
  });

  test('is not exceeded by many uploads at once', async () => {
    const greedy = tight(scene.ctx, capped);
    await Promise.allSettled(Array.from({ length: 12 }, () => begin(greedy, 120)));
    expect((await describeSpace(greedy, { projectId: scene.project.id, toRequest: false })).person).toEqual({
      reservedBytes: 480,
      limitBytes: 500,
    });
  });

  test('applies to the number of unfinished uploads of any size', async () => {
    const first = await begin(one, 1);
    scene.hub.db.run(sql`
      insert into uploads (id, project_id, user_id, path, path_key, relative_path, size_bytes, status, created_at, updated_at)
      select u.id || value, project_id, user_id, u.path || value, path_key || value, '', 0, status, created_at, updated_at
      from uploads as u, json_each(${JSON.stringify(Array.from({ length: 1999 }, (_, index) => index))})
      where u.id = ${first}`);
    expect(await refusal(() => begin(one, 1))).toEqual({ code: 'too_many_unfinished', most: 2000 });
    await begin(other, 1);
  });
});

describe('its sender is notified', () => {
  const notified = () =>
    scene.hub.db.select().from(notifications).where(eq(notifications.kind, 'upload.idle')).all();

  test('before it ends, once for each pause, and once for all uploads in a project', async () => {
    const [first] = [await begin(one, 10), await begin(one, 20), await begin(other, 30)];
    scene.hub.clock.advance(reservedForMs - reservationWarningMs - 1);
    expect(warnOfIdleUploads(scene.hub.ctx)).toBe(0);
    scene.hub.clock.advance(1);
    expect([warnOfIdleUploads(scene.hub.ctx), warnOfIdleUploads(scene.hub.ctx)]).toEqual([3, 0]);
    const mine = notified().filter(({ userId }) => userId === one.person.id);
    expect(notified()).toHaveLength(2);
    expect(mine).toHaveLength(1);
    expect(mine[0]).toMatchObject({
      data: { count: 2, bytes: 30, until: scene.hub.clock.now + reservationWarningMs },
    });
    expect(mine[0]!.mailDueAt).not.toBeNull();
    recordDurableOffset(one, first, 1);
    scene.hub.clock.advance(reservedForMs - 1);
    expect(warnOfIdleUploads(scene.hub.ctx)).toBe(1);
  });

  test('when somebody else discards the upload, as an owner of the hub can without seeing file names', async () => {
    const owner = tight(scene.hub.as(scene.hub.createPerson({ isOwner: true })));
    const id = await begin(one, 400, { filename: 'secret cut.mov' });
    recordDurableOffset(one, id, 100);
    const { id: requestId } = scene.createRequest();
    await begin(other, 500, { requestId });
    const list = await listUnfinished(owner, { offset: 0, limit: 10 });
    expect(list).toMatchObject({
      uploads: [
        { place: 'request', sentBytes: 0, reservedBytes: 500, lastByteAt: null, by: { id: other.person.id } },
        { place: 'workspace', sentBytes: 100, reservedBytes: 300, sizeBytes: 400, by: { id: one.person.id } },
      ],
      total: { uploads: 2, sentBytes: 100, reservedBytes: 800 },
      availableBytes: 200,
    });
    expect(JSON.stringify(list)).not.toContain('secret');
    scene.hub.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, one.person.id)).run();
    const { uploads: now } = await listUnfinished(owner, { offset: 1, limit: 10 });
    expect(now).toMatchObject([{ reservedBytes: 0, reservedUntil: null, sentBytes: 100 }]);
    const both = { uploadIds: list.uploads.map((upload) => upload.id) };
    expect(await discardUnfinished(owner, both)).toEqual({ discarded: 2 });
    expect(await discardUnfinished(owner, both)).toEqual({ discarded: 0 });
    expect(await availableSpace(owner)).toBe(1000);
    const notice = and(eq(notifications.kind, 'upload.discarded'), eq(notifications.userId, one.person.id));
    expect(scene.hub.db.select().from(notifications).where(notice).all()).toMatchObject([
      { actorId: owner.person.id, data: { file: 'secret cut.mov' } },
    ]);
  });
});
