// The request listener: security headers, then the mount for the prefix, else the pages.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bodyLimitOf, smallBodyBytes } from '@turnover/api/body-limits';
import { crossSiteRefusal } from '@turnover/core/people/cross-site';
import { faultErrorOf } from '@turnover/domain/requests/system-faults';
import { HubError } from '@turnover/domain/errors';
import type { Hub, HubRequest } from '../src/lib/server/hub.ts';
import { credentialsOf } from './credentials.ts';
import { refuseEarly } from './early-refusal.ts';
import { findMount, type Mount } from './mounts.ts';
import { originOf, type Origin, type OriginSettings } from './origin.ts';
import { SenderGone, SmallBodies } from './small-body.ts';

export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

export type ListenerOptions = {
  hub: Hub;
  mounts: readonly Mount[];
  pages: PageHandler;
  origin: OriginSettings;
  bodies?: SmallBodies;
  onUntrustedProxy?: (address: string) => void;
  /** Called once for each request, before it is answered. */
  onRequest?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  reportFailure: (error: unknown, request: IncomingMessage) => void;
};

/** SvelteKit's Node adapter reads a request's protocol, host and address from these headers only. */
export const pageHeaders = {
  PROTOCOL_HEADER: 'x-turnover-protocol',
  HOST_HEADER: 'x-turnover-host',
  ADDRESS_HEADER: 'x-turnover-address',
} as const;

export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Pages replace this policy with a longer one that has a nonce.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * Content security policy of web workers, which comes with the worker's own script. It allows compiling the WebAssembly
 * that hashes files, and no network access.
 */
const workers = {
  prefix: '/_app/immutable/workers/',
  policy: "default-src 'none'; script-src 'wasm-unsafe-eval'",
};

export function createListener(options: ListenerOptions): RequestListener {
  const bodies = options.bodies ?? new SmallBodies();
  return (request, response) => {
    options.onRequest?.(request, response);
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    if (request.url?.startsWith(workers.prefix))
      response.setHeader('content-security-policy', workers.policy);
    const origin = originOf(request, options.origin);
    if (!origin) return refuse(response, 400);
    if (origin.protocol === 'https') response.setHeader('strict-transport-security', 'max-age=31536000');
    if (origin.untrustedProxy !== null) options.onUntrustedProxy?.(origin.untrustedProxy);
    setPageHeaders(request, origin);
    Object.assign(request, { turnover: options.hub, origin } satisfies Partial<HubRequest>);
    answer(request, response, origin, { bodies, ...options }).catch((error: unknown) => {
      if (error instanceof SenderGone) return response.destroy();
      if (error instanceof HubError && !response.headersSent) return refuseEarly(request, response, error);
      options.reportFailure(error, request);
      const fault = faultErrorOf(error);
      if (response.headersSent) response.destroy();
      else if (fault) refuseEarly(request, response, fault);
      else refuse(response, 500);
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  origin: Origin,
  { hub, bodies, mounts, pages }: ListenerOptions & { bodies: SmallBodies },
) {
  const mount = findMount(mounts, request.url ?? '/');
  if (mount?.takesBodies) return mount.handle(request, response);
  const whole = await bodies.receive(request, {
    maxBytes: maxBytesOf(request.url ?? '/'),
    sender: async () => {
      const found = await hub.authenticate(credentialsOf(request, origin.protocol === 'https'));
      return found?.person.id ?? null;
    },
  });
  Object.assign(whole, { turnover: hub, origin } satisfies Partial<HubRequest>);
  if (mount) return mount.handle(whole, response);
  const opened = formSentFrom(request, origin);
  if (opened !== null) return sendBack(request, response, opened);
  await pages(whole, response, () => refuse(response, 404));
}

/** Returns the address from which a form was sent, when the hub is not reached there; null for all other requests. */
function formSentFrom({ method = '', headers }: IncomingMessage, { protocol, host }: Origin): string | null {
  if (!/^application\/x-www-form-urlencoded|^multipart\/form-data/.test(headers['content-type'] ?? ''))
    return null;
  const refusal = crossSiteRefusal({
    method,
    headers,
    ownOrigins: [new URL(`${protocol}://${host}`).origin],
  });
  return refusal?.code === 'wrong_address' ? String(refusal.details.opened) : null;
}

/**
 * Redirects the form to its page, which explains the hub's address. SvelteKit would refuse the form with a bare
 * sentence.
 */
function sendBack(request: IncomingMessage, response: ServerResponse, opened: string): void {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  // The redirect must stay on this hub: `//elsewhere`, `/\elsewhere` and `http://elsewhere` would lead to other hosts.
  const location = `/${path.replace(/^[a-z]+:/i, '').replace(/^[/\\]+/, '')}?${new URLSearchParams({ opened })}`;
  response.writeHead(303, { location, 'content-length': 0 }).end();
}

const apiPath = '/api/trpc/';

/** Returns the maximum length of a body. Forms are small; API calls may be as long as their procedures need. */
function maxBytesOf(url: string): number {
  const path = url.split('?', 1)[0]!;
  return path.startsWith(apiPath) ? bodyLimitOf(path.slice(apiPath.length)) : smallBodyBytes;
}

/** Overwrites these headers on every request, so that no client can set them. */
function setPageHeaders(
  request: IncomingMessage,
  origin: { protocol: string; host: string; address: string },
): void {
  request.headers[pageHeaders.PROTOCOL_HEADER] = origin.protocol;
  request.headers[pageHeaders.HOST_HEADER] = origin.host;
  request.headers[pageHeaders.ADDRESS_HEADER] = origin.address;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}
