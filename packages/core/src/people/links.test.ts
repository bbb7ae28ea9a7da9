import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resetLinkLifetimeMs, setupLinkLifetimeMs } from '@turnover/domain/people/invitations';
import { updateUser } from './accounts.ts';
import { signIn } from './sign-in.ts';
import {
  checkSetupLink,
  createResetLink,
  createSetupLink,
  describeResetLink,
  ensureOwner,
  openSetupLink,
  resetPassword,
} from './links.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

const password = 'a long enough password';
const olga = { name: 'Olga', email: 'olga@example.test', password };
const from = { address: '10.0.0.1', userAgent: '' };

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const secretOf = (path: string) => path.split('/').at(-1)!;

describe('the first owner', () => {
  test('is the person who opens the link, once', async () => {
    const path = await ensureOwner(hub.ctx, null);
    expect(path).toMatch(/^\/setup\/[\w-]{43}$/);
    expect(await openSetupLink(hub.ctx, secretOf(path!), olga)).toMatchObject({
      isOwner: true,
      name: 'Olga',
    });
    await expect(
      openSetupLink(hub.ctx, secretOf(path!), { ...olga, email: 'b@c.test' }),
    ).rejects.toMatchObject({
      code: 'link_expired',
    });
    expect(await ensureOwner(hub.ctx, null)).toBeNull();
  });

  test('is only one person when two people open the link at the same moment', async () => {
    const secret = secretOf(createSetupLink(hub.ctx));
    const opened = await Promise.allSettled([
      openSetupLink(hub.ctx, secret, olga),
      openSetupLink(hub.ctx, secret, { ...olga, email: 'late@example.test' }),
    ]);
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(opened.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'link_expired' },
    });
  });

  test('cannot be created with an earlier, an expired or an invented link', async () => {
    const first = secretOf(createSetupLink(hub.ctx));
    const second = secretOf(createSetupLink(hub.ctx));
    expect(() => checkSetupLink(hub.ctx, first)).toThrow(expect.objectContaining({ code: 'link_expired' }));
    checkSetupLink(hub.ctx, second);
    hub.clock.advance(setupLinkLifetimeMs);
    expect(() => checkSetupLink(hub.ctx, second)).toThrow(expect.objectContaining({ code: 'link_expired' }));
    expect(() => checkSetupLink(hub.ctx, 'invented')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  test('is created from the settings only while there is no owner', async () => {
    expect(await ensureOwner(hub.ctx, { email: 'Olga@Example.test', password })).toBeNull();
    expect(await signIn(hub.ctx, { email: olga.email, password }, from)).toHaveProperty('token');
    expect(await ensureOwner(hub.ctx, { email: 'second@example.test', password })).toBeNull();
    await expect(signIn(hub.ctx, { email: 'second@example.test', password }, from)).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
  });
});

describe('a reset link', () => {
  test('sets the password once', async () => {
    const ana = hub.createPerson({ name: 'Ana' });
    const secret = secretOf(createResetLink(hub.ctx, ' ANA@example.test'));
    expect(describeResetLink(hub.ctx, secret)).toEqual({ email: ana.email, name: 'Ana' });
    await resetPassword(hub.ctx, secret, password);
    expect(await signIn(hub.ctx, { email: ana.email, password }, from)).toHaveProperty('token');
    await expect(resetPassword(hub.ctx, secret, password)).rejects.toMatchObject({ code: 'link_expired' });
  });

  test('does not work as a set-up link, after its end, after a newer link, or for a disabled account', async () => {
    const owner = hub.createPerson({ isOwner: true });
    const ana = hub.createPerson({ name: 'Ana' });
    const first = secretOf(createResetLink(hub.ctx, ana.email));
    const second = secretOf(createResetLink(hub.ctx, ana.email));
    const ofOwner = secretOf(createResetLink(hub.ctx, owner.email));
    expect(() => checkSetupLink(hub.ctx, second)).toThrow(expect.objectContaining({ code: 'not_found' }));
    await expect(resetPassword(hub.ctx, first, password)).rejects.toMatchObject({ code: 'link_expired' });

    updateUser(hub.as(owner), { userId: ana.id, disabled: true });
    await expect(resetPassword(hub.ctx, second, password)).rejects.toMatchObject({ code: 'not_found' });
    expect(() => createResetLink(hub.ctx, ana.email)).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(() => createResetLink(hub.ctx, 'nobody@example.test')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );

    hub.clock.advance(resetLinkLifetimeMs);
    await expect(resetPassword(hub.ctx, ofOwner, password)).rejects.toMatchObject({ code: 'link_expired' });
  });
});
