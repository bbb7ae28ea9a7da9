/** The API as the browser calls it. A `load` passes its own `fetch`, so that the first page needs no second request. */
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { AppRouter } from '@turnover/api/root';
import { requireOwnAnswer } from '#lib/foreign-answer.ts';

const url = '/api/trpc';
/** No other site can send it without being asked first: the server's cross-site gate looks for it. */
const headers = { 'x-turnover': 'web' };

export function createClient(fetch: typeof globalThis.fetch = globalThis.fetch) {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url }),
        false: httpBatchLink({ url, headers, fetch: checked(fetch), maxURLLength: 2_000, maxItems: 50 }),
      }),
    ],
  });
}

/** Only in the browser does something stand between; while a page is rendered, SvelteKit keeps the headers to itself. */
function checked(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  if (typeof document === 'undefined') return fetch;
  return async (input, init) => requireOwnAnswer(await fetch(input, init));
}

export const trpc = createClient();
