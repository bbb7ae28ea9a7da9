import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventsAfter } from '../events.ts';
import type { Person } from '../context.ts';
import { claim } from '../jobs.ts';
import { notificationSettingsOf, updateNotificationSettings } from './settings.ts';
import { pruneMails } from './mails.ts';
import {
  listNotifications,
  markNotificationsRead,
  notify,
  pruneNotifications,
  type NewNotification,
} from './inbox.ts';
import { describeServer } from '../server/server.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { jobs } from '@turnover/db/schema/jobs';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { dayMs } from '@turnover/domain/days';
import {
  listNotificationsInput,
  mailGatherMs,
  nextDailyMailAt,
  isAlarm,
  isLetter,
  notificationKinds,
} from '@turnover/domain/notifications';

let hub: TestHub;
let ana: Person;
let sam: Person;
let projectId: string;

beforeEach(async () => {
  hub = await testHub();
  const project = hub.createProject('Northern Light');
  projectId = project.id;
  ana = hub.createPerson({ name: 'Ana', project });
  sam = hub.createPerson({ name: 'Sam', project });
});

afterEach(() => {
  hub.close();
});

function notifyPerson(person: Person, more: Partial<NewNotification> = {}): void {
  inTransaction(hub.db, (tx) =>
    notify(tx, hub.ctx, {
      userId: person.id,
      email: person.email,
      kind: 'share.ended',
      projectId,
      actorId: sam.id,
      data: { entry: 'Reel 1.mov', href: '/' },
      ...more,
    }),
  );
  hub.clock.advance(1);
}

const inboxOf = (person: Person, input: { cursor?: string; limit?: number } = {}) =>
  listNotifications(hub.as(person), listNotificationsInput.parse(input));
const rows = () => hub.db.select().from(notifications).all();
const signalsOf = (person: Person) =>
  eventsAfter(hub.db, person, null, 0, 100).filter(({ kind }) => kind === 'notification.changed').length;

describe('the inbox', () => {
  test('contains notifications newest first, with actor and project', () => {
    notifyPerson(ana);
    notifyPerson(ana, { kind: 'storage.stopped', projectId: null, actorId: null, data: { files: 3 } });
    expect(inboxOf(ana)).toMatchObject({
      notifications: [
        { kind: 'storage.stopped', project: null, actor: null, data: { files: 3 }, readAt: null },
        { kind: 'share.ended', project: 'Northern Light', actor: { id: sam.id, name: 'Sam' } },
      ],
      unread: 2,
      nextCursor: null,
    });
  });

  test('does not notify people of their own actions', () => {
    notifyPerson(sam);
    expect(rows()).toEqual([]);
  });

  test('contains no letters, because they are only mailed', () => {
    notifyPerson(ana, { kind: 'account.reset', data: { userId: ana.id } });
    expect(inboxOf(ana).notifications).toEqual([]);
    expect(rows()).toMatchObject([{ userId: null, email: ana.email }]);
  });

  test('continues after the cursor without gaps or repetitions', () => {
    for (let number = 1; number <= 5; number++) notifyPerson(ana, { data: { number } });
    const first = inboxOf(ana, { limit: 2 });
    const second = inboxOf(ana, { limit: 2, cursor: first.nextCursor! });
    const third = inboxOf(ana, { limit: 2, cursor: second.nextCursor! });
    const numbers = [first, second, third].map((page) => page.notifications.map(({ data }) => data.number));
    expect(numbers).toEqual([[5, 4], [3, 2], [1]]);
    expect(third.nextCursor).toBeNull();
    expect(first.unread).toBe(5);
  });

  test('marks some or all as read, and signals the person’s own pages', () => {
    for (let number = 1; number <= 3; number++) notifyPerson(ana);
    expect(signalsOf(ana)).toBe(3);
    const [newest] = inboxOf(ana).notifications;
    markNotificationsRead(hub.as(ana), { notificationIds: [newest!.id] });
    expect(inboxOf(ana)).toMatchObject({ unread: 2, notifications: [{ readAt: hub.clock.now }, {}, {}] });
    hub.clock.advance(1000);
    markNotificationsRead(hub.as(ana), { notificationIds: null });
    expect(inboxOf(ana).unread).toBe(0);
    // Notifications that were read earlier keep their time.
    expect(inboxOf(ana).notifications[0]!.readAt).toBe(hub.clock.now - 1000);
    expect(signalsOf(ana)).toBe(5);
    markNotificationsRead(hub.as(ana), { notificationIds: null });
    expect(signalsOf(ana)).toBe(5);
  });

  test('is private: ids of other people’s notifications do nothing, and their pages get no signal', () => {
    notifyPerson(ana);
    const before = rows();
    expect(inboxOf(sam)).toEqual({ notifications: [], unread: 0, nextCursor: null });
    markNotificationsRead(hub.as(sam), { notificationIds: [before[0]!.id] });
    markNotificationsRead(hub.as(sam), { notificationIds: null });
    const owner = hub.createPerson({ isOwner: true });
    markNotificationsRead(hub.as(owner), { notificationIds: [before[0]!.id] });
    expect(inboxOf(owner).notifications).toEqual([]);
    expect(rows()).toEqual(before);
    expect([signalsOf(sam), signalsOf(owner)]).toEqual([0, 0]);
    // A cursor with another person's id reveals none of their notifications.
    expect(inboxOf(sam, { cursor: before[0]!.id }).notifications).toEqual([]);
  });

  test('is read through its indexes', () => {
    const plan = (query: string) =>
      hub.db.$client
        .prepare(`explain query plan ${query}`)
        .all()
        .map((row) => (row as { detail: string }).detail)
        .join();
    expect(plan("select * from notifications where user_id = 'a' and id < 'b' order by id desc")).toContain(
      'notifications_of_person',
    );
    expect(plan("select id from notifications where user_id = 'a' and read_at is null")).toContain(
      'notifications_unread',
    );
    expect(
      plan("select min(mail_due_at) from notifications where email = 'a' and mail_due_at is not null"),
    ).toContain('notifications_to_mail');
  });
});

