/** Mails as a real mail server receives them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { updateAccount } from '@turnover/core/people/accounts';
import { nextDueAt } from '@turnover/core/jobs';
import { openMailServer } from '@turnover/core/notifications/smtp';
import { resumeMails } from '@turnover/core/notifications/mails';
import { notify, type NewNotification } from '@turnover/core/notifications/inbox';
import { updateNotificationSettings } from '@turnover/core/notifications/settings';
import { describeServer } from '@turnover/core/server/server';
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { jobs } from '@turnover/db/schema/jobs';
import { mails, notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { maxNoteLength } from '@turnover/domain/workspace/shares';
import {
  alarmKinds,
  floodLimit,
  floodWindowMs,
  mailGatherMs,
  mailGiveUpMs,
} from '@turnover/domain/notifications';
import { openPool, type Pool } from './pool.ts';
import { createRunner } from './runner.ts';
import { toolsOf } from './testing/worker.ts';
import { openMailServerForTest, type TestMailServer } from '@turnover/core/testing/mail-server';

const hourMs = 3600_000;
const publicUrl = 'https://hub.example.test';

let pool: Pool;
let server: TestMailServer;
let hub: TestHub;
let sam: Person;
let ana: Person;
let projectId: string;

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());

beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  server = await openMailServerForTest();
  const project = hub.createProject('Northern Light');
  projectId = project.id;
  sam = hub.createPerson({ name: 'Sam Field', project });
  ana = hub.createPerson({ name: 'Ana Ruiz', email: 'ana@example.test', project });
});

afterEach(async () => {
  await server.close();
  hub.close();
});

function addNotification(data: NewNotification['data'] = {}, more: Partial<NewNotification> = {}): void {
  const notification: NewNotification = {
    userId: ana.id,
    email: ana.email,
    kind: 'share.received',
    projectId,
    actorId: sam.id,
    data: {
      entries: ['Reel 1.mov'],
      count: 1,
      note: '',
      canShare: false,
      canUpdate: false,
      expiresOn: null,
      pending: false,
      href: `/p/${projectId}/workspace/ent_1`,
      ...data,
    },
    ...more,
  };
  inTransaction(hub.db, (tx) => notify(tx, hub.ctx, notification));
}

function runnerWith(url: string | null) {
  const send = url === null ? null : openMailServer({ url, from: 'Turnover <hub@example.test>' });
  const tools = { ...toolsOf(hub.ctx, pool, { send, publicUrl }), random: () => 0.99 };
  return createRunner(tools, { slots: 4 });
}

async function runDue(url: string | null = server.url): Promise<void> {
  await runnerWith(url).runUntilIdle();
}

/** Advances the clock for this long, from one due job to the next. */
async function runFor(ms: number, url: string | null = server.url): Promise<void> {
  const end = hub.clock.now + ms;
  await runDue(url);
  for (let dueAt = nextDueAt(hub.db); dueAt !== null && dueAt <= end; dueAt = nextDueAt(hub.db)) {
    hub.clock.now = Math.max(hub.clock.now, dueAt);
    await runDue(url);
  }
  hub.clock.now = end;
}

const outbox = () => hub.db.select().from(mails).all();

