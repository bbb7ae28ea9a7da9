import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiTokens, oneTimeLinks, sessions, users } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import { allEntries } from '../audit/verify.ts';
import { changePassword, createOwner, updateUser } from './accounts.ts';
import { authenticate, sessionCookieName, signIn, signOut } from './sign-in.ts';
import type { Person } from '../context.ts';
import { createResetLink, newMailedReset, resetPassword } from './links.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { createToken, createTokenByPassword, listTokens, revokeToken } from './tokens.ts';

const password = 'a long enough password';
const from = { address: '10.0.0.1', userAgent: 'browser' };

let hub: TestHub;
let owner: Person;
beforeEach(async () => {
  hub = await testHub();
  owner = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
});
afterEach(() => hub.close());

const signInAs = (email: string, secret = password) => signIn(hub.ctx, { email, password: secret }, from);
const bySession = (sessionToken: string) => authenticate(hub.ctx, { sessionToken });
const byToken = (token: string) => authenticate(hub.ctx, { authorization: `Bearer ${token}` });

const acts = () =>
  [...allEntries(hub.db)].map(({ action, actorId, subject }) => ({ action, actorId, subject }));

describe('the audit log', () => {
  test('has sign-ins, refusals and the end of a session', async () => {
    const { token } = await signInAs(owner.email);
    await signInAs(owner.email, 'wrong').catch(() => null);
    signOut(hub.ctx, token);
    signOut(hub.ctx, token);
    const self = { actorId: owner.id, subject: owner.id };
    expect(acts()).toEqual([
      { action: 'sessions.start', ...self },
      { action: 'sessions.refuse', actorId: null, subject: owner.id },
      { action: 'sessions.end', ...self },
    ]);
  });

  test('keeps nothing that may be a password', async () => {
    await signInAs(password, 'typed into the wrong field').catch(() => null);
    await signInAs('nobody@example.test', 'my other password').catch(() => null);
    const texts = [...allEntries(hub.db)].map(({ details }) => details);
    expect(texts).toEqual(['{"email":""}', '{"email":"nobody@example.test"}']);
  });

  test('has no session without its entry, and no entry without its session', async () => {
    hub.db.$client.exec(
      `create trigger no_audit before insert on audit_entries begin select raise(abort, 'no entry'); end`,
    );
    await expect(signInAs(owner.email)).rejects.toThrow('no entry');
    expect(hub.db.select().from(sessions).all()).toEqual([]);
    hub.db.$client.exec('drop trigger no_audit');
    hub.db.$client.exec(
      `create trigger no_session before insert on sessions begin select raise(abort, 'no session'); end`,
    );
    await expect(signInAs(owner.email)).rejects.toThrow('no session');
    expect(acts()).toEqual([]);
  });

  test('has the use of a link to choose a password', async () => {
    const mailed = inTransaction(hub.db, (tx) => newMailedReset(tx, hub.ctx, owner.id))!;
    await resetPassword(hub.ctx, mailed, 'another long password');
    expect(acts()).toEqual([{ action: 'links.resetPassword', actorId: owner.id, subject: owner.id }]);
  });
});

describe('signing in', () => {
  test('starts a session that works until signing out', async () => {
    const { token } = await signInAs(' OLGA@example.test ');
    expect(await bySession(token)).toMatchObject({ person: owner, via: 'session' });
    signOut(hub.ctx, token);
    expect(await bySession(token)).toBeNull();
  });

  test('is refused with the same text for a wrong password, an unknown account and an account without a password', async () => {
    const guest = hub.createPerson();
    const refusals = await Promise.all(
      [owner.email, 'nobody@example.test', guest.email, 'no address'].map((email) =>
        signInAs(email, 'wrong').then(
          () => null,
          (error: unknown) => error,
        ),
      ),
    );
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ code: 'sign_in_refused', message: 'E-mail or password is wrong.' });
    }
    expect(hub.db.select().from(sessions).all()).toEqual([]);
  });

  test('limits wrong guesses that arrive at once; then the right password must wait too', async () => {
    const guesses = await Promise.allSettled(
      Array.from({ length: 50 }, () => signInAs(owner.email, 'wrong')),
    );
    const checked = guesses.filter(
      (guess) => guess.status === 'rejected' && guess.reason.code === 'sign_in_refused',
    );
    expect(checked.length).toBeLessThanOrEqual(10);
    await expect(signInAs(owner.email)).rejects.toMatchObject({ code: 'throttled' });
    await expect(signInAs('nobody@example.test')).rejects.toMatchObject({ code: 'sign_in_refused' });
    hub.clock.advance(60_000);
    expect(await signInAs(owner.email)).toHaveProperty('token');
  });

  test('fails for a person who is disabled while the password is being checked', async () => {
    const other = await createOwner(hub.ctx, { name: 'Otto', email: 'otto@example.test', password });
    const signing = signInAs(other.email);
    updateUser(hub.as(owner), { userId: other.id, disabled: true });
    await expect(signing).rejects.toMatchObject({ code: 'sign_in_refused' });
  });
});

