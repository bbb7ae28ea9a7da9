// Remembers peers that forward requests without being trusted, for the log and the owners' page. Everybody behind such
// a proxy appears under one address.
import type { Log } from '@turnover/core/context';

/** The most remembered addresses: anybody on the local network can send the header. */
const maxAddresses = 10;

export class UntrustedProxies {
  readonly addresses = new Set<string>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  note(address: string): void {
    if (this.addresses.has(address) || this.addresses.size >= maxAddresses) return;
    this.addresses.add(address);
    this.#log('warn', 'proxy.notTrusted', {
      address,
      advice: `Requests from ${address} carry X-Forwarded-For, which is not believed. If this is your reverse proxy, add it to TURNOVER_TRUSTED_PROXY; until then everybody behind it counts as one address.`,
    });
  }
}
