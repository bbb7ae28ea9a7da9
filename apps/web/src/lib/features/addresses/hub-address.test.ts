import { expect, test } from 'vitest';
import { adviseOn, readOrigin } from './hub-address.ts';

const set = { address: 'https://hub.example', isSet: true, opened: null };
const unset = { address: 'http://127.0.0.1:3000', isSet: false, opened: null };

test.each([
  ['at its own address', set, 'https://hub.example', null],
  ['before the browser has said where it is', set, null, null],
  ['by the address of the machine', set, 'http://192.168.1.20:3000', { advice: 'go', isInsecure: true }],
  ['without https', set, 'http://hub.example', { advice: 'go', isInsecure: true }],
  ['by another name', set, 'https://turnover.example', { advice: 'go', isInsecure: false }],
  ['at another port', set, 'https://hub.example:8443', { advice: 'go', isInsecure: false }],
  [
    'through https although http is set',
    { ...set, address: 'http://hub.example' },
    'https://hub.example',
    { advice: 'set', isInsecure: false },
  ],
  [
    'by an address of the local network although another is set',
    { ...set, address: 'http://nas.local:3000' },
    'http://192.168.1.20:3000',
    { advice: 'go', isInsecure: false },
  ],
  [
    'through a proxy that rewrites the host',
    unset,
    'http://hub.local:8080',
    { advice: 'set', isInsecure: false },
  ],
  ['through a proxy with https', unset, 'https://hub.example', { advice: 'set', isInsecure: false }],
] as const)('opened %s', (_name, address, opened, expected) => {
  expect(adviseOn(address, opened)).toEqual(expected && { ...expected, opened });
});

test.each([
  ['https://hub.example', 'https://hub.example'],
  ['http://192.168.1.20:3000', 'http://192.168.1.20:3000'],
  ['https://hub.example/', null],
  ['https://hub.example/path', null],
  ['javascript:alert(1)', null],
  ['https://name@hub.example', null],
  ['words', null],
  ['', null],
  [null, null],
])('%j is the origin %j', (text, origin) => {
  expect(readOrigin(text)).toBe(origin);
});
