// The HTTP endpoint of the API: JSON in, JSON or a stream of events out, with the HTTP status of the hub's error.
import type { RequestEvent, RequestHandler } from './$types';
import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { appRouter } from '@turnover/api/root';
import { maxCallsAtOnce, statusOf, trpcCode, type ApiContext } from '@turnover/api/trpc';
import { crossSiteRefusal } from '@turnover/core/people/cross-site';
import { callerContextOf, hubOf } from '#lib/server/hub.ts';

const handle: RequestHandler = (event) =>
  fetchRequestHandler({
    endpoint: '/api/trpc',
    req: event.request,
    router: appRouter,
    maxBatchSize: maxCallsAtOnce,
    createContext: () => createContext(event),
    responseMeta: (answer) => {
      const { status, headers } = statusOf(answer);
      return { ...(status && { status }), headers: { 'cache-control': 'no-store', ...headers } };
    },
  });

export const GET = handle;
export const POST = handle;

function createContext(event: RequestEvent): ApiContext {
  refuseCrossSite(event);
  const { person, sessionId, credentials } = event.locals;
  const hub = hubOf(event);
  return {
    hub: callerContextOf(event),
    person,
    sessionId,
    stillSignedIn: async () => (await hub.authenticate(credentials)) !== null,
    onCommit: hub.onCommit,
  };
}

/** Refuses a cross-site request in the format of API errors, so that clients can read it. */
function refuseCrossSite({ request, url }: RequestEvent): void {
  const headers = Object.fromEntries(request.headers);
  const ownOrigins = [url.origin];
  const cause = crossSiteRefusal({ method: request.method, headers, ownOrigins, isApi: true });
  if (!cause) return;
  throw new TRPCError({ code: trpcCode(cause.code), message: cause.message, cause });
}
