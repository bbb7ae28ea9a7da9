// Where the browser thinks it is talking to, for a server that may stand behind proxies or on a bare LAN.
import type { IncomingMessage } from 'node:http';
import {
  isInNetworks,
  isPrivateAddress,
  normaliseAddress,
  parseNetworks,
  type Network,
} from '@turnover/domain/server/addresses';

export type OriginSettings = {
  /** TURNOVER_URL. When set, it is the truth, whatever a request says. */
  publicUrl: string | undefined;
  /** Where the proxies are whose forwarded headers are believed. */
  trustedProxies: readonly Network[];
};

export type Origin = {
  protocol: 'http' | 'https';
  host: string;
  /** Of whoever asks, as far as trusted proxies tell. */
  address: string;
  /** The address of a neighbour that forwards for others and is not trusted to. */
  untrustedProxy: string | null;
  /** `address` may stand for everybody: it is that of a proxy that names nobody behind it, or of this machine. */
  isShared: boolean;
  /** What was asked for, when nothing suggests that a proxy stands between; else null. */
  direct: string | null;
};

/** From TURNOVER_TRUSTED_PROXY, which has been checked. */
export function readTrustedProxies(settings: readonly string[]): Network[] {
  return settings.flatMap((text) => {
    const networks = parseNetworks(text);
    if (!networks)
      throw new Error('TURNOVER_TRUSTED_PROXY names something that is no address and no network.');
    return networks;
  });
}

/** Undefined when the request does not say which host it wants. */
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
 * X-Forwarded-For from the right: each proxy appends whom it was called by, so that an entry is believed as long as
 * the one that wrote it is a trusted proxy. `hops`: how many of them the request came through.
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

/** Where a proxy sits that was set up with `proxy_pass` and nothing else. */
const thisMachine = readTrustedProxies(['loopback']);

const signsOfProxies = [
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'via',
  'x-real-ip',
];

/** nginx without settings speaks HTTP/1.0 and adds nothing; no browser does either. */
function directOf(request: IncomingMessage, hops: number): string | null {
  const { host } = request.headers;
  if (hops > 0 || request.httpVersion === '1.0' || !host || !isHost(host)) return null;
  if (signsOfProxies.some((name) => request.headers[name] !== undefined)) return null;
  return new URL(`http://${host}`).origin;
}

/** Somebody on the internet who sends the header only pretends. */
function untrustedProxyOf(peer: string, hops: number, request: IncomingMessage): string | null {
  const forwards = hops === 0 && request.headers['x-forwarded-for'] !== undefined;
  return forwards && isPrivateAddress(peer) ? peer : null;
}

/** What the outermost trusted proxy saw. Some proxies append to the list, others write a single value anew. */
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

/** A name or address, perhaps with a port; nothing that would turn into another part of an address. */
function isHost(text: string): boolean {
  return /^[^\s/\\@?#]+$/.test(text) && URL.canParse(`http://${text}`);
}

/** Whether everybody may come from this address: it is a trusted proxy, or one on this machine that nobody trusts yet. */
export function isProxyOf({ trustedProxies }: OriginSettings): (address: string) => boolean {
  return (address) => isInNetworks(address, [...trustedProxies, ...thisMachine]);
}
