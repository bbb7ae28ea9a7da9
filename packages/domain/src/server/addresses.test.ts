import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isInNetwork,
  isInNetworks,
  isPrivateAddress,
  normaliseAddress,
  parseNetworks,
  throttleKeyOf,
} from './addresses.ts';

describe('an address has one form', () => {
  test.each([
    ['203.0.113.5', '203.0.113.5'],
    [' 203.0.113.5 ', '203.0.113.5'],
    ['203.0.113.5:51234', '203.0.113.5'],
    ['::ffff:203.0.113.5', '203.0.113.5'],
    ['::FFFF:203.0.113.5', '203.0.113.5'],
    ['::ffff:cb00:7105', '203.0.113.5'],
    ['[::ffff:203.0.113.5]:51234', '203.0.113.5'],
    ['"203.0.113.5:51234"', '203.0.113.5'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8::1]:443"', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:3000', 'fe80::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s', (text, address) => {
    expect(normaliseAddress(text)).toBe(address);
  });

  test.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'proxy.example',
    'localhost',
    '-',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '010.0.0.1',
    '0x7f.0.0.1',
    '1.2.3.4%eth0',
    '1.2.3.-4',
    '1..2.3',
    '1.2.3.4:',
    '1.2.3.4:123456',
    '1.2.3.4/24',
    '2130706433',
    '１.2.3.4',
    '1.2.3.4, 5.6.7.8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':1',
    '1:',
    ':::',
    '12345::',
    'g::',
    '[::1',
    '::1]',
    '[::1]443',
    '[]:443',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    '1:2:3:4:5:6:7::8:9',
  ])('%j is no address', (text) => {
    expect(normaliseAddress(text)).toBeNull();
  });

  test('accepts exactly the addresses that Node accepts', () => {
    const anything = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abf:.') }),
      fc.ipV4().map((address) => `::ffff:${address}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        // Only `normaliseAddress` accepts ports; Node does not.
        fc.pre(!/^[\d.]+:\d{1,5}$/.test(text));
        expect(normaliseAddress(text) !== null).toBe(isIP(text) !== 0);
      }),
      { numRuns: 1000 },
    );
  });

  test('a normal form stays unchanged, and means the same address to Node', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = normaliseAddress(text)!;
        expect(normaliseAddress(address)).toBe(address);
        expect(normaliseAddress(`[${text}]:443`)).toBe(address);
        const only = new BlockList();
        only.addAddress(text, isIPv4(text) ? 'ipv4' : 'ipv6');
        expect(only.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('networks', () => {
  test.each([
    ['172.18.0.0/16', '172.18.255.255', true],
    ['172.18.0.0/16', '172.19.0.0', false],
    ['172.18.0.9/16', '172.18.0.1', true],
    ['172.18.0.0/16', '::ffff:172.18.4.4', true],
    ['::ffff:172.18.0.0/112', '172.18.4.4', true],
    ['::ffff:172.18.0.0/112', '172.19.4.4', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['0.0.0.0/0', '203.0.113.5', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.5', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['fd00::/8', 'fdff::1', true],
    ['loopback', '127.9.9.9', true],
    ['loopback', '::1', true],
    ['Private', '192.168.1.20', true],
    ['private', 'fd12::1', true],
    ['private', '127.0.0.1', false],
    ['private', '8.8.8.8', false],
  ])('%s: %s %s', (network, address, expected) => {
    expect(isInNetworks(address, parseNetworks(network)!)).toBe(expected);
  });

  test.each([
    '',
    'proxy.example',
    'public',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '/8',
    '10.0.0.0/8/8',
    '10/8',
    '::/129',
    '::ffff:10.0.0.0/64',
    '10.0.0.1:80',
    '10.0.0.0/08x',
    '10.0.0.0 /8x',
    '__proto__',
    'constructor',
  ])('%j is no network', (text) => {
    expect(parseNetworks(text)).toBeNull();
  });

  test('a network contains the addresses that Node says it contains', () => {
    const network4 = fc.record({ base: fc.ipV4(), bits: fc.integer({ min: 0, max: 32 }), other: fc.ipV4() });
    const network6 = fc.record({ base: fc.ipV6(), bits: fc.integer({ min: 0, max: 128 }), other: fc.ipV6() });
    fc.assert(
      fc.property(fc.oneof(network4, network6), ({ base, bits, other }) => {
        fc.pre(!normaliseAddress(base)!.includes('.') || isIPv4(base));
        fc.pre(!normaliseAddress(other)!.includes('.') || isIPv4(other));
        const family = isIPv6(base) ? 'ipv6' : 'ipv4';
        const list = new BlockList();
        list.addSubnet(base, bits, family);
        const [network] = parseNetworks(`${base}/${bits}`)!;
        expect(isInNetwork(other, network!)).toBe(list.check(other, family));
        expect(isInNetwork(base, network!)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['127.0.0.1', true],
  ['192.168.1.20', true],
  ['172.18.0.3', true],
  ['::1', true],
  ['fe80::1', true],
  ['203.0.113.5', false],
  ['2001:db8::1', false],
  ['not an address', false],
])('%s is private: %s', (address, expected) => {
  expect(isPrivateAddress(address)).toBe(expected);
});

test('counts guesses by IPv4 address, and by /64 network of IPv6', () => {
  expect(throttleKeyOf('203.0.113.5')).toBe('203.0.113.5');
  expect(throttleKeyOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(throttleKeyOf('2001:db8:1:2::1')).toBe(throttleKeyOf('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(throttleKeyOf('2001:db8:1:3::1')).not.toBe(throttleKeyOf('2001:db8:1:2::1'));
  expect(throttleKeyOf('elsewhere')).toBe('elsewhere');
});
