import { afterEach, beforeEach, expect, test } from 'vitest';
import { accountOf, createOwner, listUsers, updateAccount, updateUser } from './accounts.ts';
import { eventsAfter } from '../events.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

test('a person sees their own account and changes its name and language', () => {
  const company = hub.createCompany('North Light');
  const ana = hub.createPerson({ name: 'Ana', companyId: company.id });
  expect(accountOf(hub.as(ana))).toEqual({
    id: ana.id,
    email: 'ana@example.test',
    name: 'Ana',
    locale: null,
    company,
    isOwner: false,
    emailProved: false,
    hasPassword: false,
    mayProveEmail: true,
  });
  expect(updateAccount(hub.as(ana), { locale: 'es-419' })).toMatchObject({ name: 'Ana', locale: 'es-419' });
  expect(updateAccount(hub.as(ana), { name: 'Ana María' })).toMatchObject({
    name: 'Ana María',
    locale: 'es-419',
  });
  expect(updateAccount(hub.as(ana), { locale: null })).toMatchObject({ locale: null });
  expect(eventsAfter(hub.db, ana, null, 0, 10).map(({ kind }) => kind)).toEqual(
    Array(3).fill('account.changed'),
  );
});

test('an address has only one account, whatever its upper and lower case', async () => {
  const account = { name: 'Olga', email: 'olga@example.test', password: 'a long enough password' };
  await createOwner(hub.ctx, account);
  await expect(createOwner(hub.ctx, account)).rejects.toMatchObject({ code: 'email_taken' });
});

test('an owner sees everybody, assigns companies and disables accounts, but not their own', () => {
  const owner = hub.createPerson({ name: 'Olga', isOwner: true });
  const ana = hub.createPerson({ name: 'Ana' });
  const company = hub.createCompany('North Light');
  expect(listUsers(hub.as(owner)).map(({ name }) => name)).toEqual(['Ana', 'Olga']);
  expect(updateUser(hub.as(owner), { userId: ana.id, companyId: company.id })).toMatchObject({ company });
  expect(updateUser(hub.as(owner), { userId: ana.id, disabled: true })).toMatchObject({
    company,
    disabledAt: hub.clock.now,
  });
  expect(updateUser(hub.as(owner), { userId: ana.id, companyId: null })).toMatchObject({ company: null });
  expect(() => updateUser(hub.as(owner), { userId: owner.id, disabled: true })).toThrow(
    expect.objectContaining({ code: 'conflict' }),
  );
  expect(() => updateUser(hub.as(owner), { userId: ana.id, companyId: hub.ctx.newId('company') })).toThrow(
    expect.objectContaining({ code: 'not_found' }),
  );
});
