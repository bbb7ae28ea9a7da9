// Live updates: a page shows changes from the moment its data was read.
import { expect, test } from './fixtures.ts';
import { callOf, joinProject } from './people.ts';

test('shows changes made between loading the page and listening for events', async ({
  browser,
  page: ownerPage,
  owner,
  signIn,
}) => {
  await signIn(ownerPage, owner);
  const { id: projectId } = await callOf(ownerPage, 'projects.create', { name: 'Southern Light' });
  const email = 'nora@live.example';
  const { page } = await joinProject(browser, ownerPage, projectId, 'Nora Lead', email, 'coordinator');
  const request = { projectId, name: 'Trailer', assignees: [] };
  const { id: requestId } = await callOf(page, 'requests.create', request);

  let listen = () => {};
  const mayListen = new Promise<void>((resolve) => (listen = resolve));
  await page.route('**/api/trpc/live.stream**', async (route) => {
    await mayListen;
    await route.continue();
  });
  await page.goto(`/p/${projectId}/deliveries/${requestId}`);
  await expect(page.getByRole('heading', { name: 'Trailer', level: 1 })).toBeVisible();
  await callOf(page, 'requests.update', {
    requestId,
    name: 'Trailer, second cut',
    description: '',
    dueAt: null,
  });
  listen();
  await expect(page.getByRole('heading', { name: 'Trailer, second cut', level: 1 })).toBeVisible();
  await page.context().close();
});

test('reports that a proxy buffers its stream, refreshes on demand, and recovers by itself', async ({
  page,
  owner,
  signIn,
}) => {
  await signIn(page, owner);
  let letThrough = () => {};
  const mayPass = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route('**/api/trpc/live.stream**', async (route) => {
    await mayPass;
    await route.continue();
  });
  await page.goto('/projects');
  const line = page.getByText('Live updates do not arrive');
  await expect(line).toBeVisible({ timeout: 20_000 });
  await callOf(page, 'projects.create', { name: 'Made later' });
  await page.getByRole('button', { name: 'Check for changes now' }).click();
  await expect(page.getByRole('link', { name: 'Made later' })).toBeVisible();
  letThrough();
  await expect(line).toBeHidden({ timeout: 20_000 });
});

test('a page that signs out sends no further requests to the hub', async ({ page, owner, signIn }) => {
  await signIn(page, owner);
  await page.goto('/account');
  let stopped = () => {};
  const isStopped = new Promise<void>((resolve) => (stopped = resolve));
  await page.route(/\/api\/trpc\/(?!live)/, () => {});
  page.on('requestfailed', (request) => request.url().includes('/api/trpc/') && stopped());
  await page.route('**/sign-out', async (route) => {
    await isStopped;
    await route.continue();
  });
  const asked = page.waitForRequest(/\/api\/trpc\/(?!live)/);
  await page.getByRole('link', { name: 'Projects' }).click();
  await asked;
  await page.getByRole('button', { name: `Account menu of ${owner.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
});

test('signing out in one tab takes the others to the sign-in page', async ({ page, owner, signIn, api }) => {
  await signIn(page, owner);
  const { token } = await callOf(page, 'tokens.create', { name: 'Nightly', password: owner.password });
  const { id: projectId } = await callOf(page, 'projects.create', { name: 'Western Light' });
  const other = await page.context().newPage();
  await other.goto(`/p/${projectId}/people`);
  await page.goto('/account');
  await page.getByRole('button', { name: `Account menu of ${owner.name}` }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await api(token as string).projects.update.mutate({ projectId, name: 'Western Lights' });
  await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  expect(new URL(other.url()).searchParams.get('next')).toBe(`/p/${projectId}/people`);
});
