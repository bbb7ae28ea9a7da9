// Determines the address that the browser uses, for a server that may be behind proxies or on a plain LAN.
import type { IncomingMessage } from 'node:http';
import {
  isInNetworks,
  isPrivateAddress,
  normaliseAddress,
  parseNetworks,
  type Network,
} from '@turnover/domain/server/addresses';

export type OriginSettings = {
  /** TURNOVER_URL. When set, it overrides everything in the request. */
  publicUrl: string | undefined;
  /** The addresses of proxies whose forwarded headers are trusted. */
  trustedProxies: readonly Network[];
};

export type Origin = {
  protocol: 'http' | 'https';
  host: string;
  /** The client's address, as far as trusted proxies report it. */
  address: string;
  /** The address of a peer that forwards requests without being trusted; null when there is none. */
  untrustedProxy: string | null;
  /** True when many clients may share `address`: it belongs to a proxy that names no client, or to this machine. */
  isShared: boolean;
  /** The requested address when nothing suggests a proxy in between; otherwise null. */
  direct: string | null;
};

/** Parses the validated setting TURNOVER_TRUSTED_PROXY. */
export function readTrustedProxies(settings: readonly string[]): Network[] {
  return settings.flatMap((text) => {
    const networks = parseNetworks(text);
    if (!networks)
      throw new Error('TURNOVER_TRUSTED_PROXY names something that is no address and no network.');
    return networks;
  });
}

/** Returns undefined when the request names no host. */
export function originOf(request: IncomingMessage, settings: OriginSettings): Origin | undefined {
  const peer = normaliseAddress(request.socket.remoteAddress ?? '') ?? '';
  const { address, hops } = clientOf(peer, request, settings.trustedProxies);
  const untrustedProxy = untrustedProxyOf(peer, hops, request);
  const isShared =
    untrustedProxy !== null || isInNetworks(address, [...settings.trustedProxies, ...thisMachine]);
  const from = { address, untrustedProxy, isShared, direct: directOf(request, hops) };
  if (settings.publicUrl) {
    const url = new URL(settings.publicUrl);
    return { protocol: url.protocol === 'https:' ? 'https' : 'http', host: url.host, ...from };
  }
  const host = forwarded(request, 'x-forwarded-host', hops) ?? request.headers.host;
  if (!host || !isHost(host)) return undefined;
  const protocol = forwarded(request, 'x-forwarded-proto', hops) === 'https' ? 'https' : 'http';
  return { protocol, host, ...from };
}

/**
 * Reads X-Forwarded-For from the right. Each proxy appends its caller, so an entry counts as long as a trusted proxy wrote it.
 * `hops` is the number of trusted proxies the request came through.
 */
function clientOf(peer: string, request: IncomingMessage, trusted: readonly Network[]) {
  const entries = listOf(request, 'x-forwarded-for');
  let address = peer;
  let hops = 0;
  while (isInNetworks(address, trusted)) {
    hops++;
    const entry = normaliseAddress(entries.at(-hops) ?? '');
    if (entry === null) break;
    address = entry;
  }
  return { address, hops };
}

/** Addresses of a proxy on this machine, such as one that was set up with `proxy_pass` and nothing else. */
const thisMachine = readTrustedProxies(['loopback']);

const signsOfProxies = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'via',
  'x-real-ip',
];

/**
 * Returns the requested address when there seems to be no proxy. nginx with its defaults uses HTTP/1.0 and adds no
 * header; no browser uses HTTP/1.0.
 */
function directOf(request: IncomingMessage, hops: number): string | null {
  const { host } = request.headers;
  if (hops > 0 || request.httpVersion === '1.0' || !host || !isHost(host)) return null;
  if (signsOfProxies.some((name) => request.headers[name] !== undefined)) return null;
  return new URL(`http://${host}`).origin;
}

/**
 * Returns the peer when it forwards requests without being trusted. Ignores public addresses: an internet client that
 * sends the header is not a proxy.
 */
function untrustedProxyOf(peer: string, hops: number, request: IncomingMessage): string | null {
  const forwards = hops === 0 && request.headers['x-forwarded-for'] !== undefined;
  return forwards && isPrivateAddress(peer) ? peer : null;
}

/** Returns the value that the outermost trusted proxy wrote. Some proxies append to the list, others replace it. */
function forwarded(request: IncomingMessage, name: string, hops: number): string | undefined {
  const values = listOf(request, name);
  return (hops > 0 && values.at(-Math.min(hops, values.length))) || undefined;
}

function listOf(request: IncomingMessage, name: string): string[] {
  const header = request.headers[name];
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .map((value) => value.trim());
}

/** Returns true for a name or address, optionally with a port, that contains no character of another part of a URL. */
function isHost(text: string): boolean {
  return /^[^\s/\\@?#]+$/.test(text) && URL.canParse(`http://${text}`);
}

/**
 * Returns a function that tells whether everybody may come from an address: a trusted proxy, or an untrusted one on
 * this machine.
 */
export function isProxyOf({ trustedProxies }: OriginSettings): (address: string) => boolean {
  return (address) => isInNetworks(address, [...trustedProxies, ...thisMachine]);
}