describe('losing access', () => {
  test('a disabled person loses sessions and tokens at once, and does not get them back when enabled again', async () => {
    const other = await createOwner(hub.ctx, { name: 'Otto', email: 'otto@example.test', password });
    const { token: session } = await signInAs(other.email);
    const { token } = createToken(hub.as(other), { name: 'script' });
    expect(await byToken(token)).toMatchObject({ via: 'token' });

    updateUser(hub.as(owner), { userId: other.id, disabled: true });
    expect(await bySession(session)).toBeNull();
    expect(await byToken(token)).toBeNull();
    await expect(signInAs(other.email)).rejects.toMatchObject({ code: 'sign_in_refused' });

    updateUser(hub.as(owner), { userId: other.id, disabled: false });
    expect(await bySession(session)).toBeNull();
    expect(await byToken(token)).toBeNull();
    expect(await signInAs(other.email)).toHaveProperty('token');
  });

  test('a changed password ends the other sessions and keeps the current one', async () => {
    const [here, there] = [await signInAs(owner.email), await signInAs(owner.email)];
    const sessionId = (await bySession(here.token))?.sessionId;
    const ctx = { ...hub.as(owner), sessionId };
    await expect(
      changePassword(ctx, { current: 'wrong', next: 'another long password', keepTokens: false }),
    ).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    await changePassword(ctx, { current: password, next: 'another long password', keepTokens: false });
    expect(await bySession(here.token)).not.toBeNull();
    expect(await bySession(there.token)).toBeNull();
    await expect(signInAs(owner.email)).rejects.toMatchObject({ code: 'sign_in_refused' });
    expect(await signInAs(owner.email, 'another long password')).toHaveProperty('token');
  });

  test('API tokens end with the password unless the person keeps them, and the person is notified', async () => {
    const tokens = [createToken(hub.as(owner), { name: 'one' }), createToken(hub.as(owner), { name: 'two' })];
    const ctx = hub.as(owner);
    const kept = await changePassword(ctx, {
      current: password,
      next: 'another long password',
      keepTokens: true,
    });
    expect(kept).toEqual({ sessions: 0, tokens: 0 });
    expect(await byToken(tokens[0]!.token)).not.toBeNull();
    await signInAs(owner.email, 'another long password');
    const ended = await changePassword(ctx, {
      current: 'another long password',
      next: password,
      keepTokens: false,
    });
    expect(ended).toEqual({ sessions: 1, tokens: 2 });
    for (const { token } of tokens) expect(await byToken(token)).toBeNull();
    expect(listTokens(ctx)).toEqual([]);
    const sent = hub.db.select().from(notifications).where(eq(notifications.userId, owner.id)).all();
    expect(sent.map(({ kind, data }) => [kind, data.tokens])).toEqual(
      expect.arrayContaining([
        ['account.passwordChanged', 0],
        ['account.passwordChanged', 2],
      ]),
    );
  });

  test('a reset ends API tokens and other reset links, including mailed ones', async () => {
    const { token } = createToken(hub.as(owner), { name: 'script' });
    const mailed = inTransaction(hub.db, (tx) => newMailedReset(tx, hub.ctx, owner.id))!;
    const printed = createResetLink(hub.ctx, owner.email).split('/').at(-1)!;
    expect(await resetPassword(hub.ctx, printed, 'another long password')).toMatchObject({ tokens: 1 });
    expect(await byToken(token)).toBeNull();
    await expect(resetPassword(hub.ctx, mailed, password)).rejects.toMatchObject({ code: 'link_expired' });
  });

  test('a changed password ends a reset link that is waiting to be mailed', async () => {
    const mailed = inTransaction(hub.db, (tx) => newMailedReset(tx, hub.ctx, owner.id))!;
    await changePassword(hub.as(owner), {
      current: password,
      next: 'another long password',
      keepTokens: true,
    });
    await expect(resetPassword(hub.ctx, mailed, password)).rejects.toMatchObject({ code: 'link_expired' });
  });

  test('a password reset by link ends every session', async () => {
    const { token } = await signInAs(owner.email);
    await resetPassword(
      hub.ctx,
      createResetLink(hub.ctx, owner.email).split('/').at(-1)!,
      'another long password',
    );
    expect(await bySession(token)).toBeNull();
  });
});

