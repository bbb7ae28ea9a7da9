// Which downloads nginx sends in place of the hub: those that come through an nginx that says where it reads the vault.
import type { IncomingMessage } from 'node:http';
import { normaliseAddress } from '@turnover/domain/server/addresses';
import { isProxyOf, type OriginSettings } from './origin.ts';

/** nginx sets it for each request, so that no client can. */
const header = 'x-turnover-vault';

/** `location` is the configured one; undefined: the hub sends everything itself. */
export function vaultFor(
  location: string | undefined,
  settings: OriginSettings,
): (request: IncomingMessage) => string | null {
  const isProxy = isProxyOf(settings);
  return ({ headers, socket }) => {
    if (location === undefined || headers[header] !== location) return null;
    return isProxy(normaliseAddress(socket.remoteAddress ?? '') ?? '') ? location : null;
  };
}
