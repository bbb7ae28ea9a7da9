/**
 * Internet addresses in sockets, headers and settings: read strictly, written in one form, and matched against
 * networks. An IPv4 address is stored as the IPv6 address it maps to, so that both spellings are equal.
 */

/** The eight 16-bit numbers of an IPv6 address. */
type Groups = readonly number[];

export type Network = { groups: Groups; prefixLength: number };

const groupCount = 8;
const groupBits = 16;
/** Prefix length of `::ffff:0:0/96`, the IPv6 range of mapped IPv4 addresses. */
const mappedBits = 96;

/** Networks that a setting can give by name. */
const namedNetworks = new Map<string, readonly string[]>([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10']],
]);

/**
 * Returns the normal form of an address, which may have a port, brackets or quotes, be mapped, have a zone or upper
 * case letters. Null for anything else. `010.0.0.1` is refused because some programs read it as 8.0.0.1.
 */
export function normaliseAddress(text: string): string | null {
  const groups = parseAddress(bareAddress(text));
  return groups && formatAddress(groups);
}

/**
 * Parses a network (`172.18.0.0/16`), an address, or one of the names `loopback` and `private`; null for anything else.
 */
export function parseNetworks(text: string): Network[] | null {
  const named = namedNetworks.get(text.trim().toLowerCase());
  const networks = (named ?? [text]).map(parseNetwork);
  return networks.every((network) => network !== null) ? networks : null;
}

export function isInNetwork(address: string, { groups: network, prefixLength }: Network): boolean {
  const groups = parseAddress(address);
  if (!groups || isMapped(groups) !== isMapped(network)) return false;
  return groups.every((group, index) => {
    const bits = Math.min(groupBits, Math.max(0, prefixLength - index * groupBits));
    return (group ^ network[index]!) >>> (groupBits - bits) === 0;
  });
}

export function isInNetworks(address: string, networks: readonly Network[]): boolean {
  return networks.some((network) => isInNetwork(address, network));
}

/** Returns true for addresses of this machine or its local networks, which the internet cannot reach. */
export function isPrivateAddress(address: string): boolean {
  return isInNetworks(address, nearby);
}

/**
 * Returns the key by which password guesses are counted. For IPv6 it is the /64 network, because each customer of a
 * provider has at least one.
 */
export function throttleKeyOf(address: string): string {
  const groups = parseAddress(address);
  if (!groups || isMapped(groups)) return address;
  return `${formatAddress([...groups.slice(0, 4), 0, 0, 0, 0])}/64`;
}

const nearby: Network[] = ['loopback', 'private'].flatMap((word) => parseNetworks(word)!);

/**
 * Removes the additions that headers write around an address: `"[2001:db8::1]:443"`, `203.0.113.5:51234`,
 * `fe80::1%eth0`.
 */
function bareAddress(text: string): string {
  const unquoted = text.trim().replace(/^"(.*)"$/, '$1');
  const inBrackets = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(unquoted)?.[1];
  const withPort = /^([\d.]+):\d{1,5}$/.exec(unquoted)?.[1];
  const address = inBrackets ?? withPort ?? unquoted;
  return address.includes(':') ? address.replace(/%[^%]*$/, '') : address;
}

function parseNetwork(text: string): Network | null {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const groups = parseAddress(address);
  if (!groups) return null;
  const isIpv4 = !address.includes(':');
  const longest = isIpv4 ? 32 : 128;
  const given = length === undefined ? longest : Number(length);
  if (given > longest) return null;
  const prefixLength = isIpv4 ? mappedBits + given : given;
  // `::ffff:10.0.0.0/64` would contain every IPv4 address, which is never meant.
  return isMapped(groups) && prefixLength < mappedBits ? null : { groups, prefixLength };
}

function parseAddress(text: string): Groups | null {
  return text.includes(':') ? parseIpv6(text) : mapIpv4(parseIpv4(text));
}

function parseIpv4(text: string): [number, number, number, number] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? (bytes as [number, number, number, number]) : null;
}

function mapIpv4(bytes: [number, number, number, number] | null): Groups | null {
  if (!bytes) return null;
  const [a, b, c, d] = bytes;
  return [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Groups | null {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return null;
  const before = readGroups(head, tail === undefined);
  const after = tail === undefined ? [] : readGroups(tail, true);
  if (!before || !after) return null;
  const missing = groupCount - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/**
 * Parses a part of an IPv6 address. `isLast`: the text includes the end of the address, where an IPv4 address may be.
 */
function readGroups(text: string, isLast: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[\da-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const mapped = isLast && index === parts.length - 1 ? mapIpv4(parseIpv4(part)) : null;
      if (!mapped) return null;
      groups.push(...mapped.slice(6));
    }
  }
  return groups;
}

function isMapped(groups: Groups): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

/** Formats an address as RFC 5952 demands: shortens the first of the longest runs of at least two zeros. */
function formatAddress(groups: Groups): string {
  if (isMapped(groups)) {
    return groups
      .slice(6)
      .flatMap((group) => [group >>> 8, group & 255])
      .join('.');
  }
  const { start, length } = longestRunOfZeros(groups);
  const words = groups.map((group) => group.toString(16));
  if (length < 2) return words.join(':');
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`;
}

function longestRunOfZeros(groups: Groups): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groupCount; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}
