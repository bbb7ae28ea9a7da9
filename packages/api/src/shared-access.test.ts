/**
 * What people can do with an entry that is shared with them, by the rights of the share. For everybody else, and after the
 * share has ended, the entry is `not_found`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { call, testApi, type ApiHub, type Caller } from './testing.ts';

type World = { projectId: string; folderId: string; innerId: string; requestId: string };

const terms = {
  'with a share': {},
  'with Can share': { canShare: true },
  'with Can update': { canUpdate: true },
  'with both': { canShare: true, canUpdate: true },
  'whose share is over': { canShare: true, canUpdate: true, expiresOn: '2026-01-14' },
  'whose share was revoked': { canShare: true, canUpdate: true },
  'with no share': null,
} as const;
type Kind = keyof typeof terms;
const kinds = Object.keys(terms) as Kind[];

let hub: ApiHub;
let world: World;
const people = new Map<Kind, Person>();
const shareIds = new Map<Kind, string>();

beforeAll(async () => {
  hub = await testApi();
  const project = hub.createProject('Northern Light');
  const projectId = project.id;
  const owner = hub.callerOf(hub.createPerson({ project }));
  const lead = hub.callerOf(hub.createPerson({ project, role: 'coordinator' }));
  const { id: folderId } = await owner.workspace.createFolder({ projectId, name: 'Shared' });
  const { id: innerId } = await owner.workspace.createFolder({
    projectId,
    parentId: folderId,
    name: 'Inner',
  });
  for (const kind of kinds) await give(kind, hub.createPerson({ project }), owner, { projectId, folderId });
  const assignees = [...people.values()].map(({ id }) => ({ userId: id }));
  const { id: requestId } = await lead.requests.create({ projectId, name: 'Mix', assignees });
  world = { projectId, folderId, innerId, requestId };
  hub.clock.advance(3 * 24 * 3600_000);
});
afterAll(() => hub.close());

async function give(
  kind: Kind,
  person: Person,
  owner: Caller,
  { projectId, folderId }: Pick<World, 'projectId' | 'folderId'>,
): Promise<void> {
  people.set(kind, person);
  const given = terms[kind];
  if (!given) return;
  await owner.shares.create({ projectId, entryIds: [folderId], people: [person.email], ...given });
  const { shares } = await owner.shares.list({ entryId: folderId });
  const { id: shareId } = shares.find(({ grantee }) => grantee.id === person.id)!;
  shareIds.set(kind, shareId);
  if (kind === 'whose share was revoked') await owner.shares.revoke({ shareId });
}

/** `needs`: the permission of the share; `any` means any share in force, `nobody` means only the entry's owner. */
const attempts: Record<string, { needs: 'any' | 'share' | 'update' | 'nobody'; input: () => object }> = {
  'workspace.list': { needs: 'any', input: () => inProject({ folderId: world.folderId }) },
  'workspace.find': { needs: 'any', input: () => inProject({ folderId: world.folderId, text: 'i' }) },
  'workspace.get': { needs: 'any', input: () => ({ entryId: world.innerId }) },
  'workspace.frameFiles': { needs: 'any', input: () => ({ entryId: world.innerId, from: 1 }) },
  'workspace.previews': { needs: 'any', input: () => inProject({ entryIds: [world.innerId] }) },
  'workspace.makePreviews': { needs: 'any', input: () => inProject({ entryIds: [world.innerId] }) },
  'shares.list': { needs: 'any', input: () => ({ entryId: world.innerId }) },
  'shares.recordOpened': { needs: 'any', input: () => ({ entryId: world.innerId }) },
  'shares.explain': { needs: 'any', input: () => ({ entryId: world.innerId }) },
  'workspace.rename': { needs: 'update', input: () => ({ entryId: world.innerId, name: 'Inner' }) },
  'workspace.createFolder': {
    needs: 'update',
    input: () => inProject({ parentId: world.innerId, name: `New ${count++}` }),
  },
  'workspace.createFolders': {
    needs: 'update',
    input: () => inProject({ folderId: world.innerId, paths: [`New ${count++}/Old`] }),
  },
  'uploads.checkNames': {
    needs: 'update',
    input: () => inProject({ folderId: world.innerId, paths: ['a.mov'] }),
  },
  'workspace.previewMove': { needs: 'update', input: () => moveOfInner() },
  'workspace.move': { needs: 'update', input: () => moveOfInner() },
  'uploads.begin': {
    needs: 'update',
    input: () => inProject({ folderId: world.innerId, filename: `${count++}.wav`, sizeBytes: 1 }),
  },
  'requestFiles.matchRequests': {
    needs: 'update',
    input: () => inProject({ selection: { entryIds: [world.innerId] } }),
  },
  'requestFiles.checkFromWorkspace': {
    needs: 'update',
    input: () => ({ requestId: world.requestId, entryIds: [world.innerId] }),
  },
  'requestFiles.addFromWorkspace': {
    needs: 'update',
    input: () => ({ requestId: world.requestId, entryIds: [world.innerId] }),
  },
  'shares.create': { needs: 'share', input: () => shareWithNewcomer() },
  'shares.update': { needs: 'nobody', input: () => ({ shareId: shareIds.get('with a share') }) },
  'shares.revoke': { needs: 'nobody', input: () => ({ shareId: shareIds.get('with both') }) },
  'workspace.restore': { needs: 'nobody', input: () => ({ entryId: world.innerId }) },
};
let count = 0;

const inProject = (more: object) => ({ projectId: world.projectId, ...more });
const moveOfInner = () => inProject({ selection: { entryIds: [world.innerId] }, folderId: world.folderId });

function shareWithNewcomer() {
  const { email } = hub.createPerson({ project: { id: world.projectId } });
  return inProject({ entryIds: [world.innerId], people: [email] });
}

describe.each(kinds)('a person %s', (kind) => {
  test.each(Object.keys(attempts))('%s', async (path) => {
    const { needs, input } = attempts[path]!;
    const outcome = await call(hub.callerOf(people.get(kind)!), path, input());
    const given = terms[kind];
    const isInForce = given !== null && !kind.startsWith('whose');
    const has = { canShare: false, canUpdate: false, ...given };
    const granted = { any: true, share: has.canShare, update: has.canUpdate, nobody: false }[needs];
    if (!isInForce) expect(outcome).toBe('not_found');
    else if (granted) expect(['forbidden', 'not_found']).not.toContain(outcome);
    else if (needs === 'nobody') expect(['forbidden', 'not_found']).toContain(outcome);
    else expect(outcome).toBe('forbidden');
  });

  test('sees in its path only shared folders, and nothing of other people’s entries', async () => {
    if (!terms[kind] || kind.startsWith('whose')) return;
    const caller = hub.callerOf(people.get(kind)!);
    const { path, access } = await caller.workspace.list({
      projectId: world.projectId,
      folderId: world.innerId,
    });
    expect(path.map(({ id }) => id)).toEqual([world.folderId, world.innerId]);
    expect(access).toMatchObject({ isOwner: false, rootId: world.folderId });
    expect((await caller.workspace.get({ entryId: world.folderId })).parentId).toBeNull();
    const { shares, inherited } = await caller.shares.list({ entryId: world.innerId });
    for (const { grantee, sharer } of [...shares, ...inherited]) {
      expect([grantee.id, sharer.id]).toContain(people.get(kind)!.id);
    }
  });
});
