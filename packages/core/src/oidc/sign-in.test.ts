import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { companies, halfSignIns, identities, oidcFlows, signIns, users } from '@turnover/db/schema/accounts';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { memberships } from '@turnover/db/schema/projects';
import { notifications } from '@turnover/db/schema/notifications';
import type { GroupRole, OidcSettings } from '@turnover/domain/people/oidc';
import type { Role } from '@turnover/domain/people/projects';
import { allEntries } from '../audit/verify.ts';
import type { Person, PersonContext } from '../context.ts';
import { changePassword, createOwner, updateUser } from '../people/accounts.ts';
import { createCompany, mergeCompanies } from '../people/companies.ts';
import { requireFactor } from '../people/factor-policy.ts';
import { setUpSecondFactor } from '../people/second-factor.ts';
import { createResetLink, mailResetLink, resetPassword } from '../people/links.ts';
import { addPasskey, beginPasskey } from '../people/passkeys.ts';
import { allowPassword } from '../people/password-policy.ts';
import {
  authenticate,
  authenticateHeld,
  beginSession,
  finishSignIn,
  firstStepOptions,
  signIn,
  signInByPasskey,
} from '../people/sign-in.ts';
import { takeChallenge } from '../people/throttle.ts';
import { createTokenByPassword } from '../people/tokens.ts';
import { codeAt, readKey, stepOf } from '../people/totp.ts';
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  revokeInvitation,
} from '../projects/invitations.ts';
import { setRole } from '../projects/members.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { signInAtProvider, startOidcProvider, type TestProvider } from '../testing/oidc-provider.ts';
import { settingsFor } from '../testing/oidc-settings.ts';
import { testPasskey } from '../testing/passkey.ts';
import { invitationProof } from './flows.ts';
import { nothingGiven } from './groups.ts';
import { ownIdentities, proveForConnection, removeIdentity } from './identities.ts';
import { openOidcProvider } from './provider.ts';
import { beginConnection, beginOidc, finishOidc } from './sign-in.ts';
import { signOutEverywhere } from './sign-out.ts';

const origin = 'http://127.0.0.1:3999';
const browser = { secret: 'the secret of the browser', origin };
const from = { address: '10.0.0.1', userAgent: 'browser' };
const password = 'a long enough password';

let provider: TestProvider;
let hub: TestHub;
let owner: Person;
beforeAll(async () => {
  provider = await startOidcProvider(origin);
});
afterAll(() => provider.close());
beforeEach(async () => {
  hub = await testHub();
  hub.db
    .insert(hubTable)
    .values({ id: hub.ctx.newId('hub'), createdAt: 0 })
    .run();
  owner = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  provider.people.clear();
  provider.people.set('anna', { email: 'anna@example.test', email_verified: true, name: 'Anna Adler' });
});
afterEach(() => hub.close());

function use(more: Partial<OidcSettings> = {}) {
  const settings = settingsFor(provider.issuer, more);
  hub.ctx.oidc = { settings, provider: openOidcProvider(settings, hub.ctx.clock, hub.ctx.log) };
}

const answerOf = (url: URL, more: { person?: Person; invitation?: string } = {}) =>
  finishOidc(hub.ctx, {
    browser,
    search: url.search,
    invitation: more.invitation ?? null,
    locale: 'en',
    from,
    person: more.person ?? null,
  });

async function signInAs(login: string) {
  const { signedIn } = await answerOf(
    await signInAtProvider(await beginOidc(hub.ctx, browser, '10.0.0.1', null), login),
  );
  return signedIn!;
}

const asPerson = (person: Person): PersonContext => ({ ...hub.ctx, person });

async function connect(person: Person, login: string) {
  const { path } = await proveForConnection(asPerson(person), { password });
  const ticket = new URL(path, origin).searchParams.get('connect')!;
  const begun = await beginConnection(asPerson(person), browser, ticket);
  return answerOf(await signInAtProvider(begun, login), { person });
}

/** Connects the person with a provider that the hub had before. */
function insertFormer(person: { id: string }, given: Partial<typeof nothingGiven> = {}) {
  const former = { issuer: 'https://former.example', subject: 'anna', createdAt: 0 };
  hub.db
    .insert(identities)
    .values({
      ...former,
      id: hub.ctx.newId('identity'),
      userId: person.id,
      given: { ...nothingGiven, ...given },
    })
    .run();
}

const personOf = (email: string) => hub.db.select().from(users).where(eq(users.email, email)).get();
const refusedWith = (reason: string) => ({ code: 'oidc_refused', details: { reason } });
const rolesOf = (userId: string) =>
  hub.db
    .select()
    .from(memberships)
    .where(eq(memberships.userId, userId))
    .all()
    .map(({ projectId, role }) => ({ projectId, role }));
