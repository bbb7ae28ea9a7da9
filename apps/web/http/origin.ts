// Where the browser thinks it is talking to, for a server that may stand behind a proxy or on a bare LAN.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

export type OriginSettings = {
  /** TURNOVER_URL. When set, it is the truth, whatever a request says. */
  publicUrl: string | undefined;
  /** Addresses of proxies whose forwarded headers are believed. */
  trustedProxies: readonly string[];
};

export type Origin = { protocol: 'http' | 'https'; host: string; address: string };

/** Undefined when the request does not say which host it wants. */
export function originOf(request: IncomingMessage, settings: OriginSettings): Origin | undefined {
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  const trusted = settings.trustedProxies.includes(peer);
  const address = (trusted && forwardedAddress(request)) || peer;
  if (settings.publicUrl) {
    const url = new URL(settings.publicUrl);
    return { protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.host, address };
  }
  const host = (trusted && lastOf(request.headers['x-forwarded-host'])) || request.headers.host;
  if (!host || !isHost(host)) return undefined;
  const protocol = trusted && lastOf(request.headers['x-forwarded-proto']) === 'https' ? 'https' : 'http';
  return { protocol, host, address };
}

/** The nearest proxy appends to the list; everything before its word came from outside. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return (
    String(header ?? '')
      .split(',')
      .at(-1)
      ?.trim() || undefined
  );
}

function forwardedAddress(request: IncomingMessage): string | undefined {
  const address = lastOf(request.headers['x-forwarded-for']);
  return address && isIP(address) ? address : undefined;
}

/** A name or address, perhaps with a port; nothing that would turn into another part of an address. */
function isHost(text: string): boolean {
  return /^[^\s/\\@?#]+$/.test(text) && URL.canParse(`http://${text}`);
}

/** A socket that takes both families shows IPv4 peers as ::ffff:192.0.2.1. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:/i, '');
}
