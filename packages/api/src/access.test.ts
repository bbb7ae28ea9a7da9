/**
 * Every procedure of the root router × every kind of caller, called on things of somebody else. The tables of domain state
 * what a caller may do: an unexpected success fails, and hidden things must answer `not_found`. A procedure that names a
 * thing fails when no attack exists for it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { beginSession } from '@turnover/core/people/sign-in';
import { decide, type Permission, type Relation, type Verdict } from '@turnover/domain/people/permissions';
import { roles, type Role } from '@turnover/domain/people/projects';
import { allProcedures } from './documentation.ts';
import type { Rule } from './rules.ts';
import { call, testApi, type ApiHub, type Caller } from './testing.ts';

type Kind = { name: string; relation: Relation; person: () => Person | null };
type World = {
  projectId: string;
  requestId: string;
  /** A request whose first round is submitted. */
  submittedId: string;
  fileId: string;
  typeId: string;
  commentId: string;
  pinId: string;
  entryId: string;
  trashedId: string;
  shareId: string;
  revokedShareId: string;
  uploadId: string;
  tokenId: string;
  signInId: string;
  identityId: string;
  passkeyId: string;
  viewId: string;
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

/** The deliverer has a file in a request. Everybody who can be assigned is assigned. */
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
  const revokedShareId = await makeRevoked(partner, projectId, confidant);
  const { shares } = await partner.shares.list({ entryId: entry.id });
  const begun = await partner.uploads.begin({ projectId, filename: 'cut.mov', sizeBytes: 10 });
  await partner.uploads.begin({
    projectId,
    requestId: request.id,
    filename: 'mix.wav',
    sizeBytes: 0,
  });
  const { files } = await partner.requestFiles.list({ requestId: request.id });
  const trashed = await partner.workspace.createFolder({ projectId, name: 'Thrown away' });
  await partner.workspace.remove({ entryId: trashed.id });
  const { id: submittedId } = await hub
    .callerOf(lead)
    .requests.create({ projectId, name: 'Sent', assignees });
  const submitted = 'insert into rounds (request_id, number, submitted_at, submitted_by) values (?, 1, 0, ?)';
  hub.db.$client.prepare(submitted).run(submittedId, deliverer.id);
  const view = await partner.savedViews.create({ projectId, name: 'Mine', query: {} });
  const comment = await hub.callerOf(lead).comments.create({ requestId: request.id, text: 'By Friday' });
  return {
    projectId,
    requestId: request.id,
    submittedId,
    fileId: files[0]!.id,
    typeId: type.id,
    commentId: comment.id,
    pinId: await makeFinding(projectId, lead, deliverer, assignees),
    entryId: entry.id,
    trashedId: trashed.id,
    shareId: shares[0]!.id,
    revokedShareId,
    uploadId: begun.uploadId,
    tokenId: makeToken(deliverer),
    signInId: await makeSignIn(deliverer),
    identityId: makeIdentity(deliverer),
    passkeyId: makePasskey(deliverer),
    viewId: view.id,
    assignees,
  };
}

async function makeRevoked(partner: Caller, projectId: string, { email }: Person): Promise<string> {
  const { id: entryId } = await partner.workspace.createFolder({ projectId, name: 'Shared for a moment' });
  await partner.shares.create({ projectId, entryIds: [entryId], people: [email] });
  const [share] = (await partner.shares.list({ entryId })).shares;
  await partner.shares.revoke({ shareId: share!.id });
  return share!.id;
}

function makePasskey({ id }: Person): string {
  const passkeyId = hub.ctx.newId('passkey');
  hub.db.$client
    .prepare(
      `insert into passkeys (id, user_id, name, credential_id, public_key, counter, transports, created_at)
       values (?, ?, 'Phone', 'x', 'x', 0, '[]', 0)`,
    )
    .run(passkeyId, id);
  return passkeyId;
}

