// The starting point of page tests: one hub per Playwright worker, with an owner who can sign in.
import { expect, type Page } from '@playwright/test';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '@turnover/api/root';
import { startHub, type Hub } from './hub.ts';
import { test as base } from './listening.ts';

export { expect };

export type Account = { name: string; email: string; password: string };

type PerTest = {
  signIn: (page: Page, account: Account) => Promise<void>;
  /** Calls the API as a program with this token. */
  api: (token: string) => TRPCClient<AppRouter>;
};
type PerWorker = { hub: Hub; owner: Account };

/** The hub takes the owner's name from the address in its settings. */
const owner: Account = { name: 'olga', email: 'olga@hub.example', password: 'correct horse battery' };

export const test = base.extend<PerTest, PerWorker>({
  // eslint-disable-next-line no-empty-pattern
  owner: [async ({}, use) => use(owner), { scope: 'worker' }],
  hub: [
    async ({ owner: { email, password } }, use) => {
      const hub = await startHub({ TURNOVER_OWNER_EMAIL: email, TURNOVER_OWNER_PASSWORD: password });
      await use(hub);
      await hub.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ hub }, use) => use(hub.address),
  // eslint-disable-next-line no-empty-pattern
  signIn: async ({}, use) => use(signIn),
  api: async ({ hub }, use) =>
    use((token) =>
      createTRPCClient<AppRouter>({
        links: [
          httpBatchLink({
            url: `${hub.address}/api/trpc`,
            headers: { authorization: `Bearer ${token}` },
          }),
        ],
      }),
    ),
});

/** Signs in with the same request as the form, without opening it: people.spec.ts tests the form. */
async function signIn(page: Page, { name, email, password }: Account): Promise<void> {
  const { origin } = new URL((await page.request.get('/sign-in')).url());
  const answer = await page.request.post('/sign-in', { form: { email, password }, headers: { origin } });
  expect(answer.status(), await answer.text()).toBe(200);
  await page.goto('/');
  await expect(page.getByRole('button', { name: `Account menu of ${name}` })).toBeVisible();
}
