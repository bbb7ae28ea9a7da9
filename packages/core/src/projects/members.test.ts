import { afterEach, beforeEach, expect, test } from 'vitest';
import { roleIn, type Project } from '../access.ts';
import type { Person } from '../context.ts';
import { eventsAfter } from '../events.ts';
import { addMember, listMembers, removeMember, setRole } from './members.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
let project: Project;
let owner: Person;
let coordinator: Person;
let ana: Person;
beforeEach(async () => {
  hub = await testHub();
  project = hub.createProject();
  owner = hub.createPerson({ name: 'Olga', isOwner: true });
  coordinator = hub.createPerson({ name: 'Cora', project, role: 'coordinator' });
  ana = hub.createPerson({ name: 'Ana', companyId: hub.createCompany('North Light').id });
});
afterEach(() => hub.close());

const member = (person: Person) => ({ projectId: project.id, userId: person.id });
const refusal = (code: string) => expect.objectContaining({ code });

test('members are added, get another role and are removed; each change is recorded and signalled to that person', () => {
  const ctx = hub.as(coordinator);
  addMember(ctx, { ...member(ana), role: 'uploader' });
  expect(listMembers(ctx, project.id)).toMatchObject([
    { user: { id: ana.id, name: 'Ana', company: 'North Light', email: ana.email }, role: 'uploader' },
    { user: { name: 'Cora', company: null }, companyId: null, role: 'coordinator' },
  ]);
  setRole(ctx, { ...member(ana), role: 'partner' });
  expect(roleIn(hub.db, ana, project.id)).toBe('partner');
  setRole(ctx, { ...member(ana), role: 'partner' });
  removeMember(ctx, member(ana));
  expect(roleIn(hub.db, ana, project.id)).toBeNull();

  expect(eventsAfter(hub.db, coordinator, project.id, 0, 10)).toMatchObject([
    {
      kind: 'member.added',
      actor: { name: 'Cora' },
      data: { userId: ana.id, name: 'Ana', role: 'uploader' },
    },
    { kind: 'member.roleChanged', data: { role: 'partner' } },
    { kind: 'member.removed', data: { role: 'partner' } },
  ]);
  expect(eventsAfter(hub.db, ana, project.id, 0, 10).map(({ kind }) => kind)).toEqual([
    'account.changed',
    'account.changed',
    'account.changed',
  ]);
});

test('nobody is added twice, and only members can be changed', () => {
  const ctx = hub.as(coordinator);
  expect(() => addMember(ctx, { ...member(coordinator), role: 'partner' })).toThrow(refusal('conflict'));
  expect(() => setRole(ctx, { ...member(ana), role: 'partner' })).toThrow(refusal('not_found'));
  expect(() => removeMember(ctx, member(ana))).toThrow(refusal('not_found'));
  const nobody = { projectId: project.id, userId: hub.ctx.newId('user'), role: 'partner' } as const;
  expect(() => addMember(ctx, nobody)).toThrow(refusal('not_found'));
});

test('the last coordinator cannot be removed, except by an owner', () => {
  const ctx = hub.as(coordinator);
  expect(() => removeMember(ctx, member(coordinator))).toThrow(refusal('last_coordinator'));
  expect(() => setRole(ctx, { ...member(coordinator), role: 'partner' })).toThrow(
    refusal('last_coordinator'),
  );
  addMember(ctx, { ...member(ana), role: 'coordinator' });
  setRole(ctx, { ...member(coordinator), role: 'partner' });
  removeMember(hub.as(owner), member(ana));
  expect(listMembers(hub.as(owner), project.id).map(({ role }) => role)).toEqual(['partner']);
});

test('a role that somebody else has changed meanwhile is not overwritten', () => {
  const ctx = hub.as(coordinator);
  addMember(ctx, { ...member(ana), role: 'partner' });
  const { revision } = listMembers(ctx, project.id).find(({ user }) => user.id === ana.id)!;
  setRole(hub.as(owner), { ...member(ana), role: 'reviewer', revision });
  expect(() => setRole(ctx, { ...member(ana), role: 'uploader', revision })).toThrow(
    expect.objectContaining({ code: 'changed_meanwhile', details: expect.objectContaining({ name: 'Ana' }) }),
  );
  setRole(ctx, { ...member(ana), role: 'uploader', revision: revision + 1 });
  expect(roleIn(hub.db, ana, project.id)).toBe('uploader');
});
