/** What live streams cost and how many there may be: one look for a person and commit, a bound on each thing held. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendEvent, eventsForPerson } from '@turnover/core/events';
import type { Person } from '@turnover/core/context';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import type { EventKind } from '@turnover/domain/events';
import { LiveHub, type LiveStream, type Told } from './live-hub.ts';
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
afterEach(() => hub.close());

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
  return live.open({
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
const kindsOf = (told: Told) =>
  typeof told === 'string' ? told : told.events.map(({ event }) => event.kind);
const refusalOf = (work: () => Promise<unknown>) =>
  work().then(
    () => 'none',
    (error: unknown) => (error instanceof HubError ? error.code : error),
  );

test('one person with many streams costs one look and one question after a commit; one that tells nothing, none', async () => {
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

test('streams of different projects are read for together, and each is told of its own', async () => {
  const [here, there, nowhere] = [open(ana), open(ana, { in: otherId }), open(ana, { in: null })];
  await commit(['project.changed'], ['member.added', otherId], ['reasons.changed']);
  expect(looks).toEqual([ana.id]);
  expect(kindsOf(await here.next())).toEqual(['project.changed', 'reasons.changed']);
  expect(kindsOf(await there.next())).toEqual(['member.added', 'reasons.changed']);
  expect(kindsOf(await nowhere.next())).toEqual(['reasons.changed']);
});

test('the oldest stream of a person makes way for one too many, those of others stay', async () => {
  const [first, second] = [open(ana), open(ana)];
  const theirs = open(ben);
  for (let count = 0; count < 19; count++) open(ana);
  expect(await first.next()).toBe('replaced');
  expect(live.size).toBe(21);
  await commit(['project.changed']);
  expect(kindsOf(await second.next())).toEqual(['project.changed']);
  expect(kindsOf(await theirs.next())).toEqual(['project.changed']);
});

test('a hub that is full refuses in words, and takes again what comes after somebody left', async () => {
  live = newHub({ perPerson: 20, total: 2, waitingEvents: 50 });
  const first = open(ana);
  open(ana);
  expect(await refusalOf(async () => open(ben))).toBe('too_many_streams');
  live.close(ana.id, first);
  open(ben);
  expect(live.size).toBe(2);
});

test('a reader that does not keep up holds a bounded number of events and loads anew', async () => {
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

test('more events at once than a page are all told, in order', async () => {
  live = newHub({ perPerson: 20, total: 40, waitingEvents: 5000 });
  const stream = open(ana);
  await commit(...Array.from({ length: 1200 }, (): [EventKind] => ['project.changed']));
  const told: number[] = [];
  while (told.length < 1200) {
    const next = await stream.next();
    if (typeof next !== 'string') told.push(...next.events.map(({ event }) => event.id));
  }
  expect(told).toEqual([...told].sort((one, other) => one - other));
  expect(new Set(told).size).toBe(1200);
});

test('whoever signed out, lost the project or the account hears nothing more of it', async () => {
  const signedOut = open(ana, { session: 'gone', signedIn: () => false });
  const staying = open(ana, { session: 'stays' });
  const removed = open(ben);
  const cleo = hub.createPerson({ project: { id: projectId }, role: 'coordinator' });
  const disabled = open(cleo);
  change('delete from memberships where user_id = ?', ben);
  change('update users set disabled_at = 1 where id = ?', cleo);
  await commit(['project.changed']);
  expect(await signedOut.next()).toBe('over');
  expect(await refusalOf(() => removed.next())).toBe('not_found');
  expect(await disabled.next()).toBe('over');
  expect(kindsOf(await staying.next())).toEqual(['project.changed']);
});

test('a role that was changed meanwhile is the one that counts', async () => {
  const stream = open(ana);
  change(`update memberships set role = 'workspace' where user_id = ?`, ana);
  const request = await hub.callerOf(ben).requests.create({ projectId, name: 'Unseen' });
  await commit(['project.changed']);
  const told = await stream.next();
  expect(kindsOf(told)).toEqual(['project.changed']);
  expect(JSON.stringify(told)).not.toContain(request.id);
});

test('what listens to commits is let go with the last stream', () => {
  const [one, two] = [open(ana), open(ben)];
  expect(listeners.size).toBe(1);
  live.close(ana.id, one);
  live.close(ana.id, one);
  live.close(ben.id, two);
  expect([listeners.size, live.size]).toEqual([0, 0]);
  open(ana);
  expect(listeners.size).toBe(1);
});