describe('tokens', () => {
  test('are returned once, listed without their secret, and revoked only by their person', async () => {
    const { token, id } = createToken(hub.as(owner), { name: 'script' });
    expect(await byToken(token)).toEqual({ person: owner, via: 'token', tokenId: id });
    expect(listTokens(hub.as(owner))).toEqual([
      { id, name: 'script', createdAt: hub.clock.now, lastUsedAt: hub.clock.now },
    ]);
    const stranger = hub.createPerson();
    expect(listTokens(hub.as(stranger))).toEqual([]);
    expect(() => revokeToken(hub.as(stranger), id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    revokeToken(hub.as(owner), id);
    expect(await byToken(token)).toBeNull();
    expect(listTokens(hub.as(owner))).toEqual([]);
  });

  test('need the password, and wrong guesses at it are limited without locking out anybody else', async () => {
    const ctx = hub.as(owner);
    const made = await createTokenByPassword(ctx, { name: 'script', password });
    expect(await byToken(made.token)).toMatchObject({ via: 'token' });
    const wrong = () => createTokenByPassword(ctx, { name: 'script', password: 'wrong' });
    for (let index = 0; index < 5; index++)
      await expect(wrong()).rejects.toMatchObject({ code: 'sign_in_refused' });
    await expect(createTokenByPassword(ctx, { name: 'script', password })).rejects.toMatchObject({
      code: 'throttled',
    });
    expect(listTokens(ctx)).toHaveLength(1);
    expect(await signInAs(owner.email)).toHaveProperty('token');
    const guest = hub.as(hub.createPerson());
    await expect(createTokenByPassword(guest, { name: 'x', password: '' })).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
  });

  test('refuses a wrong token even with a valid session', async () => {
    const { token: sessionToken } = await signInAs(owner.email);
    expect(await authenticate(hub.ctx, { sessionToken, authorization: 'Bearer wrong' })).toBeNull();
    expect(await authenticate(hub.ctx, { sessionToken, authorization: 'Basic abc' })).not.toBeNull();
  });
});

test('nothing in a stolen database can be used to sign in', async () => {
  await signInAs(owner.email);
  createToken(hub.as(owner), { name: 'script' });
  createResetLink(hub.ctx, owner.email);
  const secrets = [
    ...hub.db
      .select()
      .from(sessions)
      .all()
      .map(({ id }) => id),
    ...hub.db
      .select()
      .from(apiTokens)
      .all()
      .map(({ tokenHash }) => tokenHash),
    ...hub.db
      .select()
      .from(oneTimeLinks)
      .all()
      .map(({ tokenHash }) => tokenHash),
    ...hub.db
      .select()
      .from(users)
      .all()
      .map(({ passwordHash }) => passwordHash ?? ''),
  ];
  expect(secrets).toHaveLength(4);
  for (const secret of secrets) {
    expect(await bySession(secret)).toBeNull();
    expect(await byToken(secret)).toBeNull();
    await expect(resetPassword(hub.ctx, secret, password)).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('the cookie is bound to its host under https, and still works over plain http', () => {
  expect(sessionCookieName(true)).toBe('__Host-turnover');
  expect(sessionCookieName(false)).toBe('turnover');
});
