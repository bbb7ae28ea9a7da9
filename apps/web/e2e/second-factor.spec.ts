// A second factor: set up, used, required, reset.
import type { Page } from '@playwright/test';
import { codeAt, readKey, stepOf } from '@turnover/core/people/totp';
import { expectAccessible } from './axe.ts';
import { expect, test, type Account } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

/** An authenticator app whose clock may be a step ahead, as the hub allows: it never shows a code twice. */
function appOf(key: string) {
  let last = 0;
  return async () => {
    last = Math.max(last + 1, stepOf(Date.now()));
    await expect.poll(() => stepOf(Date.now()) + 1, { timeout: 40_000 }).toBeGreaterThanOrEqual(last);
    return codeAt(readKey(key), last);
  };
}

async function setUp(page: Page, password: string) {
  const key = (await page.locator('code').innerText()).replaceAll(' ', '');
  const app = appOf(key);
  await page.getByLabel('Code from the app').fill(await app());
  await page.getByLabel('Current password').fill(password);
  await page.getByRole('button', { name: 'Set up' }).click();
  await expect(page.getByRole('heading', { name: 'Keep your recovery codes' })).toBeVisible();
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).locator('li').allInnerTexts();
  expect(codes).toHaveLength(10);
  return { app, codes };
}

async function firstStep(page: Page, { email, password }: Pick<Account, 'email' | 'password'>) {
  await page.goto('/sign-in?next=/account');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a person sets up a second factor, signs in with it, and removes it', async ({
  browser,
  owner,
  signIn,
  expectFaults,
  startOwnHub,
}) => {
  test.setTimeout(180_000);
  expectFaults(/^400 POST \/(second-factor|sign-in\/code)/);
  const hub = await startOwnHub();
  const page = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const ana = await joinProject(browser, page, projectId, 'Ana Ruiz', 'ana@example.com');

  await ana.page.goto('/account');
  await ana.page.getByRole('link', { name: 'Set up' }).click();
  await expectAccessible(ana.page, 'the set-up of a second factor');
  const shown = await ana.page.locator('code').innerText();
  await ana.page.getByLabel('Code from the app').fill('000000');
  await ana.page.getByLabel('Current password').fill(ana.password);
  await ana.page.getByRole('button', { name: 'Set up' }).click();
  await expect(ana.page.getByText('This code is wrong.')).toBeVisible();
  // The app already has this key.
  expect(await ana.page.locator('code').innerText()).toBe(shown);
  const { app, codes } = await setUp(ana.page, ana.password);
  await expectAccessible(ana.page, 'the recovery codes');
  await ana.page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(ana.page.getByText('10 recovery codes are left.')).toBeVisible();

  const other = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await firstStep(other, ana);
  await expect(other.getByRole('heading', { name: 'Second step' })).toBeVisible();
  await expectAccessible(other, 'the second step');
  await other.goto('/account');
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await firstStep(other, ana);
  await other.getByRole('link', { name: 'Use a recovery code' }).click();
  await other.getByLabel('Recovery code').fill(codes[0]!);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByText('9 recovery codes are left.')).toBeVisible();
  await expect(other.getByText(/password \+ recovery code/)).toBeVisible();

  const third = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await firstStep(third, ana);
  await third.getByLabel('Code from the app').fill('000000');
  await third.getByRole('button', { name: 'Sign in' }).click();
  await expect(third.getByText('This code is wrong.')).toBeVisible();
  await third.getByLabel('Code from the app').fill(await app());
  await third.getByRole('button', { name: 'Sign in' }).click();
  await expect(third.getByRole('heading', { name: 'Account', level: 1 })).toBeVisible();

  await third.getByRole('button', { name: 'Remove' }).click();
  await third.getByRole('dialog').getByLabel('Current password').fill(ana.password);
  await third.getByRole('dialog').getByLabel('Code from the app').fill(codes[1]!);
  await third.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(third.getByRole('link', { name: 'Set up' })).toBeVisible();
  for (const each of [ana.page, other, third, page]) await each.context().close();
});

test('an owner requires a second factor of a role, and resets that of a person', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  test.setTimeout(180_000);
  const hub = await startOwnHub();
  const page = await (await browser.newContext({ baseURL: hub.address })).newPage();
  await signIn(page, owner);
  const projectId = (await callOf(page, 'projects.create', { name: 'Northern Light' })).id as string;
  const ana = await joinProject(browser, page, projectId, 'Ana Ruiz', 'ana@example.com');

  await page.goto('/server/sign-ins');
  await page.getByLabel('Partner').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved. It holds from now on.')).toBeVisible();

  const refused = (await ana.page.request.get('/api/trpc/projects.list')).status();
  expect(refused).toBe(401);
  await ana.page.goto(`/p/${projectId}/deliveries`);
  await expect(ana.page.getByText('Your role requires a second factor.')).toBeVisible();
  await expectAccessible(ana.page, 'the required set-up');
  await ana.page.goto('/account');
  await expect(ana.page.getByText('Your role requires a second factor.')).toBeVisible();
  await ana.page.goto(`/p/${projectId}/deliveries`);
  await setUp(ana.page, ana.password);
  await ana.page.getByRole('link', { name: 'I have kept them' }).click();
  await expect(ana.page).toHaveURL(new RegExp(`/p/${projectId}/deliveries$`));
  await expect(ana.page.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();

  await page.goto('/server/sign-ins');
  await expect(page.getByText('1 of 2 people has one.')).toBeVisible();
  await expectAccessible(page, 'the sign-ins with the policy');
  await page.getByRole('link', { name: 'Ana Ruiz' }).click();
  await page.getByRole('button', { name: 'Reset second factor' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset second factor' }).click();
  await expect(page.getByText('Second factor removed. Ana Ruiz gets a notification.')).toBeVisible();
  await ana.page.goto(`/p/${projectId}/deliveries`);
  await expect(ana.page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await firstStep(ana.page, ana);
  await expect(ana.page.getByText('Your role requires a second factor.')).toBeVisible();
  for (const each of [ana.page, page]) await each.context().close();
});