test('keeps notifications for half a year, and longer while they wait for their mail', () => {
  notifyPerson(ana);
  notifyPerson(ana);
  hub.db.update(notifications).set({ mailDueAt: null }).where(eq(notifications.id, rows()[0]!.id)).run();
  expect(pruneNotifications(hub.ctx)).toBe(0);
  hub.clock.advance(181 * dayMs);
  expect(pruneNotifications(hub.ctx)).toBe(1);
  expect(inboxOf(ana).notifications).toHaveLength(1);
});

describe('queueing mails', () => {
  test('queues one job per address, due soon unless the person chose otherwise', () => {
    notifyPerson(ana);
    notifyPerson(ana);
    notifyPerson(ana, { userId: null, email: 'new@example.test' });
    expect(rows().map(({ mailDueAt, createdAt }) => mailDueAt! - createdAt)).toEqual([
      mailGatherMs,
      mailGatherMs,
      mailGatherMs,
    ]);
    expect(
      hub.db
        .select()
        .from(jobs)
        .all()
        .map(({ payload }) => payload),
    ).toEqual([{ email: ana.email }, { email: 'new@example.test' }]);
  });

  test('a mail that is due soon moves a job that waits for the morning forward, but never back', () => {
    updateNotificationSettings(hub.as(ana), { kind: 'share.ended', mail: 'daily' });
    notifyPerson(ana);
    const morning = nextDailyMailAt(hub.clock.now);
    expect(hub.db.select().from(jobs).get()!.runAt).toBe(morning);
    notifyPerson(ana, { kind: 'share.reminder' });
    const soon = rows().at(-1)!.mailDueAt!;
    expect(
      hub.db
        .select()
        .from(jobs)
        .all()
        .map(({ runAt }) => runAt),
    ).toEqual([soon]);
    notifyPerson(ana);
    expect(hub.db.select().from(jobs).get()!.runAt).toBe(soon);
    hub.clock.advance(mailGatherMs);
    expect(claim(hub.ctx, ['sendMails'])).not.toBeNull();
  });

  test('sends nothing for kinds set to never, and nothing to disabled accounts', () => {
    updateNotificationSettings(hub.as(ana), { kind: 'share.ended', mail: 'never' });
    notifyPerson(ana);
    notifyPerson(ana, { kind: 'share.ending' });
    hub.db.$client.prepare('update users set disabled_at = 1 where id = ?').run(sam.id);
    notifyPerson(sam, { actorId: null });
    expect(rows().map(({ mailDueAt }) => mailDueAt === null)).toEqual([true, false, true]);
    expect(inboxOf(ana).unread).toBe(2);
  });

  test('notifies nobody when the transaction is rolled back', () => {
    const attempt = () =>
      inTransaction(hub.db, (tx) => {
        const notification = {
          userId: ana.id,
          email: ana.email,
          kind: 'share.ended',
          projectId,
          actorId: null,
        } as const;
        notify(tx, hub.ctx, { ...notification, data: {} });
        throw new Error('the cause failed');
      });
    expect(attempt).toThrow('the cause failed');
    expect(rows()).toEqual([]);
    expect(hub.db.select().from(jobs).all()).toEqual([]);
    expect(signalsOf(ana)).toBe(0);
  });
});

