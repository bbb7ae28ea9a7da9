// Signing in at an OpenID provider, which runs in this process: by groups, by an invitation, and where it is the only way.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from '@playwright/test';
import { startOidcProvider, type TestProvider } from '@turnover/core/testing/oidc-provider';
import { providerClient } from '@turnover/core/testing/oidc-settings';
import { freePort } from '@turnover/core/testing/free-port';
import { expectAccessible } from './axe.ts';
import { expect, test, type Account } from './fixtures.ts';
import type { Hub } from './hub.ts';
import { callOf } from './people.ts';

type Start = (settings: Record<string, string>) => Promise<Hub>;

/** A hub with a provider that knows Anna. */
async function startBoth(start: Start, settings: Record<string, string>) {
  const port = String(await freePort());
  const address = `http://127.0.0.1:${port}`;
  const provider = await startOidcProvider(address);
  provider.people.set('anna', { email: 'anna@example.com', email_verified: true, name: 'Anna Adler' });
  const hub = await start({
    PORT: port,
    TURNOVER_URL: address,
    TURNOVER_OIDC_ISSUER: provider.issuer,
    TURNOVER_OIDC_CLIENT_ID: providerClient.clientId,
    TURNOVER_OIDC_CLIENT_SECRET: providerClient.clientSecret,
    TURNOVER_OIDC_LABEL: 'Northlight',
    ...settings,
  });
  return { provider, hub };
}

async function openPage(browser: Browser, hub: Hub): Promise<Page> {
  const context = await browser.newContext({ baseURL: hub.address });
  // The pages of the provider ask the internet for a font.
  await context.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ body: '' }));
  return context.newPage();
}

/** Before the hub ends, which would break their connections. */
async function closePages(browser: Browser) {
  for (const context of browser.contexts()) await context.close();
}

async function signInThere(page: Page, { issuer }: TestProvider, login: string) {
  await expect(page).toHaveURL(new RegExp(`^${issuer}/interaction/`));
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}

async function signOut(page: Page, { issuer }: TestProvider, name: string) {
  await page.getByRole('button', { name: `Account menu of ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(new RegExp(`^${issuer}/session/end`));
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
}

async function signInHere(page: Page, { email, password }: Account) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('people sign in at the provider, where groups decide, and sign out there too', async ({
  browser,
  owner,
  startOwnHub,
}) => {
  test.setTimeout(120_000);
  const { hub, provider } = await startBoth(startOwnHub, {
    TURNOVER_OIDC_NEW_PEOPLE: 'groups',
    TURNOVER_OIDC_ROLES: 'admins=owner',
    TURNOVER_OIDC_COMPANIES: 'admins=Northlight VFX',
  });
  provider.people.set('anna', { ...provider.people.get('anna'), groups: ['admins'] });
  const page = await openPage(browser, hub);
  await page.goto('/server/sign-ins');
  await expectAccessible(page, 'the sign-in page with a provider');
  await page.getByRole('link', { name: 'Sign in with Northlight' }).click();
  await signInThere(page, provider, 'anna');
  // Back at the page that was asked for, which only owners of the hub see.
  await expect(page).toHaveURL(`${hub.address}/server/sign-ins`);
  await expect(page.getByText('127.0.0.1 · provider')).toBeVisible();
  // Another sign-in takes the place of this one.
  await page.goto('/sign-in/oidc?next=/server/sign-ins');
  await expect(page).toHaveURL(`${hub.address}/server/sign-ins`);
  await expect(page.getByText('127.0.0.1 · provider')).toHaveCount(1);
  await page.goto('/account');
  await expect(page.getByText('Northlight VFX')).toBeVisible();
  await expect(page.getByText(/^Connected with anna@example.com at 127/)).toBeVisible();

  await signOut(page, provider, 'Anna Adler');
  provider.people.set('anna', { ...provider.people.get('anna'), groups: [] });
  await page.evaluate(() => location.assign('/sign-in/oidc?next=//evil.example/x'));
  await signInThere(page, provider, 'anna');
  await expect(page).toHaveURL(new RegExp(`^${hub.address}/`));
  await expect(page.getByRole('button', { name: 'Account menu of Anna Adler' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Server' })).toHaveCount(0);
  await signOut(page, provider, 'Anna Adler');

  // Somebody whom no group gives anything, with the address of the owner.
  provider.people.set('otto', { email: owner.email, email_verified: true, name: 'Otto' });
  await page.goto('/account');
  await page.getByRole('link', { name: 'Sign in with Northlight' }).click();
  await signInThere(page, provider, 'otto');
  await expect(page.getByRole('alert')).toContainText('No account here is connected');
  await expectAccessible(page, 'the sign-in page after a refusal');

  await signInHere(page, owner);
  await expect(page).toHaveURL(`${hub.address}/account`);
  await page.getByRole('button', { name: 'Connect' }).click();
  await page.getByRole('dialog').getByLabel('Current password').fill(owner.password);
  await page.getByRole('dialog').getByRole('button', { name: 'Connect' }).click();
  await expect(page.getByText(`Connected with ${owner.email} at`)).toBeVisible();
  await expectAccessible(page, 'the account page of a connected person');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByRole('dialog').getByLabel('Current password').fill(owner.password);
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('button', { name: 'Connect', exact: true })).toBeVisible();
  await closePages(browser);
  await provider.close();
});

test('where the provider is the only way, an owner is let in by a command, and people come by invitation', async ({
  browser,
  owner,
  startOwnHub,
  expectFaults,
}) => {
  test.setTimeout(120_000);
  expectFaults(/^403 POST \/sign-in/);
  const { hub, provider } = await startBoth(startOwnHub, { TURNOVER_OIDC_ONLY: 'yes' });
  const page = await openPage(browser, hub);
  await page.goto('/sign-in');
  await expect(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  await expectAccessible(page, 'the sign-in page of a hub with a provider only');
  await page.goto('/sign-in?password');
  await signInHere(page, owner);
  await expect(page.getByRole('alert')).toContainText('People sign in to this hub with Northlight only.');
  await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, '../../cli/src/main.ts'), 'user', 'allow-password', owner.email],
    { env: { ...process.env, TURNOVER_DATA: hub.dataFolder } },
  );
  await signInHere(page, owner);
  await expect(page.getByRole('button', { name: `Account menu of ${owner.name}` })).toBeVisible();

  const { id: projectId } = await callOf(page, 'projects.create', { name: 'Northern Light' });
  const invitation = { projectId, email: 'a.adler@vendor.example', role: 'uploader', companyId: null };
  const { path } = await callOf(page, 'invitations.create', invitation);
  const invited = await openPage(browser, hub);
  await invited.goto(path);
  await expectAccessible(invited, 'an invitation to a hub with a provider only');
  await invited.getByRole('link', { name: 'Create the account with Northlight' }).click();
  await signInThere(invited, provider, 'anna');
  await expect(invited).toHaveURL(new RegExp(`/p/${projectId}`));
  await invited.goto('/account');
  await expect(invited.getByText('a.adler@vendor.example').first()).toBeVisible();

  await closePages(browser);
  await provider.close();
  await hub.killWeb();
  const later = await openPage(browser, hub);
  await later.goto('/sign-in');
  await later.getByRole('link', { name: 'Sign in with Northlight' }).click();
  await expect(later.getByRole('alert')).toContainText('Northlight does not answer now.');
  await closePages(browser);
});