describe('a mail that arrives', () => {
  test('states who shared what, with the note, the permissions, the end and a link', async () => {
    addNotification({ note: 'Please check the titles.\nThanks!', canShare: true, expiresOn: '2026-03-01' });
    await runFor(mailGatherMs);
    expect(server.received).toHaveLength(1);
    const [mail] = server.received;
    expect(mail).toMatchObject({
      from: { text: '"Turnover" <hub@example.test>' },
      to: { text: 'ana@example.test' },
      subject: 'Sam Field shared “Reel 1.mov” with you',
    });
    const link = `${publicUrl}/p/${projectId}/workspace/ent_1`;
    expect(mail!.text).toContain('> Please check the titles.\n> Thanks!');
    expect(mail!.text).toContain('You can download it and share it with others.');
    expect(mail!.text).toContain('Last day: 28 February 2026');
    expect(mail!.text).toContain('Project: Northern Light');
    expect(mail!.text).toContain(`Open in Turnover: ${link}`);
    expect(mail!.text).toContain(`${publicUrl}/account`);
    expect(mail!.html).toContain(`href="${link}"`);
    expect(mail!.html).toContain('Please check the titles.<br>\nThanks!');
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(outbox()).toMatchObject([{ status: 'sent', attempts: 1, text: '', html: '' }]);
    expect(mail!.messageId).toBe(`<${outbox()[0]!.id}@example.test>`);
    expect(nextDueAt(hub.db)).toBeNull();
  });

  test('is in the recipient’s language', async () => {
    updateAccount(hub.as(ana), { locale: 'es-419' });
    addNotification({ entries: ['Bobina «ñ».mov'], expiresOn: '2026-03-01' });
    addNotification({}, { userId: sam.id, email: sam.email, actorId: ana.id });
    await runFor(mailGatherMs);
    const subjects = Object.fromEntries(server.received.map((mail) => [textOf(mail.to), mail.subject]));
    expect(subjects['ana@example.test']).toBe('Sam Field compartió «Bobina «ñ».mov» con usted');
    expect(subjects[sam.email]).toBe('Ana Ruiz shared “Reel 1.mov” with you');
    const spanish = server.received.find((mail) => textOf(mail.to) === 'ana@example.test')!;
    expect(spanish.text).toContain('Último día: 28 de febrero de 2026');
    expect(spanish.html).toContain('<html lang="es-419">');
  });

  test('explains to a person without an account why they get it, in the sender’s language', async () => {
    updateAccount(hub.as(sam), { locale: 'es-419' });
    addNotification({ pending: true }, { userId: null, email: 'new@example.test' });
    await runFor(mailGatherMs);
    expect(server.received[0]!.text).toContain(
      'Podrá abrirlo en cuanto acepte su invitación a Northern Light.',
    );
    expect(server.received[0]!.text).not.toContain('/account');
  });

  test('shows names and notes as plain text, without markup, headers or links of their own', async () => {
    const note = `<script>alert(1)</script> <a href="https://evil.example">here</a> & "quotes"\n`
      .repeat(60)
      .slice(0, maxNoteLength);
    const name = 'cut "final" <b>\r\nBcc: all@example.test\r\n\r\n\u202egpj.exe';
    addNotification({ entries: [name], note, href: 'https://evil.example/login' });
    addNotification({ href: '//evil.example' });
    addNotification({ href: 'javascript:alert(1)' });
    await runFor(mailGatherMs);
    const [mail] = server.received;
    expect(mail!.headers.get('bcc')).toBeUndefined();
    expect(textOf(mail!.to)).toBe('ana@example.test');
    expect(mail!.subject).toBe(
      'Sam Field shared “cut "final" <b> Bcc: all@example.test gpj.exe” with you, and 2 more',
    );
    expect(mail!.html).not.toMatch(/<script|<b>|<a href="https:\/\/evil/);
    expect(mail!.html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(mail!.html).not.toContain('href="https://evil');
    expect(mail!.html).not.toContain('javascript:');
    expect(mail!.text).toContain(
      '> <script>alert(1)</script> <a href="https://evil.example">here</a> & "quotes"',
    );
  });
});

describe('when a mail is sent', () => {
  test('a batch becomes one mail, in order', async () => {
    for (let number = 1; number <= 60; number++) addNotification({ entries: [`Reel ${number}.mov`] });
    hub.clock.advance(mailGatherMs / 2);
    addNotification({ entries: ['A late one.mov'] });
    await runFor(mailGatherMs);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]!.subject).toBe('Sam Field shared “Reel 1.mov” with you, and 60 more');
    expect(server.received[0]!.text).toMatch(/Reel 49\.mov[^]*Reel 50\.mov[^]*And 11 more/);
    await runFor(hourMs);
    expect(server.received).toHaveLength(1);
  });

  test('a person chooses between soon, daily at seven and never', async () => {
    const choose = (mail: 'daily' | 'never') =>
      updateNotificationSettings(hub.as(ana), { kind: 'share.received', mail });
    choose('daily');
    addNotification({ entries: ['Daily.mov'] });
    addNotification({ entry: 'Soon.mov', href: '/' }, { kind: 'share.ended' });
    await runFor(hourMs);
    expect(server.received.map(({ subject }) => subject)).toEqual([
      'Sam Field no longer shares “Soon.mov” with you',
    ]);
    choose('never');
    addNotification({ entries: ['Never.mov'] });
    await runFor(24 * hourMs);
    expect(server.received).toHaveLength(2);
    expect(server.received[1]!.subject).toBe('Sam Field shared “Daily.mov” with you');
    expect(server.received[1]!.text).not.toContain('Never.mov');
    expect(new Date(outbox().find(({ subject }) => subject.includes('Daily'))!.createdAt).toISOString()).toBe(
      '2026-01-13T07:00:00.000Z',
    );
  });

  test('after several mails within an hour, the rest is combined into one', async () => {
    for (let number = 1; number <= 30; number++) {
      addNotification({ entries: [`Reel ${number}.mov`] });
      await runFor(60_000);
    }
    expect(server.received).toHaveLength(floodLimit);
    await runFor(floodWindowMs - 29 * 60_000);
    expect(server.received).toHaveLength(floodLimit + 1);
    const digest = server.received.at(-1)!;
    expect(digest.subject).toBe(`Sam Field shared “Reel ${floodLimit + 1}.mov” with you, and 24 more`);
    await runFor(24 * hourMs);
    expect(server.received).toHaveLength(floodLimit + 1);
  });

  test.each(alarmKinds)('nobody can turn off or delay %s', async (kind) => {
    updateNotificationSettings(hub.as(ana), { kind, mail: 'never' });
    for (let number = 1; number <= floodLimit + 1; number++) {
      addNotification({ entries: [`Reel ${number}.mov`] });
      await runFor(60_000);
    }
    expect(server.received).toHaveLength(floodLimit);
    addNotification({ at: hub.clock.now, href: '/account' }, { kind, projectId: null, actorId: null });
    addNotification({ entries: ['Reel 7.mov'] });
    await runFor(60_000);
    expect(server.received).toHaveLength(floodLimit + 1);
    await runFor(floodWindowMs);
    expect(server.received.at(-1)!.text).toContain('Reel 7.mov');
  });

  test('a disabled account gets no mail', async () => {
    addNotification();
    hub.db.$client.prepare('update users set disabled_at = 1 where id = ?').run(ana.id);
    addNotification();
    await runFor(hourMs);
    expect(server.received).toEqual([]);
    expect(
      hub.db
        .select()
        .from(notifications)
        .all()
        .map(({ mailDueAt }) => mailDueAt),
    ).toEqual([null, null]);
  });
});

