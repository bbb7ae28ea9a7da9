/**
 * Every procedure × every kind of caller, against a project with a request, its file, an entry and an upload of somebody
 * else. What a caller may do is read from the tables of domain; an unexpected success fails, and what is not theirs does
 * not exist.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { decide, type Permission, type Relation } from '@turnover/domain/people/permissions';
import { roles, type Role } from '@turnover/domain/people/projects';
import { allProcedures } from './documentation.ts';
import { call, testApi, type ApiHub } from './testing.ts';

type Kind = { name: string; relation: Relation; person: () => Person | null };
type World = {
  projectId: string;
  requestId: string;
  fileId: string;
  typeId: string;
  entryId: string;
  shareId: string;
  uploadId: string;
  assignees: { userId: string }[];
};

let hub: ApiHub;
let world: World;
const people = new Map<string, Person>();

const kinds: Kind[] = [
  kind('nobody', null),
  kind('a stranger', null),
  kind('a member of another project', null),
  kind('an owner of the hub', null, { isOwner: true }),
  ...roles.map((role) => kind(role, role)),
  ...roles.map((role) => kind(`${role}, assigned`, role, { assigned: true })),
];

function kind(name: string, role: Role | null, more: Partial<Relation> = {}): Kind {
  const relation: Relation = { role, isOwner: false, assigned: false, deliveredIt: false, ...more };
  return { name, relation, person: () => people.get(name) ?? null };
}

beforeAll(async () => {
  hub = await testApi();
  const project = hub.createProject('Northern Light');
  const elsewhere = hub.createProject('Elsewhere');
  const lead = hub.createPerson({ project, role: 'coordinator' });
  const deliverer = hub.createPerson({ project, role: 'partner' });
  people.set('a stranger', hub.createPerson());
  people.set('a member of another project', hub.createPerson({ project: elsewhere, role: 'coordinator' }));
  people.set('an owner of the hub', hub.createPerson({ isOwner: true }));
  for (const role of roles) {
    people.set(role, hub.createPerson({ project, role }));
    people.set(`${role}, assigned`, hub.createPerson({ project, role }));
  }
  world = await makeWorld(project.id, lead, deliverer);
});
afterAll(() => hub.close());

/** A file of the deliverer is in a request; whoever can be assigned is. */
async function makeWorld(projectId: string, lead: Person, deliverer: Person): Promise<World> {
  const assignable = (['coordinator', 'partner', 'uploader', 'reviewer'] as const).map((role) =>
    people.get(`${role}, assigned`)!,
  );
  const assignees = [...assignable, deliverer].map(({ id }) => ({ userId: id }));
  await hub.callerOf(lead).projects.update({ projectId, launchAt: hub.clock.now });
  const request = await hub.callerOf(lead).requests.create({ projectId, name: 'Print master', assignees });
  const type = await hub.callerOf(lead).requestTypes.create({ projectId, name: 'Mixes', rules: {} });
  const partner = hub.callerOf(deliverer);
  const entry = await partner.workspace.createFolder({ projectId, name: 'Private' });
  const confidant = hub.createPerson({ project: { id: projectId }, role: 'partner' });
  await partner.shares.create({ projectId, entryIds: [entry.id], people: [confidant.email] });
  const { shares } = await partner.shares.list({ entryId: entry.id });
  const begun = await partner.uploads.begin({ projectId, filename: 'cut.mov', sizeBytes: 10 });
  await partner.uploads.begin({
    projectId,
    requestId: request.id,
    filename: 'mix.wav',
    sizeBytes: 0,
  });
  const { files } = await partner.requestFiles.list({ requestId: request.id });
  return {
    projectId,
    requestId: request.id,
    fileId: files[0]!.id,
    typeId: type.id,
    entryId: entry.id,
    shareId: shares[0]!.id,
    uploadId: begun.uploadId,
    assignees,
  };
}

describe.each(kinds)('$name', ({ relation, person, name }) => {
  test.each(targets())('$path', async ({ path, noun, permission, input }) => {
    const outcome = await call(hub.callerOf(person()), path, await input(world, person()));
    if (name === 'nobody') return expect(outcome).toBe('unauthenticated');
    const verdict = permission === 'nobody' ? 'hidden' : decide(permission, asSeenFrom(noun, relation));
    if (verdict === 'hidden') expect(outcome).toBe('not_found');
    else if (verdict === 'forbidden') expect(outcome).toBe('forbidden');
    else expect(['not_found', 'forbidden', 'unauthenticated']).not.toContain(outcome);
  });
});