const acts = () => [...allEntries(hub.db)].map(({ action }) => action);

test('a hub without a provider begins and finishes nothing', async () => {
  const nothing = { code: 'not_found' };
  await expect(beginOidc(hub.ctx, browser, null, null)).rejects.toMatchObject(nothing);
  await expect(answerOf(new URL(`${origin}/sign-in/oidc/callback?state=x`))).rejects.toMatchObject(nothing);
  await expect(proveForConnection(asPerson(owner), { password })).rejects.toMatchObject(nothing);
  expect(ownIdentities(asPerson(owner))).toEqual({ provider: null, identities: [], mayConnect: false });
});

describe('who gets an account', () => {
  test('only people with an invitation, by default', async () => {
    use();
    await expect(signInAs('anna')).rejects.toMatchObject(refusedWith('notConnected'));
    expect(personOf('anna@example.test')).toBeUndefined();
    expect([...allEntries(hub.db)].at(-1)).toMatchObject({
      action: 'sessions.refuse',
      details: expect.stringContaining('notConnected'),
    });
  });

  test('everybody, when the settings say so; the next sign-in is of the same account', async () => {
    use({ newPeople: 'everybody' });
    const first = await signInAs('anna');
    const found = await authenticate(hub.ctx, { sessionToken: first.token });
    expect(found?.person).toMatchObject({ email: 'anna@example.test', name: 'Anna Adler', isOwner: false });
    const again = await authenticate(hub.ctx, { sessionToken: (await signInAs('anna')).token });
    expect(again?.person.id).toBe(found?.person.id);
    expect(personOf('anna@example.test')).toMatchObject({ passwordHash: null, emailProvedAt: hub.clock.now });
    expect(hub.db.select().from(signIns).all()).toMatchObject([
      { method: 'oidc', factor: null },
      { method: 'oidc', factor: null },
    ]);
    expect(acts()).toEqual(['identities.connect', 'sessions.start', 'sessions.start']);
  });

  test('those whom a group gives a role', async () => {
    use({ newPeople: 'groups', roles: [{ group: 'admins', gives: { role: 'owner' } }] });
    await expect(signInAs('anna')).rejects.toMatchObject(refusedWith('notConnected'));
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['admins'] });
    const found = await authenticate(hub.ctx, { sessionToken: (await signInAs('anna')).token });
    expect(found?.person.isOwner).toBe(true);
  });

  test('nobody whose address the provider doubts or does not know', async () => {
    use({ newPeople: 'everybody' });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: false });
    await expect(signInAs('anna')).rejects.toMatchObject(refusedWith('address'));
    provider.people.set('anna', { email: 'not an address' });
    await expect(signInAs('anna')).rejects.toMatchObject(refusedWith('address'));
  });

  test('an address that the provider says nothing about makes an account only where it is trusted, and stays unproved', async () => {
    use({ newPeople: 'everybody' });
    provider.people.set('anna', { email: 'anna@example.test' });
    await expect(signInAs('anna')).rejects.toMatchObject(refusedWith('address'));
    use({ newPeople: 'everybody', trustsAddresses: true });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.emailProvedAt).toBeNull();
  });
});

