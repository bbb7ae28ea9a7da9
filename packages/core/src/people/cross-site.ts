/**
 * The one gate against other sites using a visitor's cookie: every request that changes something passes it, and so do
 * the API's, which carry a header that no form can send.
 */

import { HubError } from '@turnover/domain/errors';

export type GateRequest = {
  method: string;
  /** Names in lower case. */
  headers: Record<string, string | string[] | undefined>;
  /** Origins at which this hub is at home, such as `https://turnover.example`. */
  ownOrigins: readonly string[];
  /** Calls of the API: refused without `x-turnover`, which other sites cannot add without being asked first. */
  isApi?: boolean;
};

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

export const apiHeader = 'x-turnover';

/** Whether it comes from elsewhere, or cannot show that it does not. */
export function isCrossSite({ method, headers, ownOrigins, isApi = false }: GateRequest): boolean {
  if (harmless.has(method.toUpperCase())) return false;
  if (isByToken(headers)) return false;
  if (isApi && !headers[apiHeader]) return true;
  const origin = single(headers.origin);
  if (origin !== undefined) return !ownOrigins.includes(origin.toLowerCase());
  // No origin: an old browser's form or a program. Fetch metadata decides; without either nothing speaks for it.
  const site = single(headers['sec-fetch-site']);
  return site !== 'same-origin';
}

/**
 * Why a request is refused; null: it may pass. A page that was opened at an address which is not the hub's is told so: its
 * own requests look as if they came from another site, and its sign-in would never be kept.
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

/** Whether the page that asks was served from where it asks: browsers say so, over plain http only the host tells. */
function isWhereItWent(headers: GateRequest['headers'], opened: string): boolean {
  if (single(headers['sec-fetch-site']) === 'same-origin') return true;
  return URL.canParse(opened) && new URL(opened).host === single(headers.host)?.toLowerCase();
}

/** A browser never adds a token by itself; beside a cookie it could be there to slip past. */
function isByToken(headers: GateRequest['headers']): boolean {
  return /^bearer /i.test(single(headers.authorization) ?? '') && headers.cookie === undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
