import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderClaims } from '@turnover/domain/people/oidc';
import type { OidcProvider } from '../context.ts';
import { startLyingProvider, type LyingProvider } from '../testing/lying-provider.ts';
import { providerClient, settingsFor } from '../testing/oidc-settings.ts';
import { openOidcProvider } from './provider.ts';

const redirectUri = 'https://hub.example/sign-in/oidc/callback';
const proof = { state: 'a state', nonce: 'a nonce', verifier: 'v'.repeat(43) };

let liar: LyingProvider;
let provider: OidcProvider;
let logged: { event: string; facts?: Record<string, unknown> | undefined }[];
let now: number;
beforeEach(async () => {
  liar = await startLyingProvider(providerClient.clientId);
  logged = [];
  now = 0;
  provider = open();
});
afterEach(() => liar.close());

const open = (timeoutSeconds?: number) =>
  openOidcProvider(
    settingsFor(liar.issuer, { roles: [{ group: 'a', gives: { role: 'owner' } }] }),
    () => now,
    (_level, event, facts) => logged.push({ event, facts }),
    timeoutSeconds,
  );

async function signIn(change: (back: URL) => void = () => undefined): Promise<ProviderClaims> {
  const back = liar.begin(await provider.beginUrl({ ...proof, redirectUri }));
  change(back);
  return provider.exchange(back, proof);
}

const refusedWith = (reason: string) => ({ code: 'oidc_refused', details: { reason } });
const seconds = () => Math.floor(Date.now() / 1000);

test('believes an honest provider', async () => {
  liar.lies.claims = { email: 'Anna@Example.test', email_verified: true, name: 'Anna', groups: ['a', 'b'] };
  expect(await signIn()).toMatchObject({
    issuer: liar.issuer,
    subject: 'anna',
    email: 'anna@example.test',
    isEmailVerified: true,
    name: 'Anna',
    groups: ['a', 'b'],
    hasManyFactors: false,
  });
  expect(logged).toEqual([]);
});

test('asks with a code challenge, a state and a nonce', async () => {
  const url = new URL(await provider.beginUrl({ ...proof, redirectUri }));
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: providerClient.clientId,
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    code_challenge_method: 'S256',
    state: proof.state,
    nonce: proof.nonce,
  });
  expect(url.href).not.toContain(proof.verifier);
});

