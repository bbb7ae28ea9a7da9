// The starting point of page tests: one hub per Playwright worker, with an owner who can sign in.
import { expect, type Page } from '@playwright/test';
import { createTRPCClient, httpBatchLink, type TRPCClient } from '@trpc/client';
import type { AppRouter } from '@turnover/api/root';
import { startHub, type Hub } from './hub.ts';
import { test as base } from './listening.ts';
import { sendForm } from './people.ts';

export { expect };

export type Account = { name: string; email: string; password: string };

type PerTest = {
  signIn: (page: Page, account: Account) => Promise<void>;
  /** Starts a hub of the owner for this test alone, which ends after the test. */
  startOwnHub: (settings?: Record<string, string>) => Promise<Hub>;
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
    async ({ owner: person }, use) => {
      const hub = await startHubOf(person);
      await use(hub);
      await hub.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ hub }, use) => use(hub.address),
  // eslint-disable-next-line no-empty-pattern
  signIn: async ({}, use) => use(signIn),
  startOwnHub: async ({ owner: person }, use) => {
    const hubs: Hub[] = [];
    await use(async (settings) => {
      const hub = await startHubOf(person, settings);
      hubs.push(hub);
      return hub;
    });
    for (const hub of hubs) await hub.close();
  },
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

/** Starts a hub with this owner. The caller closes it. */
export function startHubOf(
  { email, password }: Account,
  settings: Record<string, string> = {},
): Promise<Hub> {
  return startHub({ TURNOVER_OWNER_EMAIL: email, TURNOVER_OWNER_PASSWORD: password, ...settings });
}

/** Signs in without opening a page: people.spec.ts tests the form. */
function signIn(page: Page, { email, password }: Account): Promise<void> {
  return sendForm(page, '/sign-in', { email, password });
}