describe('settings', () => {
  test('have one row per kind, soon by default, and change only for the person', () => {
    const byDefault = notificationKinds
      .filter((kind) => !isLetter(kind) && !isAlarm(kind))
      .map((kind) => ({ kind, mail: 'soon' }));
    expect(notificationSettingsOf(hub.as(ana))).toEqual(byDefault);
    updateNotificationSettings(hub.as(ana), { kind: 'share.received', mail: 'daily' });
    const changed = updateNotificationSettings(hub.as(ana), { kind: 'share.received', mail: 'never' });
    expect(changed).toEqual([{ kind: 'share.received', mail: 'never' }, ...byDefault.slice(1)]);
    expect(notificationSettingsOf(hub.as(ana))).toEqual(changed);
    expect(notificationSettingsOf(hub.as(sam))).toEqual(byDefault);
  });
});

describe('the state of mail, for owners', () => {
  function addMail(more: Partial<typeof mails.$inferInsert>): void {
    const words = { subject: 's', text: 't', html: 'h' };
    const times = { nextAttemptAt: hub.clock.now, createdAt: hub.clock.now };
    hub.db
      .insert(mails)
      .values({
        id: hub.ctx.newId('mail'),
        to: 'a@example.test',
        status: 'waiting',
        ...words,
        ...times,
        ...more,
      })
      .run();
  }

  test('deletes mails that were sent or given up after a month, but not waiting ones', () => {
    addMail({ id: 'mail_old', status: 'sent' });
    addMail({ status: 'failed' });
    addMail({});
    notifyPerson(ana);
    hub.db.update(notifications).set({ mailId: 'mail_old' }).run();
    expect(pruneMails(hub.ctx)).toBe(0);
    hub.clock.advance(31 * dayMs);
    expect(pruneMails(hub.ctx)).toBe(2);
    expect(hub.db.select().from(mails).all()).toMatchObject([{ status: 'waiting' }]);
    expect(rows()).toMatchObject([{ mailId: null }]);
  });

  test('shows waiting mails, recent failures, and the last answer of the server', () => {
    const owner = { ...hub.as(sam), mail: { configured: false } };
    expect(describeServer(owner).mail).toEqual({ configured: false, waiting: 0, failed: 0, lastError: null });
    addMail({});
    addMail({ status: 'sent' });
    addMail({ status: 'failed', lastError: 'EENVELOPE: 550 No such user' });
    addMail({ status: 'failed', lastError: 'old', nextAttemptAt: hub.clock.now - 8 * 24 * 3600_000 });
    expect(describeServer(hub.as(sam)).mail).toEqual({
      configured: true,
      waiting: 1,
      failed: 1,
      lastError: 'EENVELOPE: 550 No such user',
    });
    addMail({ lastError: 'ECONNREFUSED' });
    expect(describeServer(hub.as(sam)).mail).toMatchObject({ waiting: 2, lastError: 'ECONNREFUSED' });
  });
});
