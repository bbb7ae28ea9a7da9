/** Cost and limits of live streams: one read per person and commit, and a bound on everything they hold. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendEvent, eventsForPerson } from '@turnover/core/events';
import type { Person } from '@turnover/core/context';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { EventKind } from '@turnover/domain/events';
import { LiveHub, type LiveStream, type StreamMessage } from './live-hub.ts';
import { testApi, type ApiHub } from './testing.ts';

let hub: ApiHub;
let projectId: string;
let otherId: string;
let ana: Person;
let ben: Person;
let looks: string[];
let asked: number;
let listeners: Set<() => void>;
let live: LiveHub;
const opened: (() => void)[] = [];

beforeEach(async () => {
  hub = await testApi();
  projectId = hub.createProject().id;
  otherId = hub.createProject().id;
  ana = hub.createPerson({ project: { id: projectId }, role: 'coordinator' });
  ben = hub.createPerson({ project: { id: projectId }, role: 'coordinator' });
  hub.addMember({ id: otherId }, ana, 'coordinator');
  looks = [];
  asked = 0;
  listeners = new Set();
  live = newHub();
});
afterEach(() => {
  for (const close of opened.splice(0)) close();
  hub.close();
});

function newHub(limits = { perPerson: 20, total: 40, waitingEvents: 50 }): LiveHub {
  return new LiveHub(limits, (db, person, ...rest) => {
    looks.push(person.id);
    return eventsForPerson(db, person, ...rest);
  });
}

type Wanted = { in?: string | null; session?: string; signedIn?: () => boolean };

function open(
  person: Person,
  { in: place = projectId, session, signedIn = () => true }: Wanted = {},
): LiveStream {
  const liveHub = live;
  const stream = liveHub.open({
    hub: { ...hub.as(person), sessionId: session },
    projectId: place,
    stillSignedIn: async () => {
      asked++;
      return signedIn();
    },
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signal: undefined,
  });
  opened.push(() => liveHub.close(person.id, stream));
  return stream;
}

async function commit(...kinds: [EventKind, string?][]): Promise<void> {
  inTransaction(hub.db, (tx) => {
    for (const [kind, place = projectId] of kinds) appendEvent(tx, hub.ctx.clock, { kind, projectId: place });
  });
  await look();
}

async function look(): Promise<void> {
  for (const listener of listeners) listener();
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
}

const change = (statement: string, { id }: Person) => hub.db.$client.prepare(statement).run(id);
const kindsOf = (message: StreamMessage) =>
  typeof message === 'string' ? message : message.events.map(({ event }) => event.kind);
const refusalOf = (work: () => Promise<unknown>) =>
  work().then(
    () => 'none',
    (error: unknown) => (error instanceof HubError ? error.code : error),
  );

test('after a commit, a person with many streams costs one read and one sign-in check; without new events, none', async () => {
  const streams = Array.from({ length: 20 }, () => open(ana, { session: 'one' }));
  const others = Array.from({ length: 3 }, () => open(ben, { session: 'two' }));
  await commit(['project.changed'], ['member.added']);
  expect(looks).toEqual([ana.id, ben.id]);
  expect(asked).toBe(2);
  for (const stream of [...streams, ...others]) {
    expect(kindsOf(await stream.next())).toEqual(['project.changed', 'member.added']);
  }
  await look();
  expect(looks).toHaveLength(2);
});

test('reads once for streams of several projects, and gives each stream its own events', async () => {
  const [here, there, nowhere] = [open(ana), open(ana, { in: otherId }), open(ana, { in: null })];
  await commit(['project.changed'], ['member.added', otherId], ['reasons.changed']);
  expect(looks).toEqual([ana.id]);
  expect(kindsOf(await here.next())).toEqual(['project.changed', 'reasons.changed']);
  expect(kindsOf(await there.next())).toEqual(['member.added', 'reasons.changed']);
  expect(kindsOf(await nowhere.next())).toEqual(['reasons.changed']);
});

test('an additional stream above the limit ends the person’s oldest stream and no other person’s', async () => {
  const [first, second] = [open(ana), open(ana)];
  const theirs = open(ben);
  for (let count = 0; count < 19; count++) open(ana);
  expect(await first.next()).toBe('replaced');
  expect(live.size).toBe(21);
  await commit(['project.changed']);
  expect(kindsOf(await second.next())).toEqual(['project.changed']);
  expect(kindsOf(await theirs.next())).toEqual(['project.changed']);
});

test('a hub with too many streams refuses new ones with a message until one ends', async () => {
  live = newHub({ perPerson: 20, total: 2, waitingEvents: 50 });
  const first = open(ana);
  open(ana);
  expect(await refusalOf(async () => open(ben))).toBe('too_many_streams');
  live.close(ana.id, first);
  open(ben);
  expect(live.size).toBe(2);
});

test('a slow reader holds a bounded number of events and then has to reload', async () => {
  const slow = open(ana);
  const quick = open(ana);
  for (let round = 0; round < 6; round++) {
    await commit(...Array.from({ length: 20 }, (): [EventKind] => ['project.changed']));
    expect(kindsOf(await quick.next())).toHaveLength(20);
  }
  expect(await slow.next()).toBe('behind');
  await commit(['member.added']);
  expect(kindsOf(await slow.next())).toEqual(['member.added']);
});

test('delivers more events than a page holds, in order', async () => {
  live = newHub({ perPerson: 20, total: 40, waitingEvents: 5000 });
  const stream = open(ana);
  await commit(...Array.from({ length: 1200 }, (): [EventKind] => ['project.changed']));
  const ids: number[] = [];
  while (ids.length < 1200) {
    const next = await stream.next();
    if (typeof next !== 'string') ids.push(...next.events.map(({ event }) => event.id));
  }
  expect(ids).toEqual([...ids].sort((one, other) => one - other));
  expect(new Set(ids).size).toBe(1200);
});

test('ends streams after a sign-out or the loss of the project or account', async () => {
  const signedOut = open(ana, { session: 'gone', signedIn: () => false });
  const staying = open(ana, { session: 'stays' });
  const removed = open(ben);
  const cleo = hub.createPerson({ project: { id: projectId }, role: 'coordinator' });
  const disabled = open(cleo);
  change('delete from memberships where user_id = ?', ben);
  change('update users set disabled_at = 1 where id = ?', cleo);
  await commit(['project.changed']);
  expect(await refusalOf(() => signedOut.next())).toBe('unauthenticated');
  expect(await refusalOf(() => removed.next())).toBe('not_found');
  expect(await refusalOf(() => disabled.next())).toBe('unauthenticated');
  expect(kindsOf(await staying.next())).toEqual(['project.changed']);
});

test('applies a changed role to running streams', async () => {
  const stream = open(ana);
  change(`update memberships set role = 'workspace' where user_id = ?`, ana);
  const request = await hub.callerOf(ben).requests.create({ projectId, name: 'Unseen' });
  await commit(['project.changed']);
  const message = await stream.next();
  expect(kindsOf(message)).toEqual(['project.changed']);
  expect(JSON.stringify(message)).not.toContain(request.id);
});

test('stops listening to commits after the last stream ends', () => {
  const [one, two] = [open(ana), open(ben)];
  expect(listeners.size).toBe(1);
  live.close(ana.id, one);
  live.close(ana.id, one);
  live.close(ben.id, two);
  expect([listeners.size, live.size]).toEqual([0, 0]);
  open(ana);
  expect(listeners.size).toBe(1);
});
