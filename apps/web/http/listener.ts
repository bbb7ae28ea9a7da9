// The one request listener: security headers, then a mount by its prefix, else the pages.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { crossSiteRefusal } from '@turnover/core/cross-site';
import type { Hub, HubRequest } from '../src/lib/server/hub.ts';
import { findMount, type Mount } from './mounts.ts';
import { originOf, type Origin, type OriginSettings } from './origin.ts';

export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

export type ListenerOptions = {
  hub: Hub;
  mounts: readonly Mount[];
  pages: PageHandler;
  origin: OriginSettings;
  onUntrustedProxy?: (address: string) => void;
  reportFailure: (error: unknown, request: IncomingMessage) => void;
};

/** SvelteKit's Node adapter reads protocol, host and address of a request from these headers alone. */
export const pageHeaders = {
  PROTOCOL_HEADER: 'x-turnover-protocol',
  HOST_HEADER: 'x-turnover-host',
  ADDRESS_HEADER: 'x-turnover-address',
} as const;

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Pages replace it by a fuller one with a nonce.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

export function createListener(options: ListenerOptions): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const origin = originOf(request, options.origin);
    if (!origin) return refuse(response, 400);
    if (origin.protocol === 'https') response.setHeader('strict-transport-security', 'max-age=31536000');
    if (origin.untrustedProxy !== null) options.onUntrustedProxy?.(origin.untrustedProxy);
    setPageHeaders(request, origin);
    Object.assign(request, { turnover: options.hub, origin } satisfies Partial<HubRequest>);
    answer(request, response, options, origin).catch((error: unknown) => {
      options.reportFailure(error, request);
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { mounts, pages }: ListenerOptions,
  origin: Origin,
) {
  const mount = findMount(mounts, request.url ?? '/');
  if (mount) return mount.handle(request, response);
  const opened = formSentFrom(request, origin);
  if (opened !== null) return sendBack(request, response, opened);
  await pages(request, response, () => refuse(response, 404));
}

/** The address of a page with a form that was opened where the hub is not; null for every other request. */
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

/** SvelteKit would refuse it with a bare sentence; the page itself says where the hub is. */
function sendBack(request: IncomingMessage, response: ServerResponse, opened: string): void {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const location = `${path.replace(/^\/+/, '/')}?${new URLSearchParams({ opened })}`;
  response.writeHead(303, { location, 'content-length': 0 }).end();
  request.resume();
}

/** Set for every request, so that nobody outside can. */
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