describe('an account that exists', () => {
  test('is never given to somebody who has its address at the provider', async () => {
    use({ newPeople: 'everybody' });
    provider.people.set('mallory', { email: owner.email, email_verified: true });
    await expect(signInAs('mallory')).rejects.toMatchObject(refusedWith('notConnected'));
    expect(hub.db.select().from(identities).all()).toEqual([]);
    expect(hub.db.select().from(signIns).all()).toEqual([]);
  });

  test('is connected by its person, and notified of it', async () => {
    use();
    expect(ownIdentities(asPerson(owner))).toMatchObject({ provider: 'Northlight', mayConnect: true });
    expect(await connect(owner, 'olga-at-work')).toEqual({ signedIn: null, joined: null });
    const found = await authenticate(hub.ctx, { sessionToken: (await signInAs('olga-at-work')).token });
    expect(found?.person.id).toBe(owner.id);
    expect(ownIdentities(asPerson(owner))).toMatchObject({
      mayConnect: false,
      identities: [{ issuer: provider.issuer, subject: 'olga-at-work' }],
    });
    expect(hub.db.select().from(notifications).all()).toMatchObject([
      { userId: owner.id, kind: 'account.secondFactor', data: { change: 'identityOn' } },
    ]);
  });

  test('needs the password for it, and a browser with the session of the same person', async () => {
    use();
    const other = hub.createPerson();
    await expect(proveForConnection(asPerson(owner), { password: 'wrong' })).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    const { path } = await proveForConnection(asPerson(owner), { password });
    const ticket = new URL(path, origin).searchParams.get('connect')!;
    await expect(beginConnection(asPerson(other), browser, ticket)).rejects.toMatchObject(
      refusedWith('expired'),
    );
    const begun = await beginConnection(asPerson(owner), browser, ticket);
    await expect(beginConnection(asPerson(owner), browser, ticket)).rejects.toMatchObject(
      refusedWith('expired'),
    );
    const back = await signInAtProvider(begun, 'anna');
    await expect(answerOf(back, { person: other })).rejects.toMatchObject(refusedWith('expired'));
    expect(hub.db.select().from(identities).all()).toEqual([]);
  });

  test('refuses an identity of another account, and a late ticket', async () => {
    use({ newPeople: 'everybody' });
    await signInAs('anna');
    await expect(connect(owner, 'anna')).rejects.toMatchObject(refusedWith('taken'));
    const { path } = await proveForConnection(asPerson(owner), { password });
    hub.clock.advance(60_000);
    const ticket = new URL(path, origin).searchParams.get('connect')!;
    await expect(beginConnection(asPerson(owner), browser, ticket)).rejects.toMatchObject(
      refusedWith('expired'),
    );
  });

  test('loses the identity with the password, and not when there is no other way to sign in', async () => {
    use({ newPeople: 'everybody' });
    await connect(owner, 'olga-at-work');
    const [identity] = ownIdentities(asPerson(owner)).identities;
    await expect(
      removeIdentity(asPerson(owner), { identityId: identity!.id, password: 'wrong' }),
    ).rejects.toMatchObject({ code: 'sign_in_refused' });
    await removeIdentity(asPerson(owner), { identityId: identity!.id, password });
    expect(ownIdentities(asPerson(owner)).identities).toEqual([]);
    await signInAs('anna');
    const anna = personOf('anna@example.test')!;
    const [hers] = ownIdentities(asPerson(anna)).identities;
    await expect(
      removeIdentity(asPerson(anna), { identityId: hers!.id, password: '' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    await expect(removeIdentity(asPerson(owner), { identityId: hers!.id, password })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('is neither connected nor disconnected by an API token', async () => {
    use();
    const byToken: PersonContext = {
      ...asPerson(owner),
      caller: { via: 'token', viaId: hub.ctx.newId('token'), address: null },
    };
    await expect(proveForConnection(byToken, { password })).rejects.toMatchObject({ code: 'forbidden' });
    await connect(owner, 'olga');
    const [identity] = ownIdentities(asPerson(owner)).identities;
    await expect(removeIdentity(byToken, { identityId: identity!.id, password })).rejects.toMatchObject({
      code: 'forbidden',
    });
    // Nor twice: a person has one identity at the provider.
    await expect(proveForConnection(asPerson(owner), { password })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('keeps its identity when the password is lost while it is typed', async () => {
    use();
    await connect(owner, 'olga');
    const [identity] = ownIdentities(asPerson(owner)).identities;
    const removing = removeIdentity(asPerson(owner), { identityId: identity!.id, password });
    hub.db.update(users).set({ passwordHash: null }).where(eq(users.id, owner.id)).run();
    await expect(removing).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is taken over from whoever connected it, by a reset link', async () => {
    const project = hub.createProject();
    use({
      newPeople: 'everybody',
      trustsAddresses: true,
      roles: [{ group: 'staff', gives: { role: 'reviewer', projectId: project.id } }],
    });
    provider.people.set('mallory', { email: 'anna@example.test', groups: ['staff'] });
    await signInAs('mallory');
    const anna = personOf('anna@example.test')!;
    expect(rolesOf(anna.id)).toHaveLength(1);
    const link = createResetLink(hub.ctx, anna.email).split('/').at(-1)!;
    await resetPassword(hub.ctx, link, password);
    await expect(signInAs('mallory')).rejects.toMatchObject(refusedWith('notConnected'));
    expect(rolesOf(anna.id)).toEqual([]);
    expect(acts().slice(-4)).toEqual([
      'identities.applyGroups',
      'identities.disconnect',
      'links.resetPassword',
      'sessions.refuse',
    ]);
    expect(hub.db.select().from(notifications).all()).toContainEqual(
      expect.objectContaining({ userId: anna.id, data: expect.objectContaining({ change: 'identityOff' }) }),
    );
  });

  test('ends the sign-ins of an identity that it loses, except the one that disconnects', async () => {
    use();
    await connect(owner, 'olga');
    const [here, elsewhere] = [await signInAs('olga'), await signInAs('olga')];
    const byPassword = await signIn(hub.ctx, { email: owner.email, password }, from);
    const found = await authenticate(hub.ctx, { sessionToken: here.token });
    const ctx = { ...asPerson(owner), sessionId: found!.sessionId! };
    const [identity] = ownIdentities(ctx).identities;
    await removeIdentity(ctx, { identityId: identity!.id, password });
    const isIn = async ({ token }: { token: string }) =>
      (await authenticate(hub.ctx, { sessionToken: token })) !== null;
    expect(await isIn(elsewhere)).toBe(false);
    expect(await isIn(here)).toBe(true);
    expect(await isIn(byPassword)).toBe(true);
  });

  test('loses an identity of a former provider also without a password', async () => {
    use({ newPeople: 'everybody' });
    await signInAs('anna');
    const anna = personOf('anna@example.test')!;
    insertFormer(anna);
    const signedIn = await authenticate(hub.ctx, { sessionToken: (await signInAs('anna')).token });
    const found = { ...asPerson(anna), sessionId: signedIn!.sessionId! };
    const former = ownIdentities(found).identities.find(({ issuer }) => issuer !== provider.issuer)!;
    await removeIdentity(found, { identityId: former.id, password: '' });
    expect(ownIdentities(found).identities).toMatchObject([{ issuer: provider.issuer }]);
  });

  test('does not open while it is disabled', async () => {
    use();
    await connect(owner, 'olga-at-work');
    const second = await createOwner(hub.ctx, { name: 'Otto', email: 'otto@example.test', password });
    updateUser(asPerson(second), { userId: owner.id, disabled: true });
    await expect(signInAs('olga-at-work')).rejects.toMatchObject(refusedWith('disabled'));
    expect([...allEntries(hub.db)].at(-1)).toMatchObject({ action: 'sessions.refuse', subject: owner.id });
  });
});

describe('an invitation', () => {
  function invite(email: string) {
    const project = hub.createProject();
    const { path } = createInvitation(asPerson(owner), {
      projectId: project.id,
      email,
      role: 'uploader',
      companyId: null,
    });
    return { project, secret: path.split('/').at(-1)! };
  }

  async function follow(secret: string, proof: string, login = 'anna') {
    const begun = await beginOidc(hub.ctx, browser, null, { secret, proof });
    return answerOf(await signInAtProvider(begun, login), { invitation: secret });
  }

  test('makes an account with the invited address', async () => {
    use();
    const { project, secret } = invite('a.adler@vendor.example');
    const { joined } = await follow(secret, invitationProof(browser.secret, secret));
    expect(joined).toBe(project.id);
    const person = personOf('a.adler@vendor.example')!;
    expect(person).toMatchObject({ name: 'Anna Adler', emailProvedAt: null, passwordHash: null });
    expect(rolesOf(person.id)).toEqual([{ projectId: project.id, role: 'uploader' }]);
  });

  test('is not accepted by a link of another site, nor for another one', async () => {
    use();
    const { secret } = invite('a.adler@vendor.example');
    const other = invite('b@vendor.example');
    await expect(follow(secret, invitationProof('another browser', secret))).rejects.toMatchObject(
      refusedWith('notConnected'),
    );
    const begun = await beginOidc(hub.ctx, browser, null, {
      secret,
      proof: invitationProof(browser.secret, secret),
    });
    const back = await signInAtProvider(begun, 'anna');
    await expect(answerOf(back, { invitation: other.secret })).rejects.toMatchObject(
      refusedWith('notConnected'),
    );
    expect(hub.db.select().from(identities).all()).toEqual([]);
  });

  test('says so when it is revoked meanwhile', async () => {
    use();
    const { project, secret } = invite('a.adler@vendor.example');
    const proof = invitationProof(browser.secret, secret);
    const back = await signInAtProvider(await beginOidc(hub.ctx, browser, null, { secret, proof }), 'anna');
    const [invitation] = listInvitations(asPerson(owner), project.id);
    revokeInvitation(asPerson(owner), { projectId: project.id, invitationId: invitation!.id });
    await expect(answerOf(back, { invitation: secret })).rejects.toMatchObject(refusedWith('invitation'));
  });

  test('does not give the account that has the address', async () => {
    use();
    const { secret } = invite(owner.email);
    await expect(follow(secret, invitationProof(browser.secret, secret))).rejects.toMatchObject(
      refusedWith('notConnected'),
    );
    expect(hub.db.select().from(identities).all()).toEqual([]);
  });
});

describe('what the browser brings back', () => {
  test('works once, in the browser that began, for ten minutes', async () => {
    use({ newPeople: 'everybody' });
    const begin = () => beginOidc(hub.ctx, browser, null, null);
    const back = await signInAtProvider(await begin(), 'anna');
    const elsewhere = { ...browser, secret: 'another browser' };
    const answer = { search: back.search, invitation: null, locale: 'en', from, person: null } as const;
    await expect(finishOidc(hub.ctx, { ...answer, browser: elsewhere })).rejects.toMatchObject(
      refusedWith('expired'),
    );
    await finishOidc(hub.ctx, { ...answer, browser });
    await expect(finishOidc(hub.ctx, { ...answer, browser })).rejects.toMatchObject(refusedWith('expired'));
    const late = await signInAtProvider(await begin(), 'anna');
    hub.clock.advance(10 * 60_000);
    await expect(answerOf(late)).rejects.toMatchObject(refusedWith('expired'));
  });

  test('leaves nothing in the database that would complete it', async () => {
    use();
    const begun = new URL(await beginOidc(hub.ctx, browser, null, null));
    const rows = JSON.stringify(hub.db.select().from(oidcFlows).all());
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(rows).not.toContain(begun.searchParams.get(name));
    expect(rows).not.toContain(browser.secret);
  });

  test('keeps the newest twenty of a browser, and counts who begins and does not come back', async () => {
    use({ newPeople: 'everybody' });
    const begin = () => beginOidc(hub.ctx, browser, from.address, null);
    for (let count = 0; count < 120; count++) await begin();
    expect(hub.db.select().from(oidcFlows).all()).toHaveLength(20);
    await expect(begin()).rejects.toMatchObject({ code: 'throttled' });
    // It has a counter of its own.
    takeChallenge(hub.ctx, from.address);
    hub.clock.advance(60_000);
    for (let count = 0; count < 119; count++) await begin();
    await answerOf(await signInAtProvider(await begin(), 'anna'));
    await begin();
    await expect(begin()).rejects.toMatchObject({ code: 'throttled' });
  });

  test('makes the hub write only when this browser began', async () => {
    use();
    hub.db.$client.pragma('query_only = on');
    await expect(answerOf(new URL(`${origin}/?state=made-up`))).rejects.toMatchObject(refusedWith('expired'));
    hub.db.$client.pragma('query_only = off');
  });

  test('is written down when the provider broke off, or another account has the identity', async () => {
    use({ newPeople: 'everybody' });
    const begun = new URL(await beginOidc(hub.ctx, browser, null, null));
    const search = `?error=access_denied&iss=${provider.issuer}&state=${begun.searchParams.get('state')}`;
    await expect(answerOf(new URL(origin + search))).rejects.toMatchObject(refusedWith('denied'));
    const latest = () => [...allEntries(hub.db)].at(-1);
    expect(latest()).toMatchObject({ action: 'sessions.refuse', details: expect.stringContaining('denied') });
    await signInAs('anna');
    await expect(connect(owner, 'anna')).rejects.toMatchObject(refusedWith('taken'));
    expect(latest()).toMatchObject({ action: 'sessions.refuse', subject: owner.id });
  });
});

describe('groups', () => {
  test('give roles and the company, and take them away again', async () => {
    const project = hub.createProject();
    hub.addMember(project, owner, 'coordinator');
    use({
      newPeople: 'everybody',
      roles: [
        { group: 'admins', gives: { role: 'owner' } },
        { group: 'editors', gives: { role: 'coordinator', projectId: project.id } },
        { group: 'staff', gives: { role: 'reviewer', projectId: project.id } },
      ],
      companies: [{ group: 'staff', company: 'Northlight VFX' }],
    });
    const sign = async (groups: string[]) => {
      provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups });
      await signInAs('anna');
      const person = personOf('anna@example.test')!;
      const company = hub.db
        .select()
        .from(companies)
        .where(eq(companies.id, person.companyId ?? ''))
        .get();
      return {
        isOwner: person.isOwner,
        roles: rolesOf(person.id).map(({ role }) => role),
        company: company?.name,
      };
    };
    expect(await sign(['staff', 'editors', 'admins'])).toEqual({
      isOwner: true,
      roles: ['coordinator'],
      company: 'Northlight VFX',
    });
    expect(await sign(['staff'])).toEqual({ isOwner: false, roles: ['reviewer'], company: 'Northlight VFX' });
    expect(await sign([])).toEqual({ isOwner: false, roles: [], company: undefined });
    expect(acts().filter((action) => action === 'identities.applyGroups')).toHaveLength(3);
    expect(await sign([])).toMatchObject({ isOwner: false });
    expect(acts().filter((action) => action === 'identities.applyGroups')).toHaveLength(3);
  });

  test('change nothing that people gave by hand', async () => {
    const project = hub.createProject();
    const company = hub.createCompany('By hand');
    use({
      roles: [
        { group: 'staff', gives: { role: 'reviewer', projectId: project.id } },
        { group: 'staff', gives: { role: 'owner' } },
      ],
      companies: [{ group: 'staff', company: 'Northlight VFX' }],
    });
    hub.addMember(project, owner, 'coordinator');
    hub.db.update(users).set({ companyId: company.id }).where(eq(users.id, owner.id)).run();
    await connect(owner, 'olga');
    for (const groups of [['staff'], []]) {
      provider.people.set('olga', { groups });
      await signInAs('olga');
      expect(rolesOf(owner.id)).toEqual([{ projectId: project.id, role: 'coordinator' }]);
      expect(personOf(owner.email)).toMatchObject({ isOwner: true, companyId: company.id });
    }
  });

  test('leave a role that somebody changed by hand since', async () => {
    const project = hub.createProject();
    hub.addMember(project, owner, 'coordinator');
    const roles: GroupRole[] = [{ group: 'staff', gives: { role: 'reviewer', projectId: project.id } }];
    use({ newPeople: 'groups', roles });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['staff'] });
    await signInAs('anna');
    const userId = personOf('anna@example.test')!.id;
    setRole(asPerson(owner), { projectId: project.id, userId, role: 'uploader' });
    const byHand = [{ projectId: project.id, role: 'uploader' }];
    await signInAs('anna');
    expect(rolesOf(userId)).toEqual(byHand);
    provider.people.set('anna', { groups: [] });
    await signInAs('anna');
    expect(rolesOf(userId)).toEqual(byHand);
  });

  test('never take the last coordinator of a project, also not by another role', async () => {
    const project = hub.createProject();
    const coordinator = { group: 'leads', gives: { role: 'coordinator', projectId: project.id } } as const;
    const reviewer = { group: 'staff', gives: { role: 'reviewer', projectId: project.id } } as const;
    use({ newPeople: 'groups', roles: [coordinator, reviewer] });
    const sign = async (groups: string[]) => {
      provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups });
      await signInAs('anna');
      return rolesOf(personOf('anna@example.test')!.id).map(({ role }) => role);
    };
    await sign(['leads']);
    expect(await sign(['staff'])).toEqual(['coordinator']);
    expect(await sign([])).toEqual(['coordinator']);
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'oidc.lastCoordinator' }));
    hub.addMember(project, owner, 'coordinator');
    expect(await sign(['staff'])).toEqual(['reviewer']);
    expect(await sign([])).toEqual([]);
  });

  test('change a role as a member does, so that an edit of somebody else is refused', async () => {
    const project = hub.createProject();
    const lines = (role: Role): GroupRole[] => [{ group: 'staff', gives: { role, projectId: project.id } }];
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['staff'] });
    use({ newPeople: 'groups', roles: lines('reviewer') });
    await signInAs('anna');
    use({ newPeople: 'groups', roles: lines('uploader') });
    await signInAs('anna');
    const userId = personOf('anna@example.test')!.id;
    expect(() =>
      setRole(asPerson(owner), { projectId: project.id, userId, role: 'partner', revision: 0 }),
    ).toThrow(expect.objectContaining({ code: 'changed_meanwhile' }));
  });

  test('of a former provider give nothing any more', async () => {
    const project = hub.createProject();
    use({ newPeople: 'everybody' });
    await signInAs('anna');
    const anna = personOf('anna@example.test')!;
    hub.addMember(project, anna, 'reviewer');
    hub.db.update(users).set({ isOwner: true }).where(eq(users.id, anna.id)).run();
    insertFormer(anna, { owner: true, roles: { [project.id]: 'reviewer' } });
    await signInAs('anna');
    expect(rolesOf(anna.id)).toEqual([]);
    expect(personOf(anna.email)?.isOwner).toBe(false);
  });

  test('do not join a company that a coordinator made, and tell the log of the hub', async () => {
    const coordinator = hub.createPerson();
    createCompany(asPerson(coordinator), { name: 'Northlight VFX' });
    createCompany(asPerson(owner), { name: 'Harbour Sound' });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['staff'] });
    use({ newPeople: 'everybody', companies: [{ group: 'staff', company: 'Northlight VFX' }] });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.companyId).toBeNull();
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'oidc.companyOfCoordinator' }));
    use({ newPeople: 'everybody', companies: [{ group: 'staff', company: 'Harbour Sound' }] });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.companyId).not.toBeNull();
    expect(acts()).not.toContain('identities.makeCompany');
    use({ newPeople: 'everybody', companies: [{ group: 'staff', company: 'Third House' }] });
    await signInAs('anna');
    expect(acts()).toContain('identities.makeCompany');
  });

  test('keep an owner while the others cannot sign in, where the provider is the only way', async () => {
    use({ newPeople: 'groups', only: true, roles: [{ group: 'admins', gives: { role: 'owner' } }] });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['admins'] });
    await signInAs('anna');
    provider.people.set('anna', { groups: [] });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.isOwner).toBe(true);
    await connect(owner, 'olga');
    await signInAs('anna');
    expect(personOf('anna@example.test')?.isOwner).toBe(false);
  });

  test('never take the last owner', async () => {
    use({ newPeople: 'groups', roles: [{ group: 'admins', gives: { role: 'owner' } }] });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['admins'] });
    await signInAs('anna');
    hub.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, owner.id)).run();
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: [] });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.isOwner).toBe(true);
    hub.db.update(users).set({ disabledAt: null }).where(eq(users.id, owner.id)).run();
    await signInAs('anna');
    expect(personOf('anna@example.test')?.isOwner).toBe(false);
  });

  test('an identity that is removed takes along what its groups gave', async () => {
    const project = hub.createProject();
    use({ roles: [{ group: 'staff', gives: { role: 'reviewer', projectId: project.id } }] });
    await connect(owner, 'olga');
    provider.people.set('olga', { groups: ['staff'] });
    await signInAs('olga');
    expect(rolesOf(owner.id)).toHaveLength(1);
    const [identity] = ownIdentities(asPerson(owner)).identities;
    await removeIdentity(asPerson(owner), { identityId: identity!.id, password });
    expect(rolesOf(owner.id)).toEqual([]);
  });

  test('take a company that was merged into another one', async () => {
    use({ newPeople: 'everybody', companies: [{ group: 'staff', company: 'Northlight' }] });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['staff'] });
    await signInAs('anna');
    const into = hub.createCompany('Northlight VFX');
    mergeCompanies(asPerson(owner), {
      companyId: personOf('anna@example.test')!.companyId!,
      intoCompanyId: into.id,
    });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: [] });
    await signInAs('anna');
    expect(personOf('anna@example.test')?.companyId).toBeNull();
  });

  test('of a project that is gone are logged, and do not stop the sign-in', async () => {
    const projectId = hub.ctx.newId('project');
    use({ newPeople: 'groups', roles: [{ group: 'staff', gives: { role: 'reviewer', projectId } }] });
    provider.people.set('anna', { email: 'anna@example.test', email_verified: true, groups: ['staff'] });
    await signInAs('anna');
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'oidc.unknownProject' }));
  });
});

