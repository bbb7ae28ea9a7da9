import { afterAll, beforeAll, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { events } from '@turnover/db/schema/events';
import { notifications } from '@turnover/db/schema/notifications';
import { requestAssignees } from '@turnover/db/schema/requests';
import { remindAfterMs } from '@turnover/domain/requests/requests';
import { requestScene, type RequestScene } from '../testing/requests.ts';
import { remindAssignees } from './reminders.ts';

let scene: RequestScene;
beforeAll(async () => {
  scene = await requestScene();
});
afterAll(() => scene.close());

const lead = () => scene.hub.as(scene.people.coordinator);

function remindersOf(requestId: string): (string | null)[] {
  const rows = scene.hub.db
    .select()
    .from(notifications)
    .where(eq(notifications.kind, 'request.reminder'))
    .all();
  return rows.filter(({ data }) => data.requestId === requestId).map(({ userId }) => userId);
}

test('notifies all assignees, and records the reminder in the history', () => {
  const request = scene.createRequest({ dueAt: 5 });
  remindAssignees(lead(), request);
  const { partner, uploader, coordinator } = scene.people;
  expect(remindersOf(request.id).sort()).toEqual([partner.id, uploader.id].sort());
  const written = scene.hub.db.select().from(events).where(eq(events.requestId, request.id)).all();
  expect(written.map(({ kind, actorId }) => [kind, actorId])).toEqual([['request.reminded', coordinator.id]]);
});

test('can be sent once a day', () => {
  const request = scene.createRequest();
  const { remindedAt } = remindAssignees(lead(), request);
  scene.hub.clock.advance(remindAfterMs - 1);
  expect(() => remindAssignees(lead(), request)).toThrow(
    expect.objectContaining({ code: 'already_reminded', details: { at: remindedAt, of: 'request' } }),
  );
  expect(remindersOf(request.id)).toHaveLength(2);
  scene.hub.clock.advance(1);
  remindAssignees(lead(), request);
  expect(remindersOf(request.id)).toHaveLength(4);
});

test('is refused when there is nobody to remind', () => {
  const request = scene.createRequest();
  scene.hub.db.delete(requestAssignees).where(eq(requestAssignees.requestId, request.id)).run();
  expect(() => remindAssignees(lead(), request)).toThrow(
    expect.objectContaining({ code: 'nobody_assigned' }),
  );
});

test('is refused after the submit', () => {
  const request = scene.createRequest({ status: 'submitted' });
  expect(() => remindAssignees(lead(), request)).toThrow(expect.objectContaining({ code: 'status_forbids' }));
});

test('only coordinators can send it', () => {
  const request = scene.createRequest();
  for (const person of [scene.people.partner, scene.people.reviewer]) {
    expect(() => remindAssignees(scene.hub.as(person), request)).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  }
});
