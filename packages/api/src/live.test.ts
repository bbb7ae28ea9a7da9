import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { appendEvent } from '@turnover/core/events';
import { inTransaction } from '@turnover/db/transaction';
import type { EventKind, LiveMessage } from '@turnover/domain/events';
import { testApi, type ApiHub } from './testing.ts';

let hub: ApiHub;
let projectId: string;
let coordinator: Person;
let partner: Person;
let listeners: Set<() => void>;

beforeEach(async () => {
  hub = await testApi();
  const project = hub.createProject();
  projectId = project.id;
  coordinator = hub.createPerson({ project, role: 'coordinator' });
  partner = hub.createPerson({ project, role: 'partner' });
  listeners = new Set();
});
afterEach(() => hub.close());

function append(kind: EventKind, more: { requestId?: string; audienceId?: string } = {}) {
  inTransaction(hub.db, (tx) => appendEvent(tx, hub.ctx.clock, { kind, projectId, ...more }));
  for (const listener of listeners) listener();
}

async function stream(person: Person, lastEventId: string | null = null) {
  const caller = hub.callerOf(person, {
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const iterable = (await caller.live.stream({ projectId, lastEventId })) as AsyncIterable<unknown>;
  const iterator = iterable[Symbol.asyncIterator]();
  return {
    async next(): Promise<LiveMessage> {
      const { value } = (await iterator.next()) as { value: [string, LiveMessage] };
      return value[1];
    },
    end: () => iterator.return?.(),
  };
}
const kindOf = (message: LiveMessage) => (message.type === 'event' ? message.event.kind : message.type);

test('delivers new events, and events missed since the last received one', async () => {
  append('project.changed');
  const first = await stream(coordinator);
  const pending = first.next();
  await new Promise((resolve) => setImmediate(resolve));
  append('member.added');
  const message = await pending;
  expect(kindOf(message)).toBe('member.added');
  await first.end();

  append('member.removed');
  const again = await stream(coordinator, message.type === 'event' ? String(message.event.id) : '');
  expect(kindOf(await again.next())).toBe('member.removed');
  await again.end();
  expect(listeners.size).toBe(0);
});

test('delivers hub-wide changes in every project', async () => {
  const owner = hub.createPerson({ isOwner: true });
  const theirs = await stream(partner);
  const pending = theirs.next();
  await hub.callerOf(owner).reasons.update({ code: 'other', archived: true });
  for (const listener of listeners) listener();
  expect(await pending).toMatchObject({ event: { kind: 'reasons.changed' }, topics: ['turnover:reasons'] });
  await theirs.end();
});

test('answers a cursor from another database with one reset', async () => {
  append('project.changed');
  const lost = await stream(coordinator, '999999');
  expect(kindOf(await lost.next())).toBe('reset');
  await lost.end();
});

test('partners get events of assigned requests only, and nobody gets events of another person’s Workspace', async () => {
  const mine = await hub
    .callerOf(coordinator)
    .requests.create({ projectId, name: 'Mine', assignees: [{ userId: partner.id }] });
  const other = await hub.callerOf(coordinator).requests.create({ projectId, name: 'Other' });
  append('request.updated', { requestId: other.id });
  append('workspace.changed', { audienceId: coordinator.id });
  append('request.updated', { requestId: mine.id });
  const heard = await stream(partner, '0');
  const requests: (string | null)[] = [];
  for (let count = 0; count < 2; count++) {
    const message = await heard.next();
    if (message.type === 'event') requests.push(message.event.requestId);
  }
  await heard.end();
  expect(new Set(requests)).toEqual(new Set([mine.id]));
});