/** An owner of the hub knows its projects; what is in them is not there for them. */
function asSeenFrom(noun: string, { deliveredIt, ...relation }: Relation): Relation {
  if (noun === 'project' || noun === 'request type') return relation;
  return {
    ...relation,
    isOwner: false,
    ...(noun === 'request' || deliveredIt === undefined ? {} : { deliveredIt }),
  };
}

/** Before the input is looked at, so that nothing is learned from what is wrong with it. */
test.each(kinds)('$name and what is for owners of the hub', async ({ name, relation, person }) => {
  const forOwners = allProcedures().filter(({ rule }) => rule === 'owner of the hub');
  expect(forOwners.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['server.get', 'server.uploads', 'server.discardUploads', 'users.list']),
  );
  if (relation.isOwner)
    return expect(await call(hub.callerOf(person()), 'server.get', undefined)).toBe('done');
  const caller = hub.callerOf(person());
  for (const { path } of forOwners) {
    const outcome = await call(caller, path, ownersInputs[path]);
    expect(outcome, path).toBe(name === 'nobody' ? 'unauthenticated' : 'forbidden');
  }
});

const ownersInputs: Record<string, Input> = {
  'server.discardUploads': { uploadIds: [] },
};

test('no signed-in procedure answers nobody', async () => {
  for (const { path } of allProcedures().filter(({ path }) => path !== 'live.stream'))
    expect(await call(hub.callerOf(null), path, undefined), path).toBe('unauthenticated');
});

test('a list of requests holds nothing that cannot be opened', async () => {
  for (const { person, relation } of kinds) {
    const caller = hub.callerOf(person());
    const listed = await caller.requests.list({ projectId: world.projectId }).then(
      ({ requests }) => requests.map(({ id }) => id),
      () => [],
    );
    for (const requestId of listed) expect(await call(caller, 'requests.get', { requestId })).toBe('done');
    expect(listed.length > 0).toBe(decide('request:view', { ...relation, isOwner: false }) === 'granted');
  }
});

test('nobody but the deliverer and those who may see it find the Workspace entry and the upload', async () => {
  for (const { person, name } of kinds) {
    if (name === 'nobody') continue;
    const caller = hub.callerOf(person());
    expect(await call(caller, 'workspace.get', { entryId: world.entryId })).toBe('not_found');
    expect(await call(caller, 'uploads.discard', { uploadId: world.uploadId })).toBe('not_found');
  }
});

test('every procedure that names a thing is walked', () => {
  const walked = new Set(targets().map(({ path }) => path));
  const ofThings = allProcedures().filter(({ rule }) =>
    /^(project|request|request type|delivered file|entry|share): /.test(rule),
  );
  walked.add('requests.list');
  expect(ofThings.map(({ path }) => path).filter((path) => !walked.has(path))).toEqual([]);
});

type Input = Record<string, unknown>;
type Target = {
  path: string;
  noun: string;
  permission: Permission | 'nobody';
  input: (world: World, person: Person | null) => Promise<Input>;
};

/** From the rules themselves; a thing of somebody else's Workspace is for nobody. */
function targets(): Target[] {
  return allProcedures().flatMap(({ path, rule }): Target[] => {
    const [noun = '', rest = ''] = rule.split(': ');
    const thing = things[noun];
    // Every member may ask for the list; what is on it has a test of its own.
    if (!thing || path === 'requests.list') return [];
    const permission =
      noun === 'entry' || noun === 'share' ? 'nobody' : (/[a-z]+:[a-zA-Z]+/.exec(rest)![0] as Permission);
    const input: Target['input'] = async (world, person) => ({
      ...thing(world),
      ...(await inputs[path]?.(person)),
    });
    return [{ path, noun, permission, input }];
  });
}

const things: Record<string, (world: World) => Input> = {
  project: ({ projectId }) => ({ projectId }),
  request: ({ requestId }) => ({ requestId }),
  'delivered file': ({ fileId }) => ({ fileId }),
  entry: ({ entryId }) => ({ entryId }),
  share: ({ shareId }) => ({ shareId }),
  'request type': ({ typeId }) => ({ typeId }),
};