describe('when a mail cannot be sent', () => {
  test('after a day without a mail server, one mail arrives, then the rest, and none is lost', async () => {
    const port = Number(new URL(server.url).port);
    await server.close();
    for (let number = 1; number <= 24; number++) {
      addNotification({ entries: [`Reel ${number}.mov`] });
      await runFor(hourMs, `smtp://127.0.0.1:${port}`);
    }
    expect(outbox()).toMatchObject([{ status: 'waiting' }]);
    const owner = hub.as(hub.createPerson({ isOwner: true }));
    expect(describeServer(owner).mail).toMatchObject({ configured: true, waiting: 1, failed: 0 });
    expect(describeServer(owner).mail.lastError).toContain('ECONNREFUSED');
    expect(
      hub.db
        .select()
        .from(jobs)
        .all()
        .map(({ status }) => status),
    ).toEqual(['waiting']);
    server = await openMailServerForTest(port);
    await runFor(2 * hourMs);
    expect(server.received.map(({ subject }) => subject)).toEqual([
      'Sam Field shared “Reel 1.mov” with you',
      'Sam Field shared “Reel 2.mov” with you, and 22 more',
    ]);
    expect(describeServer(owner).mail).toEqual({ configured: true, waiting: 0, failed: 0, lastError: null });
  });

  test('gives up after three days', async () => {
    server.refuse = () => ({ code: 451, words: 'Try again later' });
    addNotification();
    await runFor(mailGiveUpMs + 2 * hourMs);
    expect(outbox()).toMatchObject([{ status: 'failed' }]);
    expect(outbox()[0]!.lastError).toContain('451 Try again later');
    expect(outbox()[0]!.attempts).toBeGreaterThan(72);
    expect(nextDueAt(hub.db)).toBeNull();
  }, 60_000);

  test('a refused recipient fails at once and delays neither others nor later mails', async () => {
    server.refuse = (address) => (address === ana.email ? { code: 550, words: 'No such user' } : null);
    addNotification();
    addNotification({}, { userId: sam.id, email: sam.email, actorId: ana.id });
    await runFor(mailGatherMs);
    expect(server.received.map((mail) => textOf(mail.to))).toEqual([sam.email]);
    expect(outbox().find(({ to }) => to === ana.email)).toMatchObject({ status: 'failed', attempts: 1 });
    const owner = hub.as(hub.createPerson({ isOwner: true }));
    expect(describeServer(owner).mail).toMatchObject({ waiting: 0, failed: 1 });
    server.refuse = () => null;
    addNotification({ entries: ['Again.mov'] });
    await runFor(hourMs);
    expect(server.received.at(-1)!.subject).toContain('Again.mov');
  });

  test('without a mail server, notifications only reach the inbox', async () => {
    addNotification();
    addNotification({}, { userId: null, email: 'new@example.test' });
    await runFor(hourMs, null);
    expect(outbox()).toEqual([]);
    expect(hub.db.select().from(notifications).all()).toMatchObject([
      { mailDueAt: null },
      { mailDueAt: null },
    ]);
    expect(nextDueAt(hub.db)).toBeNull();
    await runFor(hourMs);
    expect(server.received).toEqual([]);
  });

  test('a starting worker queues jobs for notifications whose jobs were given up', async () => {
    addNotification();
    hub.db.delete(jobs).run();
    resumeMails(hub.ctx);
    await runFor(hourMs);
    expect(server.received).toHaveLength(1);
  });
});

