// People end their own sign-ins, and owners those of everybody.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

test('a person ends their other sign-ins, and an owner ends those of a person', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  expectFaults(/^404 GET \/server\/sign-ins/);
  const hub = await startOwnHub();
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const ana = await joinProject(browser, page, projectId, 'Ana Ruiz', 'ana@example.com');
  const elsewhere = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await signIn(elsewhere, ana);

  // The first sign-in of the account was no news; the second one is.
  await ana.page.goto('/');
  await ana.page.getByRole('button', { name: /Notifications/ }).click();
  await expect(ana.page.getByText(/^New sign-in to your account: Chrome on /)).toBeVisible();
  await ana.page.goto('/account');
  const own = ana.page.getByRole('grid', { name: 'Where you are signed in' }).locator('[data-row]');
  await expect(own).toHaveCount(2);
  await expect(own.filter({ hasText: 'This browser' })).toContainText('127.0.0.1 · link');
  await expectAccessible(ana.page, 'own sign-ins');
  await own.filter({ hasText: 'password' }).getByRole('button', { name: /^End/ }).click();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(own).toHaveCount(1);
  await elsewhere.goto('/account');
  await expect(elsewhere.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  await page.goto('/server/sign-ins');
  const everybody = page.getByRole('grid', { name: 'Sign-ins' }).locator('[data-row]');
  await expect(everybody).toHaveCount(2);
  await expectAccessible(page, 'the sign-ins of everybody');
  await everybody.getByRole('link', { name: 'Ana Ruiz' }).click();
  await expect(everybody).toHaveCount(1);
  await page.getByRole('button', { name: 'End all of Ana Ruiz' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End' }).click();
  await expect(page.getByText('No sign-ins')).toBeVisible();
  await page.getByText('All', { exact: true }).click();
  await expect(everybody.filter({ hasText: 'Ended by an owner' })).toHaveCount(1);
  await expect(everybody.filter({ hasText: 'Ended from elsewhere' })).toHaveCount(1);

  await signIn(ana.page, ana);
  expect((await ana.page.goto('/server/sign-ins'))?.status()).toBe(404);
  for (const each of [ana.page, elsewhere, page]) await each.context().close();
});
