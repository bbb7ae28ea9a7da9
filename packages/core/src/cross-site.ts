/**
 * The one gate against other sites using a visitor's cookie: every request that changes something passes it, and so do
 * the API's, which carry a header that no form can send.
 */

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

/** A browser never adds a token by itself; beside a cookie it could be there to slip past. */
function isByToken(headers: GateRequest['headers']): boolean {
  return /^bearer /i.test(single(headers.authorization) ?? '') && headers.cookie === undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