describe('refuses a token', () => {
  test.each<[string, Partial<LyingProvider['lies']>]>([
    ['without a signature', { header: { alg: 'none' }, signature: 'none' }],
    ['whose signature was cut off', { signature: 'none' }],
    ['of another key', { signature: 'otherKey' }],
    ['that is signed with our own secret', { header: { alg: 'HS256' }, signature: 'hmac' }],
    ['of a key that the provider does not list', { header: { kid: 'two' } }],
    ['for another audience', { claims: { aud: 'another hub' } }],
    ['for several audiences, of which another one asked', { claims: { aud: ['turnover', 'x'], azp: 'x' } }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['with another nonce', { claims: { nonce: 'an old nonce' } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['that has expired', { claims: { exp: seconds() - 120 } }],
    ['that is not valid yet', { claims: { nbf: seconds() + 300 } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['with a subject that is no text', { claims: { sub: 7 } }],
    ['with an endless subject', { claims: { sub: 'x'.repeat(256) } }],
  ])('%s', async (_what, lie) => {
    Object.assign(liar.lies, lie);
    await expect(signIn()).rejects.toMatchObject(refusedWith('wrong'));
  });

  test('but takes one whose clock is a little off', async () => {
    liar.lies.claims = { exp: seconds() - 30, nbf: seconds() + 30 };
    await expect(signIn()).resolves.toMatchObject({ subject: 'anna' });
  });
});

describe('refuses an answer', () => {
  test.each<[string, (back: URL) => void, string]>([
    ['of another provider', (back) => back.searchParams.set('iss', 'https://evil.example'), 'wrong'],
    ['that does not name the provider', (back) => back.searchParams.delete('iss'), 'wrong'],
    ['with another state', (back) => back.searchParams.set('state', 'another'), 'wrong'],
    ['with two states', (back) => back.searchParams.append('state', 'another'), 'wrong'],
    ['without a code', (back) => back.searchParams.delete('code'), 'wrong'],
    ['of somebody who broke off', (back) => back.searchParams.set('error', 'access_denied'), 'denied'],
    [
      'of a provider that cannot now',
      (back) => back.searchParams.set('error', 'temporarily_unavailable'),
      'down',
    ],
  ])('%s', async (_what, change, reason) => {
    await expect(signIn(change)).rejects.toMatchObject(refusedWith(reason));
  });
});

describe('the endpoint for more', () => {
  test('adds what the token leaves out', async () => {
    liar.lies.answers['/me'] = { sub: 'anna', email: 'anna@example.test', groups: 'a' };
    expect(await signIn()).toMatchObject({ email: 'anna@example.test', groups: ['a'] });
  });

  test('confirms its own address only, and says nothing about factors', async () => {
    liar.lies.claims = { email: 'chosen@example.test' };
    liar.lies.answers['/me'] = {
      sub: 'anna',
      email: 'anna@example.test',
      email_verified: true,
      amr: ['mfa'],
    };
    expect(await signIn()).toMatchObject({
      email: 'anna@example.test',
      isEmailVerified: true,
      hasManyFactors: false,
    });
    liar.lies.answers['/me'] = { sub: 'anna', email_verified: true };
    expect(await signIn()).toMatchObject({ email: 'chosen@example.test', isEmailVerified: null });
  });

  test('may not speak about somebody else', async () => {
    liar.lies.answers['/me'] = { sub: 'otto', email: 'otto@example.test' };
    await expect(signIn()).rejects.toMatchObject(refusedWith('wrong'));
  });
});

describe('groups', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no list', { groups: { a: true } }],
    ['a list of other things', { groups: ['a', 7] }],
    ['too many', { groups: Array.from({ length: 5001 }, String) }],
    ['left out because they are too many', { _claim_names: { groups: 'src1' } }],
  ])('that are %s refuse the sign-in, so that nobody loses roles by mistake', async (_what, claims) => {
    liar.lies.claims = claims;
    await expect(signIn()).rejects.toMatchObject(refusedWith('groups'));
  });

  test('that are missing are none', async () => {
    expect(await signIn()).toMatchObject({ groups: [] });
  });
});

test.each([
  [['mfa'], true],
  [['pwd', 'otp'], true],
  [['pwd'], false],
  [['otp'], false],
  ['mfa', false],
])('reads from amr %j whether there were two factors: %s', async (amr, expected) => {
  liar.lies.claims = { amr };
  expect(await signIn()).toMatchObject({ hasManyFactors: expected });
});

describe('a provider that is not well', () => {
  const discovery = '/.well-known/openid-configuration';
  const begin = () => provider.beginUrl({ ...proof, redirectUri });

  test('is said to be down when nothing listens', async () => {
    await liar.close();
    await expect(begin()).rejects.toMatchObject(refusedWith('down'));
    expect(logged).toMatchObject([{ event: 'oidc.failed', facts: { step: 'begin', reason: 'down' } }]);
  });

  test('is asked again at the next sign-in', async () => {
    liar.lies.answers[discovery] = (response) => response.writeHead(503).end();
    await expect(begin()).rejects.toMatchObject(refusedWith('down'));
    delete liar.lies.answers[discovery];
    await expect(signIn()).resolves.toMatchObject({ subject: 'anna' });
  });

  test('is asked once by people who come together, and again after an hour', async () => {
    await Promise.all([begin(), begin(), begin()]);
    await begin();
    expect(liar.asked).toEqual([discovery]);
    now += 3600_000;
    liar.lies.answers[discovery] = (response) => response.writeHead(503).end();
    // What it said earlier serves until it is well.
    await expect(begin()).resolves.toContain(`${liar.issuer}/authorize`);
    expect(logged).toMatchObject([{ event: 'oidc.stale' }]);
    await begin();
    expect(liar.asked).toEqual([discovery, discovery]);
  });

  test.each<[string, string, (response: ServerResponse) => void, string]>([
    ['sends too much', discovery, (response) => response.end(Buffer.alloc(2 * 1024 * 1024, 'x')), 'wrong'],
    [
      'redirects elsewhere',
      discovery,
      (response) => response.writeHead(302, { location: 'https://evil.example' }).end(),
      'wrong',
    ],
    ['sends no JSON', discovery, (response) => response.end('<html>'), 'wrong'],
    ['breaks off', '/token', (response) => response.destroy(), 'down'],
    [
      'redirects the exchange',
      '/token',
      (response) => response.writeHead(307, { location: 'https://evil.example' }).end(),
      'wrong',
    ],
    [
      'sends too much in the exchange',
      '/token',
      (response) => response.end(Buffer.alloc(2 * 1024 * 1024, 'x')),
      'wrong',
    ],
    ['fails', '/token', (response) => response.writeHead(500).end(), 'down'],
    ['has no keys', '/jwks', (response) => response.writeHead(404).end(), 'wrong'],
  ])('%s (%s)', async (_what, path, answer, reason) => {
    liar.lies.answers[path] = answer;
    await expect(signIn()).rejects.toMatchObject(refusedWith(reason));
  });

  test.each([discovery, '/jwks', '/token'])('does not answer (%s)', async (path) => {
    liar.lies.answers[path] = (response) => response.write('{');
    provider = open(0.2);
    await expect(signIn()).rejects.toMatchObject(refusedWith('down'));
  });

  test('does not take a code twice', async () => {
    liar.lies.answers['/token'] = (response) =>
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    await expect(signIn()).rejects.toMatchObject(refusedWith('expired'));
  });

  test.each([
    { issuer: 'https://evil.example' },
    { authorization_endpoint: 'javascript:alert(1)' },
    { end_session_endpoint: 'ftp://evil.example' },
  ])('says %j about itself', async (metadata) => {
    liar.lies.metadata = metadata;
    await expect(begin()).rejects.toMatchObject(refusedWith('wrong'));
  });

  test('logs no token and no claim', async () => {
    liar.lies.claims = { nonce: 'an old nonce', email: 'anna@example.test' };
    await expect(signIn()).rejects.toThrow();
    expect(logged).toHaveLength(1);
    const text = JSON.stringify(logged);
    for (const secret of [
      'an old nonce',
      'anna@example.test',
      'access token',
      'a code',
      providerClient.clientSecret,
    ])
      expect(text).not.toContain(secret);
  });
});

describe('signing out', () => {
  const asked = { redirectUri: 'https://hub.example/sign-in', state: '/p/x', idToken: 'the token' };

  test('goes to the provider with the token', async () => {
    const url = new URL((await provider.endUrl(asked))!);
    expect(url.pathname).toBe('/end');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: providerClient.clientId,
      id_token_hint: 'the token',
      post_logout_redirect_uri: 'https://hub.example/sign-in',
      state: '/p/x',
    });
  });

  test('does not wait for a provider that is down: what it said earlier does', async () => {
    await provider.beginUrl({ ...proof, redirectUri });
    now += 3600_000;
    liar.lies.answers['/.well-known/openid-configuration'] = (response) => response.write('{');
    expect(await provider.endUrl(asked)).toContain('/end?');
    // Another process, which the provider told nothing yet.
    await expect(open().endUrl(asked)).rejects.toMatchObject(refusedWith('down'));
  });

  test('stays here when the provider offers nothing', async () => {
    liar.lies.metadata = { end_session_endpoint: undefined };
    expect(await provider.endUrl(asked)).toBeNull();
  });
});