describe('the second factor', () => {
  const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const code = () => codeAt(readKey(key), stepOf(hub.clock.now));

  test('is asked for by the hub, which then signs in', async () => {
    use();
    await connect(owner, 'olga');
    await setUpSecondFactor(asPerson(owner), { key, code: code(), password });
    const half = await signInAs('olga');
    expect(half.isHalf).toBe(true);
    expect(await authenticate(hub.ctx, { sessionToken: half.token })).toBeNull();
    expect(hub.db.select().from(halfSignIns).all()).toMatchObject([{ method: 'oidc' }]);
    hub.clock.advance(60_000);
    const { token } = await finishSignIn(hub.ctx, half.token, code(), from);
    expect(await authenticate(hub.ctx, { sessionToken: token })).toMatchObject({ person: { id: owner.id } });
    expect(hub.db.select().from(signIns).all()).toMatchObject([
      { method: 'oidc', factor: 'code', sealedIdToken: expect.any(String) },
    ]);
  });

  test('of the provider counts when the settings say so', async () => {
    use({ secondFactor: 'provider' });
    await connect(owner, 'olga');
    requireFactor(asPerson(owner), { roles: ['owner'] });
    const { token } = await signInAs('olga');
    expect(await authenticate(hub.ctx, { sessionToken: token })).not.toBeNull();
    expect(hub.db.select().from(signIns).all()).toMatchObject([{ method: 'oidc', factor: 'provider' }]);
    use();
    expect(await authenticate(hub.ctx, { sessionToken: token })).toBeNull();
    use({ secondFactor: 'amr' });
    const held = await signInAs('olga');
    expect(await authenticate(hub.ctx, { sessionToken: held.token })).toBeNull();
    expect(await authenticateHeld(hub.ctx, { sessionToken: held.token })).not.toBeNull();
  });
});

