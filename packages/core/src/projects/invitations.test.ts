import { afterEach, beforeEach, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { users } from '@turnover/db/schema/accounts';
import { invitationLifetimeMs } from '@turnover/domain/people/invitations';
import { roleIn, type Project } from '../access.ts';
import { signIn } from '../people/sign-in.ts';
import { createCompany } from '../people/companies.ts';
import type { Person } from '../context.ts';
import { eventsAfter } from '../events.ts';
import {
  acceptInvitation,
  createInvitation,
  describeInvitation,
  listInvitations,
  revokeInvitation,
} from './invitations.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
let project: Project;
let coordinator: Person;
let company: { id: string; name: string };
beforeEach(async () => {
  hub = await testHub();
  project = hub.createProject('Northern Sea');
  coordinator = hub.createPerson({ name: 'Cora', project, role: 'coordinator' });
  company = createCompany(hub.as(coordinator), { name: 'North Light' });
});
afterEach(() => hub.close());

const account = { name: 'Ana', email: 'ana@example.test', password: 'a long enough password' };

function invite(email = 'ana@example.test') {
  const input = { projectId: project.id, role: 'partner', email, companyId: company.id } as const;
  const invitation = createInvitation(hub.as(coordinator), input);
  return { ...invitation, secret: invitation.path.split('/').at(-1)! };
}

const refusal = (code: string) => expect.objectContaining({ code });

test('a new person opens the link, makes an account, and becomes a member who can sign in', async () => {
  const { secret, path } = invite();
  expect(path).toBe(`/invitation/${secret}`);
  expect(describeInvitation(hub.ctx, secret)).toEqual({
    project: { id: project.id, name: 'Northern Sea' },
    role: 'partner',
    email: 'ana@example.test',
    company: 'North Light',
    invitedBy: 'Cora',
    hasAccount: false,
  });
  const { person, projectId } = await acceptInvitation(hub.ctx, secret, account);
  expect(projectId).toBe(project.id);
  expect(person).toMatchObject({ name: 'Ana', companyId: company.id, isOwner: false });
  expect(roleIn(hub.db, person, project.id)).toBe('partner');
  const from = { address: '10.0.0.1', userAgent: '' };
  expect(await signIn(hub.ctx, account, from)).toHaveProperty('token');
  expect(eventsAfter(hub.db, coordinator, project.id, 0, 10)).toMatchObject([
    { kind: 'member.added', actor: { name: 'Ana' }, data: { name: 'Ana', role: 'partner' } },
  ]);
});

test('a person with an account becomes a member by signing in, and gets a company if they have none', async () => {
  const ana = hub.createPerson({ name: 'Ana' });
  const { secret } = invite();
  expect(describeInvitation(hub.ctx, secret).hasAccount).toBe(true);
  await expect(acceptInvitation(hub.ctx, secret, account)).rejects.toMatchObject({ code: 'email_taken' });
  const { person } = await acceptInvitation(hub.ctx, secret, ana);
  expect(person).toEqual({ ...ana, companyId: company.id });
  expect(roleIn(hub.db, ana, project.id)).toBe('partner');

  const other = hub.createPerson({ name: 'Otto', companyId: hub.createCompany('South Dark').id });
  expect((await acceptInvitation(hub.ctx, invite().secret, other)).person).toEqual(other);
});

test('a disabled person does not join', async () => {
  const ana = hub.createPerson({ name: 'Ana' });
  const { secret } = invite();
  hub.db.update(users).set({ disabledAt: hub.ctx.clock() }).where(eq(users.id, ana.id)).run();
  await expect(acceptInvitation(hub.ctx, secret, ana)).rejects.toMatchObject({ code: 'not_found' });
  expect(roleIn(hub.db, ana, project.id)).toBeNull();
});

test('an invitation to a lower role does not change the role of a member', async () => {
  await acceptInvitation(hub.ctx, invite().secret, coordinator);
  expect(roleIn(hub.db, coordinator, project.id)).toBe('coordinator');
});

test('a link works once, even when two people open it at the same moment', async () => {
  const { secret } = invite();
  const accepted = await Promise.allSettled([
    acceptInvitation(hub.ctx, secret, account),
    acceptInvitation(hub.ctx, secret, coordinator),
  ]);
  expect(accepted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(() => describeInvitation(hub.ctx, secret)).toThrow(refusal('link_expired'));
  expect(listInvitations(hub.as(coordinator), project.id)).toEqual([]);
});

test('an expired, a revoked and an invented link do not work', async () => {
  const revoked = invite();
  revokeInvitation(hub.as(coordinator), { projectId: project.id, invitationId: revoked.id });
  expect(() => describeInvitation(hub.ctx, revoked.secret)).toThrow(refusal('link_expired'));
  const old = invite();
  hub.clock.advance(invitationLifetimeMs);
  await expect(acceptInvitation(hub.ctx, old.secret, account)).rejects.toMatchObject({
    code: 'link_expired',
  });
  await expect(acceptInvitation(hub.ctx, 'invented', account)).rejects.toMatchObject({ code: 'not_found' });
});

test('lists open invitations without their secret, and allows revoking them only within their project', () => {
  const { id, path: _, secret, ...view } = invite();
  expect(listInvitations(hub.as(coordinator), project.id)).toEqual([{ id, ...view }]);
  expect(JSON.stringify(hub.db.$client.prepare('SELECT * FROM invitations').all())).not.toContain(secret);
  const elsewhere = { projectId: hub.createProject().id, invitationId: id };
  expect(() => revokeInvitation(hub.as(coordinator), elsewhere)).toThrow(refusal('not_found'));
});
