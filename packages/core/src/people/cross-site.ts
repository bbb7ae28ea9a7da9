/**
 * The only protection against other sites that use a visitor's cookie. Every request that changes something passes
 * through it. Calls of the API also need a header that no form can send.
 */

import { HubError } from '@turnover/domain/errors';

export type GateRequest = {
  method: string;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** The hub's own origins, such as `https://turnover.example`. */
  ownOrigins: readonly string[];
  /**
   * True for calls of the API: they need the header `x-turnover`, which other sites can add only after a CORS
   * preflight.
   */
  isApi?: boolean;
};

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

export const apiHeader = 'x-turnover';

/** True when the request comes from another site, or cannot show that it does not. */
export function isCrossSite({ method, headers, ownOrigins, isApi = false }: GateRequest): boolean {
  if (harmless.has(method.toUpperCase())) return false;
  if (isByToken(headers)) return false;
  if (isApi && !headers[apiHeader]) return true;
  const origin = single(headers.origin);
  if (origin !== undefined) return !ownOrigins.includes(origin.toLowerCase());
  // Without an origin it is an old browser's form or a program. Then Fetch metadata decides; without that the request
  // is refused.
  const site = single(headers['sec-fetch-site']);
  return site !== 'same-origin';
}

/**
 * Why a request is refused; null when it may pass. A page that was opened at a wrong address gets `wrong_address`:
 * its own requests look like those of another site, and its sign-in would never last.
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
 * True when the page was served from the host that it calls. Browsers say so in Fetch metadata; over plain http only
 * the Host header shows it.
 */
function isWhereItWent(headers: GateRequest['headers'], opened: string): boolean {
  if (single(headers['sec-fetch-site']) === 'same-origin') return true;
  return URL.canParse(opened) && new URL(opened).host === single(headers.host)?.toLowerCase();
}

/**
 * A browser never adds a token by itself. A token beside a cookie does not count, because it could be an attempt to
 * get past the check.
 */
function isByToken(headers: GateRequest['headers']): boolean {
  return /^bearer /i.test(single(headers.authorization) ?? '') && headers.cookie === undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