describe('somebody without a password', () => {
  async function anna() {
    use({ newPeople: 'everybody' });
    const found = await authenticate(hub.ctx, { sessionToken: (await signInAs('anna')).token });
    return { ...hub.ctx, person: found!.person, sessionId: found!.sessionId };
  }

  test('proves themselves by a sign-in at the provider within ten minutes', async () => {
    const ctx = await anna();
    await createTokenByPassword(ctx, { name: 'script', password: '' });
    hub.clock.advance(10 * 60_000);
    await expect(createTokenByPassword(ctx, { name: 'script', password: '' })).rejects.toMatchObject({
      code: 'sign_in_refused',
      details: { again: true },
    });
  });

  test('does not prove themselves by another kind of sign-in, nor with a password that is there', async () => {
    const ctx = await anna();
    const { token } = await beginSession(hub.ctx, ctx.person, from);
    const byLink = await authenticate(hub.ctx, { sessionToken: token });
    await expect(
      createTokenByPassword({ ...ctx, sessionId: byLink!.sessionId }, { name: 'script', password: '' }),
    ).rejects.toMatchObject({ code: 'sign_in_refused', details: {} });
    await changePassword(ctx, { current: '', next: password, keepTokens: false });
    await expect(createTokenByPassword(ctx, { name: 'script', password: '' })).rejects.toMatchObject({
      code: 'sign_in_refused',
      details: {},
    });
  });
});

