/** An OpenID provider that tells what a test wants, true or not. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = Record<string, unknown> | ((response: ServerResponse) => void);

export type LyingProvider = {
  issuer: string;
  /** What its token says instead of the truth. */
  lies: {
    claims: Record<string, unknown>;
    header: Record<string, unknown>;
    /** Replaces the signature. */
    signature?: 'none' | 'otherKey' | 'hmac';
    /** Replaces the answer at this path. */
    answers: Record<string, Answer>;
    metadata: Record<string, unknown>;
  };
  /** The paths that were asked for. */
  asked: string[];
  /** The nonce that it received, as browsers bring it. */
  begin(url: string): URL;
  close(): Promise<void>;
};

export async function startLyingProvider(clientId: string): Promise<LyingProvider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const lies: LyingProvider['lies'] = { claims: {}, header: {}, answers: {}, metadata: {} };
  const asked: string[] = [];
  let nonce = '';
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname;
    asked.push(path);
    const answer = lies.answers[path] ?? truth()[path];
    if (typeof answer === 'function') return answer(response);
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const truth = (): Record<string, Answer> => ({
    '/.well-known/openid-configuration': {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/me`,
      end_session_endpoint: `${issuer}/end`,
      authorization_response_iss_parameter_supported: true,
      ...lies.metadata,
    },
    '/jwks': {
      keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }],
    },
    '/token': { access_token: 'an access token', token_type: 'bearer', id_token: idToken() },
    '/me': { sub: 'anna' },
  });

  function idToken(): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: clientId,
      sub: 'anna',
      iat: now,
      exp: now + 300,
      nonce,
      ...lies.claims,
    };
    const header = { alg: 'RS256', kid: 'one', ...lies.header };
    const text = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${signatureOf(text)}`;
  }

  function signatureOf(text: string): string {
    if (lies.signature === 'none') return '';
    if (lies.signature === 'hmac')
      return createHmac('sha256', 'the secret of the hub').update(text).digest('base64url');
    const { privateKey } = lies.signature === 'otherKey' ? other : keys;
    return sign('sha256', Buffer.from(text), privateKey).toString('base64url');
  }

  return {
    issuer,
    lies,
    asked,
    begin(url) {
      const { searchParams } = new URL(url);
      nonce = searchParams.get('nonce') ?? '';
      const back = new URL(searchParams.get('redirect_uri')!);
      for (const [name, value] of Object.entries({
        code: 'a code',
        iss: issuer,
        state: searchParams.get('state')!,
      }))
        back.searchParams.set(name, value);
      return back;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
