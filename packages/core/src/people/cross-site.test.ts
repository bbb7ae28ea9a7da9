import { describe, expect, test } from 'vitest';
import { crossSiteRefusal, isCrossSite } from './cross-site.ts';

const ownOrigins = ['https://turnover.example', 'http://localhost:3000'];
const own = { origin: 'https://turnover.example' };
const isRefused = (headers: Record<string, string>, method = 'POST', isApi = false) =>
  isCrossSite({ method, headers, ownOrigins, isApi });

describe('accepts', () => {
  test.each<[string, Record<string, string>, string?]>([
    ['reading, from wherever', { origin: 'https://evil.example' }, 'GET'],
    ['our own origin', own],
    ['another address of ours', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }],
    ['no origin, but the browser says it is ours', { 'sec-fetch-site': 'same-origin' }],
    ['a program with a token', { authorization: 'Bearer turnover_x' }],
    [
      'a program with a token and any origin',
      { authorization: 'bearer x', origin: 'https://evil.example' },
      'PATCH',
    ],
  ])('%s', (_, headers, method) => {
    expect(isRefused(headers, method)).toBe(false);
  });
});

describe('refuses', () => {
  test.each<[string, Record<string, string>, string?]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['a subdomain', { origin: 'https://a.turnover.example', 'sec-fetch-site': 'same-site' }],
    ['another port', { origin: 'https://turnover.example:444' }],
    ['plain http of a https origin', { origin: 'http://turnover.example' }],
    ['an origin that begins like ours', { origin: 'https://turnover.example.evil.example' }],
    ['the null origin of a sandbox', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['no origin, from another site', { 'sec-fetch-site': 'cross-site' }],
    ['no origin, from a sister site', { 'sec-fetch-site': 'same-site' }],
    ['no origin, typed by hand', { 'sec-fetch-site': 'none' }],
    ['nothing that speaks for it', {}],
    [
      'a token beside a cookie',
      { authorization: 'Bearer x', cookie: 'turnover=y', origin: 'https://evil.example' },
    ],
    ['other credentials than a token', { authorization: 'Basic x' }],
    ['a method nobody has heard of', { origin: 'https://evil.example' }, 'PROPPATCH'],
    ['bytes of an upload', { origin: 'https://evil.example' }, 'PATCH'],
    ['a discarded upload', { origin: 'https://evil.example' }, 'DELETE'],
  ])('%s', (_, headers, method) => {
    expect(isRefused(headers, method)).toBe(true);
  });
});

test('the API also requires its own header, except from programs with a token', () => {
  expect(isRefused(own, 'POST', true)).toBe(true);
  expect(isRefused({ ...own, 'x-turnover': '1' }, 'POST', true)).toBe(false);
  expect(isRefused({ origin: 'https://evil.example', 'x-turnover': '1' }, 'POST', true)).toBe(true);
  expect(isRefused({ authorization: 'Bearer x' }, 'POST', true)).toBe(false);
});

describe('a page that was opened at an address other than the hub’s', () => {
  const refusal = (headers: Record<string, string>, isApi = false) =>
    crossSiteRefusal({ method: 'POST', headers, ownOrigins: ['https://turnover.example'], isApi });

  test.each<[string, Record<string, string>]>([
    ['an address of the local network', { origin: 'http://192.168.1.20:3000', host: '192.168.1.20:3000' }],
    ['plain http', { origin: 'http://turnover.example', host: 'turnover.example' }],
    ['another name, as the browser says', { origin: 'https://hub.example', 'sec-fetch-site': 'same-origin' }],
    [
      'through a proxy that rewrites Host',
      { origin: 'https://hub.example', host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' },
    ],
    ['IPv6', { origin: 'http://[fd00::1]:3000', host: '[FD00::1]:3000' }],
  ])('%s', (_name, headers) => {
    for (const isApi of [false, true]) {
      const { code, details } = refusal({ ...headers, 'x-turnover': 'web' }, isApi)!;
      expect({ code, details }).toEqual({
        code: 'wrong_address',
        details: { opened: headers.origin, address: 'https://turnover.example' },
      });
    }
  });

  test.each<[string, Record<string, string>]>([
    ['another site', { origin: 'https://evil.example', host: 'turnover.example' }],
    [
      'a sister site',
      { origin: 'https://evil.example', host: 'turnover.example', 'sec-fetch-site': 'same-site' },
    ],
    ['a sandbox', { origin: 'null', host: 'null' }],
    ['nothing', {}],
  ])('refuses as cross-site: %s', (_name, headers) => {
    expect(refusal(headers)?.code).toBe('cross_site');
    expect(refusal(headers, true)?.code).toBe('cross_site');
  });

  test('returns null for a request that may pass', () => {
    expect(refusal({ origin: 'https://turnover.example' })).toBeNull();
    expect(refusal({ authorization: 'Bearer x', origin: 'https://hub.example' }, true)).toBeNull();
  });
});
