import type { IncomingMessage } from 'node:http';
import { loadConfig } from '@turnover/config/config';
import { expect, test } from 'vitest';
import { originOf, readTrustedProxies } from './origin.ts';

function request(headers: Record<string, string>, remoteAddress = '192.0.2.7', httpVersion = '1.1') {
  return { headers, httpVersion, socket: { remoteAddress } } as unknown as IncomingMessage;
}

const bare = { publicUrl: undefined, trustedProxies: [] };

test('without a proxy, uses the Host header and http', () => {
  expect(originOf(request({ host: 'nas:3000' }), bare)).toEqual({
    protocol: 'http',
    host: 'nas:3000',
    address: '192.0.2.7',
    untrustedProxy: null,
    isShared: false,
    direct: 'http://nas:3000',
  });
});

test.each(['', 'nas/evil', 'user@nas', 'nas?x', ' '])('refuses a Host header of %j', (host) => {
  expect(originOf(request({ host }), bare)).toBeUndefined();
});

test.each(['nas', 'nas:80', '[::1]:3000', '127.0.0.1:3000', 'NAS.local'])('accepts %s as a host', (host) => {
  expect(originOf(request({ host }), bare)?.host).toBe(host);
});

test('prefers the public address to every header', () => {
  const settings = { publicUrl: 'https://turnover.example', trustedProxies: [] };
  expect(originOf(request({ host: 'evil' }), settings)).toMatchObject({
    protocol: 'https',
    host: 'turnover.example',
  });
});

const forwarded = {
  host: 'inner:3000',
  'x-forwarded-host': 'turnover.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-for': '203.0.113.9, 198.51.100.4',
};

test('ignores forwarded headers of untrusted senders', () => {
  expect(originOf(request(forwarded), bare)).toEqual({
    protocol: 'http',
    host: 'inner:3000',
    address: '192.0.2.7',
    untrustedProxy: null,
    isShared: false,
    direct: null,
  });
});

test('trusts a proxy only for the hop it saw itself', () => {
  expect(originOf(request(forwarded, '::ffff:192.0.2.7'), trusting('192.0.2.7'))).toEqual({
    protocol: 'https',
    host: 'turnover.example',
    address: '198.51.100.4',
    untrustedProxy: null,
    isShared: false,
    direct: null,
  });
});

function trusting(...networks: string[]) {
  return { publicUrl: undefined, trustedProxies: readTrustedProxies(networks) };
}

function addressOf(peer: string, forwardedFor: string, ...networks: string[]) {
  return originOf(request({ host: 'hub', 'x-forwarded-for': forwardedFor }, peer), trusting(...networks));
}

test.each([
  ['one proxy of a network', '172.18.0.3', '203.0.113.5', ['172.18.0.0/16'], '203.0.113.5'],
  ['a forged entry before it', '172.18.0.3', '192.0.2.1, 203.0.113.5', ['172.18.0.0/16'], '203.0.113.5'],
  ['two proxies', '172.18.0.3', '203.0.113.5, 10.0.0.9', ['172.18.0.0/16', '10.0.0.9'], '203.0.113.5'],
  ['two proxies and a forgery', '172.18.0.3', '1.1.1.1, 203.0.113.5, 10.0.0.9', ['private'], '203.0.113.5'],
  [
    'the outer one is a stranger',
    '172.18.0.3',
    '203.0.113.5, 198.51.100.9',
    ['172.18.0.0/16'],
    '198.51.100.9',
  ],
  ['with a port', '127.0.0.1', '203.0.113.5:51234', ['loopback'], '203.0.113.5'],
  ['mapped', '::ffff:127.0.0.1', '::ffff:203.0.113.5', ['127.0.0.1'], '203.0.113.5'],
  ['IPv6 with a port', '::1', '[2001:DB8::1]:443', ['loopback'], '2001:db8::1'],
  ['with a zone', 'fe80::2%eth0', 'fe80::1%eth0', ['fe80::2'], 'fe80::1'],
  ['a word for an address', '127.0.0.1', '203.0.113.5, unknown', ['loopback'], '127.0.0.1'],
  ['nothing', '127.0.0.1', '', ['loopback'], '127.0.0.1'],
  ['nobody trusted', '172.18.0.3', '203.0.113.5', [], '172.18.0.3'],
])(
  'X-Forwarded-For is read from the right, through trusted proxies only: %s',
  (_name, peer, list, networks, address) => {
    expect(addressOf(peer, list, ...networks)?.address).toBe(address);
  },
);

