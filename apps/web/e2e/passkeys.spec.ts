// A passkey, with the virtual authenticator of Chromium: added, used alone and as the second step, copied, removed.
import type { CDPSession, Page } from '@playwright/test';
import { codeAt, readKey, stepOf } from '@turnover/core/people/totp';
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

type Credential = { credentialId: string; signCount: number };

/** Gives the page a device that answers at once, as if somebody had touched it. */
async function plugIn(page: Page) {
  const client: CDPSession = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** Sets how often the device says that its passkey was used. */
    async setCount(signCount: number) {
      const { credentials } = await client.send('WebAuthn.getCredentials', { authenticatorId });
      const [credential] = credentials as (Credential & (typeof credentials)[number])[];
      const { credentialId } = credential!;
      await client.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
      await client.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: { ...credential!, signCount },
      });
    },
  };
}

test('a person signs in with a passkey, and a copy of it is refused', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  test.setTimeout(180_000);
  expectFaults(/^400 POST \/(sign-in\/passkey|second-factor)$/);
  const hub = await startOwnHub();
  // Browsers have passkeys for names only.
  const address = hub.address.replace('127.0.0.1', 'localhost');
  const ownerPage = await (await browser.newContext({ baseURL: address })).newPage();
  await signIn(ownerPage, owner);
  const projectId = (await callOf(ownerPage, 'projects.create', { name: 'Northern Light' })).id as string;
  const { page, email, password } = await joinProject(
    browser,
    ownerPage,
    projectId,
    'Ana Ruiz',
    'ana@example.com',
  );
  const device = await plugIn(page);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the passkey').fill('Laptop');
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await expect(dialog.getByRole('list', { name: 'Recovery codes' }).locator('li')).toHaveCount(10);
  const [code, forToken] = await dialog.locator('li').allInnerTexts();
  await dialog.getByRole('button', { name: 'Done' }).click();
  const keys = page.getByRole('grid', { name: 'Passkeys' }).locator('[data-row]');
  await expect(keys).toContainText('Laptop');
  await expectAccessible(page, 'the passkeys');

  await page.getByRole('button', { name: 'New token' }).click();
  await dialog.getByLabel('Name').fill('Script');
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByLabel('Code from the app').fill(forToken!);
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await expect(dialog.getByLabel('Token')).toHaveValue(/^turnover_/);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await page.goto('/second-factor');
  const key = (await page.locator('code').innerText()).replaceAll(' ', '');
  await page.getByLabel('Code from the app').fill(codeAt(readKey(key), stepOf(Date.now())));
  await page.getByLabel('Current password').fill(password);
  await page.getByRole('button', { name: 'Set up' }).click();
  await expect(page.getByText('This code is wrong.')).toBeVisible();

  const signOut = async () => {
    // A page that is open when its session ends asks once more.
    await page.goto('/verify');
    await page.request.post('/sign-out', { headers: { origin: address } });
  };
  await signOut();
  await page.goto('/sign-in?next=/account');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('· passkey')).toBeVisible();

  await signOut();
  await page.goto('/sign-in?next=/account');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Second step' })).toBeVisible();
  await expectAccessible(page, 'the second step with a passkey');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByText('· password + passkey')).toBeVisible();

  await signOut();
  await device.setCount(1);
  await page.goto('/sign-in?next=/account');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('This passkey was not accepted.')).toBeVisible();
  await device.setCount(100);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await expect(page.getByText('· passkey')).toBeVisible();
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(page.getByText('A sign-in with your passkey “Laptop” was refused')).toBeVisible();

  await page.goto('/account');
  await keys.getByRole('button', { name: 'Remove' }).click();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByLabel('Code from the app').fill(code!);
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('No passkeys yet.')).toBeVisible();
  for (const each of [page, ownerPage]) await each.context().close();
});
