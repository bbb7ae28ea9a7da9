/** Links and codes in mails: only their recipient gets them, they work once, and the database never contains them. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOwner } from '@turnover/core/people/accounts';
import type { Person } from '@turnover/core/context';
import { confirmEmail, sendEmailCode } from '@turnover/core/people/email-proof';
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  revokeInvitation,
} from '@turnover/core/projects/invitations';
import { nextDueAt } from '@turnover/core/jobs';
import { mailResetLink, resetPassword } from '@turnover/core/people/links';
import { openMailServer } from '@turnover/core/notifications/smtp';
import { notify } from '@turnover/core/notifications/inbox';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { inTransaction } from '@turnover/db/transaction';
import { floodLimit, mailGatherMs, mailGiveUpMs } from '@turnover/domain/notifications';
import { openPool, type Pool } from './pool.ts';
import { createRunner } from './runner.ts';
import { toolsOf } from './testing/worker.ts';
import { openMailServerForTest, type TestMailServer } from '@turnover/core/testing/mail-server';

const publicUrl = 'https://hub.example.test';
const password = 'a long enough password';

let pool: Pool;
let server: TestMailServer;
let hub: TestHub;
let cora: Person;
let projectId: string;

beforeAll(() => {
  pool = openPool(2);
});
afterAll(() => pool.close());
beforeEach(async () => {
  server = await openMailServerForTest();
  hub = await testHub();
  const project = hub.createProject('Northern Light');
  projectId = project.id;
  cora = hub.createPerson({ name: 'Cora', project, role: 'coordinator' });
});
afterEach(async () => {
  hub.close();
  await server.close();
});

/** Advances the clock for this long, from one due job to the next. */
async function runFor(ms: number): Promise<void> {
  const send = openMailServer({ url: server.url, from: 'Turnover <hub@example.test>' });
  const runner = createRunner(
    { ...toolsOf(hub.ctx, pool, { send, publicUrl }), random: () => 0.99 },
    { slots: 4 },
  );
  const end = hub.clock.now + ms;
  await runner.runUntilIdle();
  for (let dueAt = nextDueAt(hub.db); dueAt !== null && dueAt <= end; dueAt = nextDueAt(hub.db)) {
    hub.clock.now = Math.max(hub.clock.now, dueAt);
    await runner.runUntilIdle();
  }
  hub.clock.now = end;
}

function invite(email = 'ana@example.test') {
  return createInvitation(hub.as(cora), { projectId, role: 'partner', email, companyId: null });
}

const mailed = (pattern: RegExp) =>
  server.received.flatMap(({ text = '' }) => {
    const found = pattern.exec(text)?.[1];
    return found === undefined ? [] : [found];
  });
const everything = () => hub.db.$client.serialize().toString('latin1');
const states = () => listInvitations(hub.as(cora), projectId).map(({ mail }) => mail);

test('an invitation arrives with a link that its sender never sees, and is listed as sent', async () => {
  const { path } = invite();
  expect(states()).toEqual(['waiting']);
  await runFor(mailGatherMs);
  expect(states()).toEqual(['sent']);
  const [secret] = mailed(/https:\/\/hub\.example\.test\/invitation\/([\w-]{43})/);
  expect(path).not.toContain(secret!);
  expect(server.received[0]).toMatchObject({ subject: 'Cora invites you to Northern Light' });
  expect(server.received[0]!.html).toContain(secret);
  expect(everything()).not.toContain(secret);
  const { person } = await acceptInvitation(hub.ctx, secret!, { name: 'Ana', password });
  expect(person.email).toBe('ana@example.test');
});

test('each retry of a mail has a new secret, and all of them work until one is used', async () => {
  server.beforeAnswer = async () => {
    // The server accepts the mail, but the worker does not get the answer.
    if (server.received.length === 1) throw new Error('cut');
  };
  invite();
  await runFor(3600_000);
  const secrets = mailed(/invitation\/([\w-]{43})/);
  expect(new Set(secrets).size).toBe(2);
  expect(everything()).not.toContain(secrets[0]);
  await acceptInvitation(hub.ctx, secrets[0]!, { name: 'Ana', password });
  await expect(acceptInvitation(hub.ctx, secrets[1]!, cora)).rejects.toMatchObject({ code: 'link_expired' });
});

test('a revoked invitation is not mailed, and an undeliverable one is listed as failed', async () => {
  server.refuse = () => ({ code: 451, words: 'Later' });
  const revoked = invite();
  await runFor(mailGatherMs);
  revokeInvitation(hub.as(cora), { projectId, invitationId: revoked.id });
  server.refuse = (address) => (address.startsWith('gone') ? { code: 550, words: 'No such user' } : null);
  invite('gone@example.test');
  const early = invite('early@example.test');
  revokeInvitation(hub.as(cora), { projectId, invitationId: early.id });
  await runFor(mailGiveUpMs);
  expect(server.received).toEqual([]);
  expect(states()).toEqual(['failed']);
});

test('an invitation that was accepted before its mail was sent does not drop other news', async () => {
  const { path } = invite();
  const { person } = await acceptInvitation(hub.ctx, path.split('/').at(-1)!, { name: 'Ana', password });
  inTransaction(hub.db, (tx) =>
    notify(tx, hub.ctx, {
      userId: person.id,
      email: person.email,
      kind: 'request.accepted',
      projectId,
      actorId: cora.id,
      data: { request: 'Mix' },
    }),
  );
  await runFor(mailGatherMs);
  expect(server.received).toHaveLength(1);
  expect(server.received[0]!.subject).toContain('Mix');
});

test('a password reset link is sent at once in a mail of its own, however many mails were sent before', async () => {
  const olga = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  for (let index = 0; index < floodLimit + 2; index++) {
    inTransaction(hub.db, (tx) =>
      notify(tx, hub.ctx, {
        userId: olga.id,
        email: olga.email,
        kind: 'request.accepted',
        projectId,
        actorId: cora.id,
        data: { request: `Mix ${index}` },
      }),
    );
    await runFor(mailGatherMs);
  }
  const before = server.received.length;
  mailResetLink(hub.ctx, olga.email, '10.0.0.1');
  await runFor(0);
  expect(server.received.slice(before)).toMatchObject([{ subject: 'Choose a new password' }]);
  const [secret] = mailed(/reset\/([\w-]{43})/);
  expect(everything()).not.toContain(secret);
  expect(await resetPassword(hub.ctx, secret!, 'another long password')).toMatchObject({
    person: { id: olga.id },
  });
});

test('a mailed code proves the address; a placeholder in a note does not reveal a secret', async () => {
  const ana = hub.createPerson({ name: 'Ana' });
  sendEmailCode(hub.as(ana));
  const stolen = JSON.stringify(hub.db.$client.prepare('select * from notifications').all());
  inTransaction(hub.db, (tx) =>
    notify(tx, hub.ctx, {
      userId: cora.id,
      email: cora.email,
      kind: 'share.received',
      projectId,
      actorId: ana.id,
      data: { entries: ['x'], count: 1, note: stolen, shareIds: [], pending: false },
    }),
  );
  await runFor(mailGatherMs);
  const [code] = mailed(/Your code: (\S+)/);
  expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  expect(server.received.find(({ text }) => text?.includes('shared'))!.text).not.toContain(code);
  expect(everything()).not.toContain(code);
  confirmEmail(hub.as(ana), code!);
});
