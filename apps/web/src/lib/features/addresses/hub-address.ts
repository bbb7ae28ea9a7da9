/** Where the hub is, against where somebody opened it: a sign-in at any other address is never kept. */

export type HubAddress = {
  /** As the server sees it, such as `https://hub.example`. */
  address: string;
  /** False: nobody said so, and a proxy may have rewritten it. */
  isSet: boolean;
  /** Where the browser seems to be, as far as the server can tell; null when all looks well. */
  opened: string | null;
};

/**
 * What to say about it. `go`: to the hub's own address. `set`: the address that was opened is the better one, or the only one
 * that is known to work, so that it has to become the hub's.
 */
export type AddressAdvice = { advice: 'go' | 'set'; opened: string; isInsecure: boolean };

/** `opened`: `location.origin`, which alone tells the truth behind proxies; the server's guess before that is known. */
export function adviseOn({ address, isSet }: HubAddress, opened: string | null): AddressAdvice | null {
  if (opened === null || opened === address) return null;
  const [at, own] = [new URL(opened), new URL(address)];
  // Going from https to http on the same host would lead back here: whoever serves https redirects to it.
  const isBetter = at.protocol === 'https:' && own.protocol === 'http:' && at.hostname === own.hostname;
  const isInsecure = at.protocol === 'http:' && own.protocol === 'https:';
  return { advice: isSet && !isBetter ? 'go' : 'set', opened, isInsecure };
}

/** An origin and nothing more, or null: it comes from outside and is shown. */
export function readOrigin(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const { origin, protocol } = new URL(text);
  return /^https?:$/.test(protocol) && origin === text ? origin : null;
}