function makeIdentity({ id }: Person): string {
  const identityId = hub.ctx.newId('identity');
  hub.db.$client
    .prepare(
      `insert into identities (id, user_id, issuer, subject, given, created_at)
       values (?, ?, 'https://login.example', ?, '{"owner":false,"roles":{},"companyId":null}', 0)`,
    )
    .run(identityId, id, id);
  return identityId;
}

async function makeSignIn(person: Person): Promise<string> {
  await beginSession(hub.ctx, person, { address: null, userAgent: '' });
  return (await hub.callerOf(person).signIns.list())[0]!.id;
}

/** A finding on the deliverer's file of a request in Redelivery. */
async function makeFinding(
  projectId: string,
  lead: Person,
  deliverer: Person,
  assignees: World['assignees'],
): Promise<string> {
  const leads = hub.callerOf(lead);
  const { id: requestId } = await leads.requests.create({ projectId, name: 'Found wanting', assignees });
  const partner = hub.callerOf(deliverer);
  await partner.uploads.begin({ projectId, requestId, filename: 'reel.wav', sizeBytes: 0 });
  const { files } = await partner.requestFiles.list({ requestId });
  hub.db.$client.prepare(`update requests set status = 'processed' where id = ?`).run(requestId);
  const finding = { reason: 'wrong_file', fileId: files[0]!.id };
  await leads.requests.askForRedelivery({ requestId, reasons: ['wrong_file'], pins: [finding] });
  return hub.db.$client.prepare('select id from reason_pins').pluck().get() as string;
}

function makeToken({ id }: Person): string {
  const tokenId = hub.ctx.newId('token');
  hub.db.$client
    .prepare(
      `insert into api_tokens (id, user_id, name, token_hash, created_at) values (?, ?, 'Script', 'x', 0)`,
    )
    .run(tokenId, id);
  return tokenId;
}

describe.each(kinds)('$name', (kind) => {
  test.each(attacks())('$title', async ({ path, expected, input }) => {
    const outcome = await call(hub.callerOf(kind.person()), path, await input(world, kind.person()));
    if (kind.name === 'nobody') return expect(outcome).toBe('unauthenticated');
    const verdict = expected(kind.relation);
    if (verdict === 'hidden') expect(outcome).toBe('not_found');
    else if (verdict === 'forbidden') expect(outcome).toBe('forbidden');
    else expect(['not_found', 'forbidden', 'unauthenticated']).not.toContain(outcome);
  });
});

describe('an unknown id answers not_found', () => {
  // Marks only the caller's own notifications, so unknown ids change nothing.
  const named = () => attacks().filter(({ path }) => path !== 'notifications.markRead');
  test.each(named())('$title', async ({ path, input }) => {
    const caller = people.get('coordinator, assigned')!;
    const nothing = (id: string) => id.replace(/_.*/, `_${'a'.repeat(26)}`);
    const unknown = Object.fromEntries(
      Object.entries(world).map(([key, id]) => [key, typeof id === 'string' ? nothing(id) : id]),
    ) as World;
    const names = await input(unknown, caller);
    const namesMore = Object.values(unknown).some(
      (id) => typeof id === 'string' && id !== unknown.projectId && Object.values(names).includes(id),
    );
    const outcome = await call(hub.callerOf(caller), path, {
      ...names,
      ...(namesMore && 'projectId' in names && { projectId: world.projectId }),
    });
    expect(outcome).toBe('not_found');
  });
});

/** Refused before the input is validated, so that the error reveals nothing about the input. */
test.each(kinds)(
  '$name calls procedures that are for owners of the hub',
  async ({ name, relation, person }) => {
    const forOwners = allProcedures().filter(
      ({ rule }) => rule.noun === 'hub' && rule.permission === 'owner',
    );
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
  },
);