test('a worker that is killed between sending and recording sends at most one duplicate, with the same Message-ID', async () => {
  addNotification();
  // The worker process uses the real clock.
  hub.clock.now = Date.now();
  hub.db.update(notifications).set({ mailDueAt: 0 }).run();
  hub.db.update(jobs).set({ runAt: 0 }).run();
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const env = {
    ...process.env,
    TURNOVER_DATA: hub.folder,
    TURNOVER_SMTP_URL: server.url,
    TURNOVER_MAIL_FROM: 'Turnover <hub@example.test>',
    TURNOVER_CRASH_AT: 'mail.afterSend',
    TURNOVER_LOG: 'silent',
  };
  const worker = spawn(process.execPath, [main], { env, stdio: 'ignore' });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const [, signal] = (await once(worker, 'exit')) as [unknown, string];
  expect(signal).toBe('SIGKILL');
  expect(outbox()).toMatchObject([{ status: 'waiting' }]);
  hub.db.update(jobs).set({ leaseUntil: 0 }).run();
  hub.clock.now = Date.now();
  await runDue();
  expect(outbox()).toMatchObject([{ status: 'sent' }]);
  expect(server.received).toHaveLength(2);
  expect(new Set(server.received.map(({ messageId }) => messageId)).size).toBe(1);
}, 120_000);

function textOf(address: { text: string } | { text: string }[] | undefined): string {
  return [address ?? []]
    .flat()
    .map(({ text }) => text)
    .join();
}
