/** Identity in the API: which companies each role sees, and what programs need to manage accounts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOwner } from '@turnover/core/people/accounts';
import type { Person } from '@turnover/core/context';
import { roles, type Role } from '@turnover/domain/people/projects';
import { call, testApi, type ApiHub } from './testing.ts';

const password = 'a long enough password';

let hub: ApiHub;
let project: { id: string };
let people: Record<Role | 'owner' | 'stranger' | 'elsewhere', Person>;
beforeEach(async () => {
  hub = await testApi();
  project = hub.createProject('North');
  const elsewhere = hub.createProject('South');
  const [blue, dark] = [hub.createCompany('Blue Door'), hub.createCompany('South Dark')];
  hub.createPerson({ project, companyId: blue.id });
  hub.createPerson({ project: elsewhere, companyId: dark.id });
  people = {
    ...(Object.fromEntries(
      roles.map((role) => [role, hub.createPerson({ name: role, project, role })]),
    ) as Record<Role, Person>),
    owner: hub.createPerson({ name: 'owner', isOwner: true }),
    stranger: hub.createPerson({ name: 'stranger' }),
    elsewhere: hub.createPerson({ name: 'elsewhere', project: elsewhere, role: 'coordinator' }),
  };
});
afterEach(() => hub.close());

describe('companies', () => {
  test.each<[keyof typeof people, string[] | 'forbidden']>([
    ['coordinator', ['Blue Door']],
    ['partner', 'forbidden'],
    ['uploader', 'forbidden'],
    ['reviewer', 'forbidden'],
    ['workspace', 'forbidden'],
    ['stranger', 'forbidden'],
    ['elsewhere', ['South Dark']],
    ['owner', ['Blue Door', 'South Dark']],
  ])('%s sees %j', async (who, seen) => {
    const caller = hub.callerOf(people[who]);
    if (seen === 'forbidden')
      return expect(await call(caller, 'companies.list', undefined)).toBe('forbidden');
    expect((await caller.companies.list()).map(({ name }) => name)).toEqual(seen);
  });

  test('no list, picker or suggestion contains a company of another project', async () => {
    for (const role of roles) {
      const caller = hub.callerOf(people[role]);
      const { id: projectId } = project;
      const answers = [
        () => caller.members.list({ projectId }),
        () => caller.companies.list(),
        () => caller.shares.suggestRecipients({ projectId, text: 'a' }),
        () => caller.shares.suggestRecipients({ projectId, text: '' }),
        () => caller.invitations.list({ projectId }),
        () => caller.requests.list({ projectId }),
        () => caller.activity.list({ projectId }),
        () => caller.users.list(),
      ];
      for (const answer of answers) {
        const answered = await answer().then(JSON.stringify, () => '');
        expect(answered, role).not.toContain('South Dark');
      }
    }
  });

  test('only an owner merges two companies', async () => {
    const { id } = await hub.callerOf(people.coordinator).companies.create({ name: 'South Dark' });
    const [, other] = await hub.callerOf(people.owner).companies.list();
    const input = { companyId: id, intoCompanyId: other!.id === id ? people.owner.id : other!.id };
    for (const role of roles)
      expect(await call(hub.callerOf(people[role]), 'companies.merge', input)).toBe('forbidden');
  });
});

describe('invitations', () => {
  const input = () => ({ projectId: project.id, email: 'ana@x.example', role: 'partner', companyId: null });

  test.each(roles)('%s may or may not create invitations and see their links', async (role) => {
    const made = await hub.callerOf(people.coordinator).invitations.create({ ...input(), role: 'partner' });
    const link = { projectId: project.id, invitationId: made.id };
    const expected = role === 'coordinator' ? 'done' : 'forbidden';
    expect(await call(hub.callerOf(people[role]), 'invitations.create', input())).toBe(expected);
    expect(await call(hub.callerOf(people[role]), 'invitations.showLink', link)).toBe(expected);
    expect(await call(hub.callerOf(people.elsewhere), 'invitations.showLink', link)).toBe('not_found');
  });

  test('showing a new link disables the previous one', async () => {
    const caller = hub.callerOf(people.coordinator);
    const { id, path } = await caller.invitations.create({ ...input(), role: 'partner' });
    const shown = await caller.invitations.showLink({ projectId: project.id, invitationId: id });
    expect(shown.path).toMatch(/^\/invitation\/[\w-]{43}$/);
    expect(shown.path).not.toBe(path);
    await caller.invitations.revoke({ projectId: project.id, invitationId: id });
    const again = { projectId: project.id, invitationId: id };
    expect(await call(caller, 'invitations.showLink', again)).toBe('link_expired');
  });
});

describe('the caller’s own account', () => {
  test('creating a token needs the password, with a session or a token', async () => {
    const person = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
    const caller = hub.callerOf(person);
    const withoutPassword = call(caller, 'tokens.create', { name: 'script' });
    await expect(withoutPassword).rejects.toThrow('Send the password of your account with it.');
    expect(await call(caller, 'tokens.create', { name: 'script', password: '' })).toBe('sign_in_refused');
    const twoLines = call(caller, 'tokens.create', { name: 'two\nlines', password });
    await expect(twoLines).rejects.toThrow('remove the line breaks');
    expect(await caller.tokens.create({ name: 'script', password })).toHaveProperty('token');
    const ended = await caller.account.changePassword({ current: password, next: 'another long password' });
    expect(ended).toEqual({ sessions: 0, tokens: 1 });
    expect(await caller.tokens.list()).toEqual([]);
  });

  test('states whether its address is proved, and nobody can confirm another person’s address', async () => {
    const caller = hub.callerOf(people.partner);
    expect(await caller.account.get()).toMatchObject({ emailProved: false, mayProveEmail: true });
    expect(await call(caller, 'account.sendEmailCode', undefined)).toBe('done');
    expect(await call(caller, 'account.confirmEmail', { code: 'AAAA-AAAA' })).toBe('code_refused');
    expect(await call(hub.callerOf(null), 'account.confirmEmail', { code: 'AAAA-AAAA' })).toBe(
      'unauthenticated',
    );
    expect(
      (await hub.callerOf(people.owner).users.list()).map(({ emailProved }) => emailProved),
    ).not.toContain(true);
  });

  test('refuses a name with a line break and names the field', async () => {
    const refused = hub.callerOf(people.partner).account.update({ name: 'Ana\nRuiz' });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect((await hub.callerOf(people.partner).account.get()).name).toBe('partner');
  });
});
