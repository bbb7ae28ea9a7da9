/** The API client of the browser. A `load` passes its own `fetch`, so that the first page needs no second request. */
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { AppRouter } from '@turnover/api/root';
import { loadErrorWords } from '#lib/errors.ts';
import { requireOwnAnswer } from '#lib/foreign-answer.ts';
import { readWhileHere } from '#lib/leaving.ts';

const url = '/api/trpc';
/** Header that another site cannot send without a preflight request; the server's cross-site check requires it. */
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

/**
 * Returns a `fetch` that checks answers. Only the browser can be behind a proxy or leave the page; during rendering
 * SvelteKit hides the headers.
 */
function checked(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  if (typeof document === 'undefined') return fetch;
  return async (input, init) => {
    const answer = requireOwnAnswer(await fetchWhileHere(fetch, input, init));
    // Status 207 is for several calls, some of which were refused.
    if (answer.status !== 200) await loadErrorWords();
    return answer;
  };
}

function fetchWhileHere(
  fetch: typeof globalThis.fetch,
  ...[input, init]: Parameters<typeof globalThis.fetch>
) {
  if (init?.method !== 'GET') return fetch(input, init);
  return readWhileHere((leaving) => {
    const signal = init.signal ? AbortSignal.any([init.signal, leaving]) : leaving;
    return fetch(input, { ...init, signal });
  });
}

export const trpc = createClient();
