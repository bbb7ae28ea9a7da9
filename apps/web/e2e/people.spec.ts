// From an empty hub to its first people: the owner joins by the set-up link, the others by invitation.
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { startHub, type Hub } from './hub.ts';
import { test as base, untilListening } from './listening.ts';

const test = base.extend<object, { emptyHub: Hub }>({
  emptyHub: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const hub = await startHub();
      await use(hub);
      await hub.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ emptyHub }, use) => use(emptyHub.address),
});

const password = 'a long enough password';

test('an owner sets up the hub and brings people into a project', async ({
  page,
  browser,
  emptyHub,
  expectFaults,
}) => {
  expectFaults(
    /^410 GET \/setup\//,
    /^400 POST \/invitation\//,
    /^410 GET \/invitation\//,
    /^401 POST \/sign-in$/,
  );
  await test.step('the printed link creates the owner, once', async () => {
    const link = /http\S+\/setup\/\S+/.exec(emptyHub.printed())?.[0] ?? '';
    await page.goto(link);
    await createAccount(page, { name: 'Olga Owner', email: 'olga@hub.example' }, 'Create owner account');
    await expect(page.getByRole('heading', { name: 'Projects', level: 1 })).toBeVisible();
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
  });

  await test.step('the owner creates a project', async () => {
    await page.goto('/projects');
    await page.getByRole('button', { name: 'New project' }).click();
    await page.getByLabel('Project name').fill('Northern Line');
    await page.getByLabel('Subtitle').fill('Season 2');
    await page.getByRole('button', { name: 'Create project' }).click();
    await expect(page.getByRole('heading', { name: 'People', level: 1 })).toBeVisible();
    await expect(page.getByRole('row', { name: /Olga Owner/ })).toContainText('Coordinator');
  });

  const coordinatorLink = await invite(page, 'carla@hub.example', 'Coordinator', 'Turnover House');
  const partnerLink = await invite(page, 'paul@sound.example', 'Partner', 'Sound House');

  await test.step('the coordinator joins and sees the project', async () => {
    const other = await browser.newPage({ baseURL: emptyHub.address });
    await other.goto(coordinatorLink);
    await expect(
      other.getByText('Olga Owner invites you as Coordinator. You join with Turnover House.'),
    ).toBeVisible();
    await createAccount(other, { name: 'Carla Coordinator' }, 'Create account and join');
    const navigation = other.getByRole('navigation', { name: 'Main navigation' });
    await expect(navigation.getByRole('link')).toHaveText([
      'My work',
      'Workspace',
      'Deliveries',
      'Activity',
      'Types',
      'People',
      'Projects',
    ]);
    await other.close();
  });

  await test.step('the partner can join only with the invited address, and cannot manage people', async () => {
    const other = await browser.newPage({ baseURL: emptyHub.address });
    await other.goto(partnerLink);
    const email = other.getByLabel('E-mail');
    await expect(email).toHaveAttribute('readonly');
    await email.evaluate((input: HTMLInputElement) => (input.value = 'mallory@evil.example'));
    await createAccount(other, { name: 'Mallory' }, 'Create account and join');
    await expect(other.getByText('This invitation is only for paul@sound.example.')).toBeVisible();
    await expect(email).toHaveValue('paul@sound.example');
    await createAccount(other, { name: 'Paul Partner' }, 'Create account and join');
    const navigation = other.getByRole('navigation', { name: 'Main navigation' });
    await expect(navigation.getByRole('link')).toHaveText([
      'My work',
      'Workspace',
      'Deliveries',
      'Activity',
      'Projects',
    ]);
    await signOut(other, 'Paul Partner');
    await other.goto(partnerLink);
    await expect(other.getByRole('heading', { name: 'This link no longer works' })).toBeVisible();
    await other.close();
  });

  await test.step('the report says who has access and why, and is downloaded', async () => {
    await page.getByRole('link', { name: 'Access report' }).click();
    await expect(page.getByRole('heading', { name: 'Access and protection', level: 1 })).toBeVisible();
    const paul = page.getByRole('row', { name: /Paul Partner/ });
    await expect(paul).toContainText('Invited by Olga Owner');
    await expect(page.getByRole('row', { name: /^Olga Owner/ })).toContainText('Owner of the hub');
    await expect(page.getByText('Not encrypted: you use the hub over plain http.')).toBeVisible();
    await expect(page.getByText(/^People with a second factor: 0 of \d+\./)).toBeVisible();
    await expectAccessible(page, 'access report');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Access (CSV)' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('Northern Line access.csv');
    expect(await readFile(await file.path(), 'utf8')).toContain('"Paul Partner"');
    await page.goBack();
  });

  await test.step('the owner changes a role and removes a member', async () => {
    await page.reload();
    await page.getByRole('button', { name: 'Change role of Paul Partner' }).click();
    await page.getByRole('menuitem', { name: /^Reviewer/ }).click();
    await expect(page.getByRole('row', { name: /Paul Partner/ })).toContainText('Reviewer');
    await page.getByRole('button', { name: 'Remove Paul Partner from the project' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect(page.getByRole('row', { name: /Paul Partner/ })).toHaveCount(0);
  });

  await test.step('signing in leads back to the requested page', async () => {
    const people = page.url();
    await signOut(page, 'Olga Owner');
    await page.goto(people);
    await page.getByLabel('E-mail').fill('olga@hub.example');
    await page.getByLabel('Password', { exact: true }).fill('not her password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toHaveText('Wrong e-mail or password.');
    await expect(page.getByLabel('E-mail')).toHaveValue('olga@hub.example');
    await untilListening(page);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(people);
  });
});

test('forms work without JavaScript and never lead to another site', async ({
  browser,
  emptyHub,
  expectFaults,
}) => {
  // Without JavaScript the browser blocks all scripts of the page.
  expectFaults(/^csp GET \/_app\//);
  const page = await browser.newPage({ baseURL: emptyHub.address, javaScriptEnabled: false });
  await page.goto('/sign-in?next=//evil.example/');
  await page.getByLabel('E-mail').fill('olga@hub.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(emptyHub.address);
  await page.close();
});

async function createAccount(page: Page, who: { name: string; email?: string }, submit: string) {
  await untilListening(page);
  await page.getByLabel('Name').fill(who.name);
  if (who.email) await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: submit }).click();
}

async function invite(page: Page, email: string, role: string, company: string): Promise<string> {
  await page.getByRole('button', { name: 'Invite people' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Role', { exact: true }).selectOption({ label: role });
  await dialog.getByLabel('Company').selectOption({ label: 'New company…' });
  await dialog.getByLabel('Company name').fill(company);
  await dialog.getByRole('button', { name: 'Create invitation link' }).click();
  const link = await dialog.getByLabel('Invitation link').inputValue();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('row', { name: email })).toContainText(company);
  return link;
}

async function signOut(page: Page, name: string) {
  await page.getByRole('button', { name: `Account menu of ${name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
}

test('a press before the page has its handlers takes effect afterwards', async ({ browser, emptyHub }) => {
  const page = await browser.newPage({ baseURL: emptyHub.address });
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('olga@hub.example');
  await page.getByLabel('Password', { exact: true }).fill(password);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/_app\/immutable\/.*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Sign in' }).click();
  const menu = page.getByRole('button', { name: 'Account menu of Olga Owner' });
  await menu.click();
  await expect(page.locator('html[data-listening]')).toHaveCount(0);
  release();
  await expect(page.getByRole('menuitem', { name: 'Sign out' })).toBeVisible();
  await page.close();
});