describe('where the provider is the only way', () => {
  const off = { code: 'password_off', details: { provider: 'Northlight' } };
  const byPassword = () => signIn(hub.ctx, { email: owner.email, password }, from);

  test('a password signs nobody in, unless a command has allowed it for an hour', async () => {
    use({ only: true });
    await expect(byPassword()).rejects.toMatchObject(off);
    await expect(signIn(hub.ctx, { email: 'nobody@example.test', password }, from)).rejects.toMatchObject(
      off,
    );
    allowPassword(hub.ctx, owner.id);
    await expect(byPassword()).resolves.toMatchObject({ isHalf: false });
    hub.clock.advance(3600_000);
    await expect(byPassword()).rejects.toMatchObject(off);
  });

  test('neither does a reset link, which is not mailed either, nor an invitation', async () => {
    const link = createResetLink(hub.ctx, owner.email).split('/').at(-1)!;
    const project = hub.createProject();
    const { path } = createInvitation(asPerson(owner), {
      projectId: project.id,
      email: 'new@example.test',
      role: 'partner',
      companyId: null,
    });
    use({ only: true });
    await expect(resetPassword(hub.ctx, link, password)).rejects.toMatchObject(off);
    expect(() => mailResetLink(hub.ctx, owner.email, null)).toThrow('Northlight');
    await expect(
      acceptInvitation(hub.ctx, path.split('/').at(-1)!, { name: 'New', password }),
    ).rejects.toMatchObject(off);
    allowPassword(hub.ctx, owner.id);
    await expect(resetPassword(hub.ctx, link, password)).resolves.toMatchObject({ person: { id: owner.id } });
  });

  test('a passkey alone signs nobody in', async () => {
    hub.ctx.caller = { via: 'page', viaId: null, address: null, origin: 'https://hub.example' };
    const device = testPasskey('https://hub.example');
    const { options } = await beginPasskey(asPerson(owner), { password });
    await addPasskey(asPerson(owner), { name: 'Phone', answer: device.register(options) });
    use({ only: true });
    const asked = await firstStepOptions(hub.ctx, null);
    await expect(signInByPasskey(hub.ctx, device.answer(asked), from)).rejects.toMatchObject(off);
  });

  test('nobody disconnects', async () => {
    use({ only: true });
    await connect(owner, 'olga');
    const [identity] = ownIdentities(asPerson(owner)).identities;
    await expect(
      removeIdentity(asPerson(owner), { identityId: identity!.id, password }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('signing out', () => {
  const here = { origin, next: '/p/x' };

  test('goes on to the provider, with its token', async () => {
    use({ newPeople: 'everybody' });
    const { token } = await signInAs('anna');
    const row = hub.db.select().from(signIns).get();
    const url = new URL((await signOutEverywhere(hub.ctx, token, here))!);
    expect(url.href).toMatch(`${provider.issuer}/session/end?`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      post_logout_redirect_uri: `${origin}/sign-in`,
      state: '/p/x',
    });
    const hint = url.searchParams.get('id_token_hint')!;
    expect(hint.split('.')).toHaveLength(3);
    // At rest it is encrypted, and gone after the end.
    expect(row?.sealedIdToken).not.toContain(hint);
    expect(hub.db.select().from(signIns).get()).toMatchObject({ sealedIdToken: null, endedBy: 'signedOut' });
    expect(await signOutEverywhere(hub.ctx, token, here)).toBeNull();
  });

  test('ends the session here when the provider is down', async () => {
    use({ newPeople: 'everybody' });
    const { token } = await signInAs('anna');
    const settings = settingsFor('http://127.0.0.1:9');
    hub.ctx.oidc = { settings, provider: openOidcProvider(settings, hub.ctx.clock, hub.ctx.log) };
    expect(await signOutEverywhere(hub.ctx, token, here)).toBeNull();
    expect(await authenticate(hub.ctx, { sessionToken: token })).toBeNull();
  });

  test('stays here after another kind of sign-in', async () => {
    use();
    const { token } = await signIn(hub.ctx, { email: owner.email, password }, from);
    expect(await signOutEverywhere(hub.ctx, token, here)).toBeNull();
    expect(await authenticate(hub.ctx, { sessionToken: token })).toBeNull();
  });
});

test('a new browser is told of, as after other sign-ins', async () => {
  use({ newPeople: 'everybody' });
  await signInAs('anna');
  await signInAs('anna');
  expect(hub.db.select().from(notifications).all()).toMatchObject([{ kind: 'account.newDevice' }]);
});
