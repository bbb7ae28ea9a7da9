import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { originOf } from './origin.ts';

function request(headers: Record<string, string>, remoteAddress = '192.0.2.7') {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

const bare = { publicUrl: undefined, trustedProxies: [] };

test('on a bare LAN the Host header tells, and it is http', () => {
  expect(originOf(request({ host: 'nas:3000' }), bare)).toEqual({
    protocol: 'http',
    host: 'nas:3000',
    address: '192.0.2.7',
  });
});

test.each(['', 'nas/evil', 'user@nas', 'nas?x', ' '])('a Host header of %j is refused', (host) => {
  expect(originOf(request({ host }), bare)).toBeUndefined();
});

test.each(['nas', 'nas:80', '[::1]:3000', '127.0.0.1:3000', 'NAS.local'])('%s is a host', (host) => {
  expect(originOf(request({ host }), bare)?.host).toBe(host);
});

test('the public address wins over every header', () => {
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

test('forwarded headers of a stranger are ignored', () => {
  expect(originOf(request(forwarded), bare)).toEqual({
    protocol: 'http',
    host: 'inner:3000',
    address: '192.0.2.7',
  });
});

test('a trusted proxy is believed, and only for the hop it saw itself', () => {
  const settings = { publicUrl: undefined, trustedProxies: ['192.0.2.7'] };
  expect(originOf(request(forwarded, '::ffff:192.0.2.7'), settings)).toEqual({
    protocol: 'https',
    host: 'turnover.example',
    address: '198.51.100.4',
  });
});
