/** Compares the hub's address with the opened one: browsers do not keep a session of another address. */

export type HubAddress = {
  /** The server's address, such as `https://hub.example`. */
  address: string;
  /** False when the address is not configured, in which case a proxy may have rewritten it. */
  isSet: boolean;
  /** The address that the browser seems to use, as far as the server can tell; null when it matches. */
  opened: string | null;
};

/**
 * `go`: open the hub's own address. `set`: configure the hub with the opened address, which is better than the current
 * one or the only one known to work.
 */
export type AddressAdvice = { advice: 'go' | 'set'; opened: string; isInsecure: boolean };

/**
 * Returns the advice. `opened` is `location.origin`, which is right even behind proxies; before hydration it is the
 * server's guess.
 */
export function adviseOn({ address, isSet }: HubAddress, opened: string | null): AddressAdvice | null {
  if (opened === null || opened === address) return null;
  const [at, own] = [new URL(opened), new URL(address)];
  // Switching from https to http on the same host would loop: a server with https redirects back to it.
  const isBetter = at.protocol === 'https:' && own.protocol === 'http:' && at.hostname === own.hostname;
  const isInsecure = at.protocol === 'http:' && own.protocol === 'https:';
  return { advice: isSet && !isBetter ? 'go' : 'set', opened, isInsecure };
}

/** Returns the text only if it is exactly an origin: it comes from outside and is shown. */
export function readOrigin(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const { origin, protocol } = new URL(text);
  return /^https?:$/.test(protocol) && origin === text ? origin : null;
}
