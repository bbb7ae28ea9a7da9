import { afterEach, beforeEach, expect, test } from 'vitest';
import { mails } from '@turnover/db/schema/notifications';
import type { Person } from '../context.ts';
import { claim } from '../jobs.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { describeOutbox, sendTestMail } from './outbox.ts';

let hub: TestHub;
let owner: Person;
beforeEach(async () => {
  hub = await testHub();
  owner = hub.createPerson({ isOwner: true });
});
afterEach(() => hub.close());

const words = { subject: 'Test', text: 'It works.', html: '<p>It works.</p>' };
const add = (status: 'waiting' | 'failed' | 'sent', at: number, more = {}) =>
  hub.db
    .insert(mails)
    .values({
      id: hub.ctx.newId('mail'),
      to: 'ana@example.test',
      subject: 'Redelivery of The secret ending',
      text: 'secret',
      html: 'secret',
      status,
      nextAttemptAt: at,
      createdAt: 1,
      ...more,
    })
    .run();

test('lists what waits first, then what was given up, without subjects and texts', () => {
  add('sent', 10, { sentAt: 12 });
  add('failed', 20, { lastError: '550 no such user', attempts: 1 });
  add('waiting', 40);
  add('waiting', 30);
  const outbox = describeOutbox(hub.as(owner));
  expect(outbox).toMatchObject({ configured: true, totals: { waiting: 2, failed: 1, sent: 1 } });
  expect(outbox.mails.map(({ state, at, error }) => [state, at, error])).toEqual([
    ['waiting', 40, null],
    ['waiting', 30, null],
    ['failed', 20, '550 no such user'],
    ['sent', 12, null],
  ]);
  expect(JSON.stringify(outbox)).not.toContain('secret');
});

test('a test mail goes to the person who asks, at once', () => {
  sendTestMail(hub.as(owner), words);
  expect(hub.db.select().from(mails).all()).toMatchObject([{ ...words, to: owner.email, status: 'waiting' }]);
  expect(claim(hub.ctx)).toMatchObject({ kind: 'sendMails', payload: { email: owner.email } });
});

test('a test mail is refused while a mail to that person waits, and without a mail server', () => {
  sendTestMail(hub.as(owner), words);
  const refusal = (code: string) => expect.objectContaining({ code });
  expect(() => sendTestMail(hub.as(owner), words)).toThrow(refusal('conflict'));
  const silent = { ...hub.as(owner), mail: { configured: false } };
  expect(() => sendTestMail(silent, words)).toThrow(refusal('unavailable'));
  expect(hub.db.select().from(mails).all()).toHaveLength(1);
});
