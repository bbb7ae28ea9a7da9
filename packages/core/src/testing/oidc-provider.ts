/** A real OpenID provider in this process, for tests, and a browser that signs in there without a screen. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { providerClient } from './oidc-settings.ts';

export type ProviderPerson = { email?: string; email_verified?: boolean; name?: string; groups?: string[] };

export type TestProvider = {
  issuer: string;
  /** What people are, by the login that they type. Anybody can sign in with any password. */
  people: Map<string, ProviderPerson>;
  close(): Promise<void>;
};

/** `hub`: the address at which the hub runs. */
export async function startOidcProvider(hub: string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people: TestProvider['people'] = new Map();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: providerClient.clientId,
        client_secret: providerClient.clientSecret,
        redirect_uris: [`${hub}/sign-in/oidc/callback`],
        post_logout_redirect_uris: [`${hub}/sign-in`],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => Promise.resolve({ sub: accountId, ...people.get(accountId) }),
    }),
    // Nobody is asked whether the hub may know them.
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'test' }] },
    cookies: { keys: ['a key for cookies'] },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    people,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Signs in at the provider and returns the address of the hub to which it sends the browser back. */
export async function signInAtProvider(begun: string, login: string): Promise<URL> {
  const { origin } = new URL(begun);
  const cookies = new Map<string, string>();
  let url = new URL(begun);
  let body: URLSearchParams | undefined;
  for (let hops = 0; hops < 12; hops++) {
    if (url.origin !== origin) return url;
    const response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      body: body ?? null,
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]!.split('=');
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const text = await response.text();
    const action = /<form[^>]+action="([^"]+)"/.exec(text)?.[1];
    if (location === null && action === undefined)
      throw new Error(`The provider answers ${response.status}: ${text}`);
    url = new URL(location ?? action!, url);
    body = location === null ? new URLSearchParams({ prompt: 'login', login, password: 'any' }) : undefined;
  }
  throw new Error('The provider does not send the browser back.');
}