test('uses the value of the outermost trusted proxy, whether proxies append or replace', () => {
  const via = { host: 'inner', 'x-forwarded-for': '203.0.113.5, 10.0.0.9' };
  const at = (headers: Record<string, string>) =>
    originOf(request({ ...via, ...headers }, '10.0.0.1'), trusting('10.0.0.0/8'));
  expect(at({ 'x-forwarded-proto': 'https, http' })?.protocol).toBe('https');
  expect(at({ 'x-forwarded-proto': 'https' })?.protocol).toBe('https');
  expect(at({ 'x-forwarded-proto': 'https, http, http' })?.protocol).toBe('http');
  expect(at({ 'x-forwarded-host': 'hub.example, inner' })?.host).toBe('hub.example');
  expect(at({ 'x-forwarded-host': '' })?.host).toBe('inner');
});

test.each([
  [
    'a proxy of the local network that nobody named',
    '172.18.0.3',
    { 'x-forwarded-for': '203.0.113.5' },
    '172.18.0.3',
    true,
  ],
  ['a proxy on this machine that says nothing', '127.0.0.1', {}, null, true],
  [
    'somebody on the internet who only pretends',
    '203.0.113.5',
    { 'x-forwarded-for': '1.1.1.1' },
    null,
    false,
  ],
  ['somebody on the local network', '192.168.1.50', {}, null, false],
])('%s', (_name, peer, headers, untrustedProxy, isShared) => {
  expect(originOf(request({ host: 'hub', ...headers }, peer), bare)).toMatchObject({
    untrustedProxy,
    isShared,
  });
});

test('reports the direct address only when nothing suggests a proxy', () => {
  const settings = { publicUrl: 'https://hub.example', trustedProxies: readTrustedProxies(['loopback']) };
  const direct = (headers: Record<string, string>, peer = '192.168.1.50', version = '1.1') =>
    originOf(request({ host: '192.168.1.20:3000', ...headers }, peer, version), settings)?.direct;
  expect(direct({})).toBe('http://192.168.1.20:3000');
  expect(direct({ host: 'hub.example:80' })).toBe('http://hub.example');
  expect(direct({}, '127.0.0.1')).toBeNull();
  expect(direct({}, '192.168.1.50', '1.0')).toBeNull();
  for (const name of ['via', 'forwarded', 'x-real-ip', 'x-forwarded-for'])
    expect(direct({ [name]: 'x' })).toBeNull();
});

test('treats the address of a proxy that names no client as shared', () => {
  expect(addressOf('172.18.0.3', '', '172.18.0.0/16')).toMatchObject({
    isShared: true,
    untrustedProxy: null,
  });
});

test('reads every network that the settings accept', () => {
  const given =
    '127.0.0.1, ::1, 10.0.0.0/8, fd00::/8, ::ffff:10.0.0.1, 2001:DB8::/33, loopback, PRIVATE, 0.0.0.0/0, ::/0';
  const { trustedProxies } = loadConfig({ TURNOVER_TRUSTED_PROXY: given });
  expect(trustedProxies).toHaveLength(10);
  expect(readTrustedProxies(trustedProxies)).toHaveLength(16);
  expect(() => readTrustedProxies(['proxy.example'])).toThrow('TURNOVER_TRUSTED_PROXY');
});
