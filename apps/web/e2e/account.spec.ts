// The person's own account: tokens, language, password, and the accessibility of its pages.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

test('a token grants access to the API until it is revoked', async ({
  page,
  owner,
  signIn,
  api,
  expectFaults,
}) => {
  expectFaults(/^401 POST \/api\/trpc\/tokens\.create$/);
  await signIn(page, owner);
  await page.goto('/account');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name of the token').fill('Render farm');
  const ownPassword = page.getByRole('dialog').getByLabel('Current password');
  await ownPassword.fill('not the password');
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  await ownPassword.fill(owner.password);
  await page.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByRole('dialog').getByLabel('Token', { exact: true }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  const program = api(token);
  expect(await program.account.get.query()).toMatchObject({ email: owner.email, isOwner: true });

  await page.getByRole('button', { name: 'Revoke token Render farm' }).click();
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await expect(page.getByText('No tokens yet.')).toBeVisible();
  await expect(program.account.get.query()).rejects.toMatchObject({
    data: { hub: { code: 'unauthenticated' } },
  });
});

test('refuses a call that has a session but lacks our header', async ({ page, owner, signIn }) => {
  await signIn(page, owner);
  const answer = await page.request.post('/api/trpc/projects.create', { data: { name: 'No' } });
  expect(answer.status()).toBe(403);
  expect((await answer.json()).error.data.hub.code).toBe('cross_site');
});

test('answers a body that is not JSON as a client error', async ({ page, owner, signIn }) => {
  await signIn(page, owner);
  const headers = {
    'content-type': 'application/json',
    'x-turnover': 'test',
    'sec-fetch-site': 'same-origin',
  };
  const answer = await page.request.post('/api/trpc/projects.create', { headers, data: '{"na' });
  expect(answer.status()).toBe(400);
});

test('the health check requires no account', async ({ request }) => {
  await expect
    .poll(async () => (await request.get('/healthz')).json())
    .toMatchObject({ status: 'ok', web: 'ok', database: 'ok', worker: 'ok', reasons: [] });
});

test('every page passes the accessibility checks', async ({ page, owner, signIn, expectFaults }) => {
  expectFaults(/^404 GET \/nowhere$/);
  await page.goto('/sign-in');
  await expectAccessible(page, 'sign-in');
  await signIn(page, owner);
  for (const path of ['/projects', '/account', '/nowhere']) {
    await page.goto(path);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expectAccessible(page, path);
  }
});

// Uses another person than the owner: the other tests of this hub sign in with the owner's password and read English.
test('a person changes their password and language', async ({
  browser,
  page,
  owner,
  signIn,
  expectFaults,
}) => {
  expectFaults(/^401 POST \/api\/trpc\/account\.changePassword$/);
  await signIn(page, owner);
  const { id } = await callOf(page, 'projects.create', { name: 'Account' });
  const uma = await joinProject(browser, page, id as string, 'Uma Sol', 'uma@example.com');
  await uma.page.goto('/account');
  await uma.page.getByLabel('Current password').fill('wrong');
  await uma.page.getByLabel('New password').fill('another good password');
  await uma.page.getByRole('button', { name: 'Change password' }).click();
  await expect(uma.page.getByText('This is not your password.')).toBeVisible();
  await uma.page.getByLabel('Current password').fill(uma.password);
  await uma.page.getByRole('button', { name: 'Change password' }).click();
  await expect(uma.page.getByText('Password changed')).toBeVisible();

  await uma.page.getByLabel('Language').selectOption({ label: 'Español' });
  await uma.page.getByRole('button', { name: 'Save' }).click();
  await expect(uma.page.getByRole('heading', { name: 'Cuenta', level: 1 })).toBeVisible();
  await uma.page.context().close();
});