const ownersInputs: Record<string, Input> = {
  'server.discardUploads': { uploadIds: [] },
  'secondFactor.require': { roles: [] },
  'secondFactor.reset': { userId: `usr_${'a'.repeat(26)}` },
  'signIns.listAll': {},
  'signIns.endAny': { signInId: `sgn_${'a'.repeat(26)}` },
  'signIns.endAllOf': { userId: `usr_${'a'.repeat(26)}` },
  'server.retryJob': { jobId: `job_${'a'.repeat(26)}` },
  'server.dismissJob': { jobId: `job_${'a'.repeat(26)}` },
};

test('refuses callers without a sign-in in every procedure that needs one', async () => {
  for (const { path } of allProcedures().filter(({ path }) => path !== 'live.stream'))
    expect(await call(hub.callerOf(null), path, undefined), path).toBe('unauthenticated');
});

test('a list of requests contains only requests the caller can open', async () => {
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

test('only the deliverer and people with access find the Workspace entry and the upload', async () => {
  for (const { person, name } of kinds) {
    if (name === 'nobody') continue;
    const caller = hub.callerOf(person());
    expect(await call(caller, 'workspace.get', { entryId: world.entryId })).toBe('not_found');
    expect(await call(caller, 'uploads.discard', { uploadId: world.uploadId })).toBe('not_found');
  }
});

test('inviters are owners of the hub and coordinators', async () => {
  const forInviters = allProcedures().filter(
    ({ rule }) => rule.noun === 'hub' && rule.permission === 'inviter',
  );
  expect(forInviters.length).toBeGreaterThan(0);
  for (const { name, relation, person } of kinds) {
    const invites =
      relation.isOwner || relation.role === 'coordinator' || name === 'a member of another project';
    for (const { path } of forInviters) {
      const outcome = await call(hub.callerOf(person()), path, inviterInputs[path]?.());
      if (name === 'nobody') expect(outcome, path).toBe('unauthenticated');
      else expect(outcome, `${path} as ${name}`).toBe(invites ? 'done' : 'forbidden');
    }
  }
});

const inviterInputs: Record<string, () => Input> = {
  'companies.create': () => ({ name: `Company ${spare++}` }),
};

test('attacks every procedure that names a thing', () => {
  const attacked = new Set(attacks().map(({ path }) => path));
  const forgotten = allProcedures()
    .filter(({ path, rule, input }) => namesThing(rule, input) && !attacked.has(path))
    .map(({ path }) => path)
    .filter((path) => !(path in attackedElsewhere));
  expect(forgotten).toEqual([]);
  expect(Object.keys(attackedElsewhere).filter((path) => attacked.has(path))).toEqual([]);
});

/** Procedures for owners and inviters act on the hub as a whole: two tests above call them. */
function namesThing(rule: Rule, input: string): boolean {
  if (rule.noun === 'hub') return false;
  return rule.noun !== 'caller' || /\w+Ids?\??:/.test(input);
}

/** Procedures that name a thing and have attack tests of their own. */
const attackedElsewhere: Record<string, string> = {
  'live.stream': 'live.test.ts: a subscription refuses when it is read, not when it is called',
};

type Input = Record<string, unknown>;
type Attack = {
  path: string;
  title: string;
  expected: (relation: Relation) => Verdict;
  input: (world: World, person: Person | null) => Promise<Input>;
};

/** An attack on each procedure for each way in which its rule names a thing. */
function attacks(): Attack[] {
  return allProcedures().flatMap(({ path, rule }) => {
    const ways = attacksOnPath[path] ?? attacksOnNoun[rule.noun](rule.permission as Permission);
    return ways.map(({ as, names, expected }) => ({
      path,
      title: as ? `${path}: ${as}` : path,
      expected,
      input: async (world: World, person: Person | null) => ({
        ...names(world),
        ...(await inputs[path]?.(person)),
      }),
    }));
  });
}

type Way = { as?: string; names: (world: World) => Input; expected: (relation: Relation) => Verdict };

const inRequest = ({ deliveredIt: _, ...relation }: Relation): Relation => ({ ...relation, isOwner: false });
const ofOthers = (relation: Relation): Relation => ({ ...relation, isOwner: false, deliveredIt: false });
const hidden = (): Verdict => 'hidden';

/** For each noun: the example thing, and the expected decision. A noun without a line is a compiler error. */
const attacksOnNoun: Record<Rule['noun'], (permission: Permission) => Way[]> = {
  caller: () => [],
  hub: () => [],
  project: (permission) => [
    {
      names: ({ projectId }) => ({ projectId }),
      // A project that the person sees is not hidden, whatever permission is missing.
      expected: (relation) => {
        const verdict = decide(permission, relation);
        const seesProject = decide('project:view', relation) === 'granted';
        return verdict === 'hidden' && seesProject ? 'forbidden' : verdict;
      },
    },
  ],
  'request type': (permission) => [
    { names: ({ typeId }) => ({ typeId }), expected: (relation) => decide(permission, relation) },
  ],
  request: (permission) => [
    {
      names: ({ requestId }) => ({ requestId }),
      expected: (relation) => decide(permission, inRequest(relation)),
    },
  ],
  'delivered file': (permission) => [
    { names: ({ fileId }) => ({ fileId }), expected: (relation) => decide(permission, ofOthers(relation)) },
  ],
  finding: (permission) => [
    {
      names: ({ pinId }) => ({ pinId }),
      // People with the permission who see only their own files do not see findings on files of others.
      expected: (relation) => {
        const verdict = decide(permission, inRequest(relation));
        const seesFile = decide('file:view', ofOthers(relation)) === 'granted';
        return verdict === 'granted' && !seesFile ? 'hidden' : verdict;
      },
    },
  ],
  comment: (permission) => [
    {
      names: ({ commentId }) => ({ commentId }),
      // No caller is its author.
      expected: (relation) => {
        const verdict = decide(permission, inRequest(relation));
        return verdict === 'granted' ? 'forbidden' : verdict;
      },
    },
  ],
  entry: () => [{ names: ({ entryId }) => ({ entryId }), expected: hidden }],
  'trashed entry': () => [{ names: ({ trashedId }) => ({ entryId: trashedId }), expected: hidden }],
  share: () => [{ names: ({ shareId }) => ({ shareId }), expected: hidden }],
  'revoked share': () => [{ names: ({ revokedShareId }) => ({ shareId: revokedShareId }), expected: hidden }],
  'saved view': () => [{ names: ({ viewId }) => ({ viewId }), expected: hidden }],
  upload: () => [{ names: ({ uploadId }) => ({ uploadId }), expected: hidden }],
  'upload target': (permission) => [
    {
      as: 'to a request',
      names: ({ projectId, requestId }) => ({ projectId, requestId }),
      expected: (relation) => decide(permission, inRequest(relation)),
    },
    {
      as: 'to a Workspace',
      names: ({ projectId }) => ({ projectId }),
      expected: (relation) => decide('workspace:use', relation),
    },
    {
      as: 'to a folder of somebody else',
      names: ({ projectId, entryId }) => ({ projectId, folderId: entryId }),
      expected: (relation) => {
        const verdict = decide('workspace:use', relation);
        return verdict === 'granted' ? 'hidden' : verdict;
      },
    },
  ],
};

/** Every member whose role can see a request may call the list; other tests check its content. */
const toListRequests: Way = {
  names: ({ projectId }) => ({ projectId }),
  expected: (relation) => {
    if (decide('project:view', relation) !== 'granted') return 'hidden';
    const verdict = decide('request:view', { ...inRequest(relation), assigned: true });
    return verdict === 'granted' ? verdict : 'forbidden';
  },
};

/** The request first, then each of its files. */
const toSeeFiles: Way = {
  names: ({ requestId, fileId }) => ({ requestId, fileIds: [fileId] }),
  expected: (relation) => {
    const verdict = decide('request:view', inRequest(relation));
    return verdict === 'granted' ? decide('file:view', ofOthers(relation)) : verdict;
  },
};

/** Procedures with further checks that their rule does not state. */
const attacksOnPath: Record<string, Way[]> = {
  'requests.list': [toListRequests],
  'work.list': [toListRequests],
  'savedViews.list': [toListRequests],
  'savedViews.create': [toListRequests],
  'requestFiles.previews': [toSeeFiles],
  'requestFiles.makePreviews': [toSeeFiles],
  'identities.remove': [{ names: ({ identityId }) => ({ identityId }), expected: hidden }],
  'passkeys.remove': [{ names: ({ passkeyId }) => ({ passkeyId }), expected: hidden }],
  'signIns.end': [{ names: ({ signInId }) => ({ signInId }), expected: hidden }],
  'tokens.revoke': [{ names: ({ tokenId }) => ({ tokenId }), expected: hidden }],
  'notifications.markRead': [
    {
      // Marks only the caller's own notifications: unknown ids change nothing.
      names: () => ({ notificationIds: [hub.ctx.newId('notification')] }),
      expected: () => 'granted',
    },
  ],
  'rounds.get': [
    {
      names: ({ submittedId }) => ({ requestId: submittedId }),
      expected: (relation) => decide('request:view', inRequest(relation)),
    },
  ],
  'rounds.receipt': [
    {
      names: ({ submittedId }) => ({ requestId: submittedId }),
      expected: (relation) => decide('request:receipt', inRequest(relation)),
    },
  ],
  'rounds.computeChecksums': [
    {
      names: ({ submittedId }) => ({ requestId: submittedId }),
      expected: (relation) => decide('request:receipt', inRequest(relation)),
    },
  ],
  'rounds.qcReport': [
    {
      names: ({ submittedId }) => ({ requestId: submittedId }),
      expected: (relation) => decide('request:receipt', inRequest(relation)),
    },
  ],
  'uploads.list': [
    {
      as: 'of a project',
      names: ({ projectId }) => ({ projectId }),
      expected: (relation) => decide('project:view', relation),
    },
    {
      as: 'of a request',
      names: ({ requestId }) => ({ requestId }),
      expected: (relation) => decide('request:view', inRequest(relation)),
    },
  ],
};

/**
 * Inputs that pass the schema but are refused by the service, or that act on a person created for this call, so that the test
 * data stays the same.
 */
const inputs: Record<string, (person: Person | null) => Input | Promise<Input>> = {
  'members.add': () => ({ userId: hub.createPerson().id, role: 'partner' }),
  'members.setRole': () => ({ userId: spareMember().id, role: 'partner' }),
  'projects.limitSpace': () => ({ maxBytes: null }),
  'projects.limitWorkspaces': () => ({ maxBytes: null }),
  'members.limitWorkspace': () => ({ userId: spareMember().id, maxBytes: 1e9 }),
  'members.remove': () => ({ userId: spareMember().id }),
  'invitations.create': () => ({ email: `new${spare++}@example.com`, role: 'partner', companyId: null }),
  'invitations.revoke': async () => ({ invitationId: (await spareInvitation()).id }),
  'invitations.showLink': async () => ({ invitationId: (await spareInvitation()).id }),
  'workspace.previews': async (person) => ({ entryIds: [await ownFolder(person)] }),
  'workspace.makePreviews': async (person) => ({ entryIds: [await ownFolder(person)] }),
  'workspace.frameFiles': () => ({ from: 1 }),
  'workspace.createFolder': () => ({ name: '..' }),
  'workspace.createFolders': () => ({ folderId: null, paths: ['..'] }),
  'workspace.find': () => ({ text: 'a' }),
  'workspace.search': () => ({ text: 'a' }),
  'workspace.previewMove': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.move': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.undoMove': async (person) => ({ moves: [await ownMove(person)] }),
  'workspace.previewRemoval': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'workspace.archive': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
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
  'requests.acceptMany': () => ({ requestIds: [world.requestId] }),
  'requests.reopenMany': () => ({ requestIds: [world.requestId] }),
  'requests.cancelMany': () => ({ requestIds: [world.requestId] }),
  'requests.restoreMany': () => ({ requestIds: [world.requestId] }),
  'requests.setDueDates': () => ({ dates: [{ requestId: world.requestId, dueAt: 1 }] }),
  'requests.duplicate': () => ({ name: 'Once more' }),
  'requests.setType': () => ({ typeId: null }),
  'requests.preFlight': () => ({ files: [{ path: 'mix.wav', sizeBytes: 1 }] }),
  'requests.overrideRule': () => ({ rule: 'extension', reason: 'They have no other' }),
  'requestTypes.create': () => ({ name: `Type ${spare++}`, rules: {} }),
  'requestTypes.update': () => ({ version: 99 }),
  'requestTypes.version': () => ({ version: 1 }),
  'requestTypes.readSpecification': () => ({ text: 'no specification' }),
  'rounds.compare': () => ({ from: 1, to: 1 }),
  'rounds.get': () => ({ number: 1 }),
  'rounds.receipt': () => ({ number: 1 }),
  'rounds.qcReport': () => ({ number: 1 }),
  'rounds.computeChecksums': () => ({ number: 1, algorithms: ['md5'] }),
  'comments.create': () => ({ text: 'Seen' }),
  'requests.assign': () => ({ assignees: world.assignees }),
  'requests.askForRedelivery': () => ({ reasons: [] }),
  'requests.promise': () => ({ promisedAt: null }),
  'requestFiles.frameFiles': () => ({ from: 1 }),
  'requestFiles.matchRequests': async (person) => ({ selection: { entryIds: [await ownFolder(person)] } }),
  'requestFiles.checkFromWorkspace': async (person) => ({ entryIds: [await ownFolder(person)] }),
  'requestFiles.compare': () => ({ files: [{ path: 'a.wav', sizeBytes: 1 }] }),
  'requestFiles.takeOver': () => ({ files: [{ fileId: world.fileId, path: '..' }] }),
  'requestFiles.undoAdd': () => ({ eventId: 1 }),
  'requestFiles.addFromWorkspace': async (person) => ({ entryIds: [await ownFolder(person)] }),
  'uploads.begin': () => ({ filename: 'mix.wav', sizeBytes: Number.MAX_SAFE_INTEGER }),
  'uploads.checkNames': () => ({ paths: ['mix.wav'] }),
  'comments.update': () => ({ text: 'Changed' }),
  'pins.answer': () => ({ answer: 'fixed' }),
  'pins.check': () => ({ checked: true }),
  'identities.remove': () => ({ password: '' }),
  'passkeys.remove': () => ({ password: '', code: '' }),
  'savedViews.create': () => ({ name: 'Late', query: {} }),
  'requestFiles.rename': () => ({ name: '..' }),
  'requestFiles.retryStage': () => ({ stage: 'inspect' }),
  'requestFiles.skipStage': () => ({ stage: 'inspect', reason: 'Known' }),
  'requestFiles.cancelStage': () => ({ stage: 'inspect' }),
  'requestFiles.treatableStages': () => ({ selection: { fileIds: [world.fileId] } }),
  'requestFiles.retryStages': () => ({ selection: { fileIds: [world.fileId] } }),
  'requestFiles.skipStages': () => ({
    selection: { fileIds: [world.fileId] },
    stage: 'inspect',
    reason: 'Known',
  }),
  'requestFiles.undoRemove': () => ({ undo: 1 }),
  'requestFiles.archive': () => ({ selection: { allExcept: [] } }),
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

/** An empty folder in the caller's own Workspace, if they have a Workspace. */
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
  // Earlier callers already have an extension.
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
