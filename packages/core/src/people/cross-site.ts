/**
 * The protection against cross-site request forgery. Every request that changes something is checked here. API calls also
 * need a header that no HTML form can send.
 */

import { HubError } from '@turnover/domain/errors';

export type GateRequest = {
  method: string;
  /** Headers, with names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** The hub's own origins, such as `https://turnover.example`. */
  ownOrigins: readonly string[];
  /** True for API calls: they need the header `x-turnover`, which other sites can add only after a CORS preflight. */
  isApi?: boolean;
};

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

export const apiHeader = 'x-turnover';

/** True when the request comes from another site, or cannot prove that it does not. */
export function isCrossSite({ method, headers, ownOrigins, isApi = false }: GateRequest): boolean {
  if (harmless.has(method.toUpperCase())) return false;
  if (isByToken(headers)) return false;
  if (isApi && !headers[apiHeader]) return true;
  const origin = single(headers.origin);
  if (origin !== undefined) return !ownOrigins.includes(origin.toLowerCase());
  // Requests without an `Origin` come from old browsers or from programs. Then Fetch metadata decides; without it, the
  // request is refused.
  const site = single(headers['sec-fetch-site']);
  return site !== 'same-origin';
}

/**
 * Returns why a request is refused, or null when it may pass. A page that was opened at an address other than the hub's own
 * gets `wrong_address`: its requests look like those of another site, and a sign-in there would not last.
 */
export function crossSiteRefusal(request: GateRequest): HubError | null {
  if (!isCrossSite(request)) return null;
  const { headers, ownOrigins, isApi = false } = request;
  const opened = single(headers.origin)?.toLowerCase();
  const address = ownOrigins[0];
  if (opened && address && !ownOrigins.includes(opened) && isWhereItWent(headers, opened)) {
    const message = `This hub is at ${address}, but it was opened at ${opened}. Open it there, or set TURNOVER_URL.`;
    return new HubError('wrong_address', message, { opened, address });
  }
  return isApi
    ? new HubError('cross_site', 'Calls that change something need the header x-turnover or a token.')
    : new HubError('cross_site', 'This request came from another site.');
}

/**
 * True when the page was served from the host that it calls. Browsers state this in Fetch metadata; over plain HTTP only the
 * Host header shows it.
 */
function isWhereItWent(headers: GateRequest['headers'], opened: string): boolean {
  if (single(headers['sec-fetch-site']) === 'same-origin') return true;
  return URL.canParse(opened) && new URL(opened).host === single(headers.host)?.toLowerCase();
}

/**
 * True when the request authenticates with a token, which a browser never adds by itself. A token next to a cookie does not
 * count, because it could be an attempt to bypass the check.
 */
function isByToken(headers: GateRequest['headers']): boolean {
  return /^bearer /i.test(single(headers.authorization) ?? '') && headers.cookie === undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