/** What passes the schema and is refused by the service, or concerns somebody made for this call: the world stays as it is. */
const inputs: Record<string, (person: Person | null) => Input | Promise<Input>> = {
  'members.add': () => ({ userId: hub.createPerson().id, role: 'partner' }),
  'members.setRole': () => ({ userId: spareMember().id, role: 'partner' }),
  'members.remove': () => ({ userId: spareMember().id }),
  'invitations.create': () => ({ email: `new${spare++}@example.com`, role: 'partner', companyId: null }),
  'invitations.revoke': async () => ({ invitationId: (await spareInvitation()).id }),
  'invitations.showLink': async () => ({ invitationId: (await spareInvitation()).id }),
  'workspace.createFolder': () => ({ name: '..' }),
  'workspace.createFolders': () => ({ folderId: null, paths: ['..'] }),
  'workspace.find': () => ({ text: 'a' }),
  'workspace.previewMove': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.move': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.undoMove': async (person) => ({ moves: [await ownMove(person)] }),
  'workspace.removeMany': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.restoreMany': async (person) => ({ entryIds: [await ownTrash(person)] }),
  'workspace.purge': async (person) => ({ entryIds: [await ownTrash(person)] }),
  'shares.create': async (person) => ({
    entryIds: [await ownFolder(person)],
    people: ['stranger@nowhere.example'],
  }),
  'shares.checkRecipients': () => ({ people: ['stranger@nowhere.example'] }),
  'shares.confirm': (person) => ({ userId: person?.id ?? hub.ctx.newId('user') }),
  'shares.verifyCopy': () => ({ checksum: `md5:${'0'.repeat(32)}` }),
  'workspace.rename': () => ({ name: 'other' }),
  'retention.ask': () => ({ reason: 'The mix is late' }),
  'retention.withdraw': async (person) => ({ extensionId: await ownExtension(person) }),
  'retention.grant': async () => ({ extensionId: await spareExtension(), until: '2030-01-01' }),
  'retention.decline': async () => ({ extensionId: await spareExtension() }),
  'requests.create': () => ({ name: 'Another', assignees: [] }),
  'requests.createMany': () => ({ requests: [{ name: 'One of many' }] }),
  'requests.takenNames': () => ({ names: ['One of many'] }),
  'requests.assignMany': () => ({ requestIds: [world.requestId], assignees: world.assignees }),
  'requests.duplicate': () => ({ name: 'Once more' }),
  'requests.setType': () => ({ typeId: null }),
  'requests.preFlight': () => ({ files: [{ path: 'mix.wav', sizeBytes: 1 }] }),
  'requests.overrideRule': () => ({ rule: 'extension', reason: 'They have no other' }),
  'requestTypes.create': () => ({ name: `Type ${spare++}`, rules: {} }),
  'requestTypes.update': () => ({ version: 99 }),
  'requestTypes.version': () => ({ version: 1 }),
  'rounds.compare': () => ({ from: 1, to: 1 }),
  'comments.create': () => ({ text: 'Seen' }),
  'requests.assign': () => ({ assignees: world.assignees }),
  'requests.askForRedelivery': () => ({ reasons: [] }),
  'requests.promise': () => ({ promisedAt: null }),
  'requestFiles.addFromWorkspace': async (person) => ({ entryIds: [await ownFolder(person)] }),
  'requestFiles.rename': () => ({ name: '..' }),
  'requestFiles.remove': () => ({ selection: { allExcept: [world.fileId] } }),
};
let spare = 0;

function spareMember(): Person {
  return hub.createPerson({ project: { id: world.projectId }, role: 'workspace' });
}

function spareInvitation() {
  const email = `new${spare++}@example.com`;
  const inviter = hub.callerOf(people.get('coordinator')!);
  return inviter.invitations.create({ projectId: world.projectId, email, role: 'partner', companyId: null });
}

/** An empty folder of the caller's own, where they have a Workspace. */
async function ownFolder(person: Person | null): Promise<string> {
  const nowhere = `ent_${'a'.repeat(26)}`;
  if (!person) return nowhere;
  const made = hub
    .callerOf(person)
    .workspace.createFolder({ projectId: world.projectId, name: `Folder ${spare++}` });
  return made.then(
    ({ id }) => id,
    () => nowhere,
  );
}

async function spareExtension(): Promise<string> {
  return ownExtension(spareMember());
}

async function ownExtension(person: Person | null): Promise<string> {
  const nowhere = `ext_${'a'.repeat(26)}`;
  if (!person) return nowhere;
  const { retention } = hub.callerOf(person);
  // Whoever asked before has one already.
  await retention.ask({ projectId: world.projectId, reason: 'Reels are missing' }).catch(() => undefined);
  const known = await retention.get({ projectId: world.projectId }).catch(() => null);
  return known?.extension?.id ?? nowhere;
}

async function ownMove(person: Person | null) {
  return {
    entryId: await ownFolder(person),
    fromFolderId: null,
    fromName: `Back ${spare++}`,
    replacedId: null,
  };
}

async function ownTrash(person: Person | null): Promise<string> {
  const entryId = await ownFolder(person);
  if (person) await call(hub.callerOf(person), 'workspace.remove', { entryId });
  return entryId;
}
