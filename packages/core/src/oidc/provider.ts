/**
 * Speaks to the OpenID provider of the house, by openid-client. What the provider says about itself is fetched when it is first
 * needed and again every hour, so that the hub starts while the provider is down. Every answer has a time limit and a size
 * limit, and no redirect is followed. The library is loaded with its first use.
 */
import { setTimeout } from 'node:timers/promises';
import { HubError } from '@turnover/domain/errors';
import type { OidcSettings, ProviderClaims } from '@turnover/domain/people/oidc';
import type { OidcRefusal } from '@turnover/domain/people/oidc-refusals';
import type { Configuration, CustomFetch, IDToken, UserInfoResponse } from 'openid-client';
import type { Clock, Log, OidcProvider } from '../context.ts';
import { claimsOf } from './claims.ts';

const library = () => import('openid-client');
type Library = Awaited<ReturnType<typeof library>>;

const defaultTimeoutSeconds = 10;
const maxAnswerBytes = 1024 * 1024;
/** Clocks of the hub and the provider may differ by this much. */
const skewSeconds = 60;
const refreshMs = 3600_000;
/** How long a sign-out waits for what the provider says about itself. */
const signOutWaitMs = 2000;

/** Addresses to which browsers are sent. */
const browserEndpoints = ['authorization_endpoint', 'end_session_endpoint'] as const;

type Answers = { idToken: IDToken; userInfo: UserInfoResponse | undefined };

export function openOidcProvider(
  settings: OidcSettings,
  clock: Clock,
  log: Log,
  timeoutSeconds = defaultTimeoutSeconds,
): OidcProvider {
  const { discover, discoverSoon } = cached(() => discovered(settings, timeoutSeconds), clock, log);

  /** Turns every failure into one of our reasons. The log says what happened, never a token. */
  async function refuseWithReason<Result>(step: string, act: (client: Library) => Promise<Result>) {
    try {
      return await act(await library());
    } catch (error) {
      if (error instanceof HubError) throw error;
      const reason = reasonOf(error);
      log(reason === 'denied' || reason === 'expired' ? 'info' : 'warn', 'oidc.failed', {
        step,
        reason,
        ...namesOf(error),
      });
      throw oidcRefused(reason);
    }
  }

  return {
    beginUrl: ({ redirectUri, state, nonce, verifier }) =>
      refuseWithReason('begin', async (client) => {
        const url = client.buildAuthorizationUrl(await discover(), {
          redirect_uri: redirectUri,
          scope: settings.scopes,
          response_type: 'code',
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        });
        return url.href;
      }),
    exchange: (answer, { state, nonce, verifier }) =>
      refuseWithReason('exchange', async (client) => {
        const config = await discover();
        const tokens = await client.authorizationCodeGrant(config, answer, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const idToken = tokens.claims()!;
        const needsMore = claimsToAskFor(settings).some((claim) => idToken[claim] === undefined);
        const userInfo =
          needsMore && config.serverMetadata().userinfo_endpoint
            ? await client.fetchUserInfo(config, tokens.access_token, idToken.sub)
            : undefined;
        return readClaims({ idToken, userInfo }, settings, tokens.id_token!);
      }),
    endUrl: ({ redirectUri, state, idToken }) =>
      refuseWithReason('end', async (client) => {
        const config = await discoverSoon();
        if (!config.serverMetadata().end_session_endpoint) return null;
        const url = client.buildEndSessionUrl(config, { post_logout_redirect_uri: redirectUri });
        if (idToken !== '') url.searchParams.set('id_token_hint', idToken);
        if (state !== '') url.searchParams.set('state', state);
        return url.href;
      }),
  };
}

/** People ask at the same time, so they share one attempt. An old answer serves while a new one cannot be had. */
function cached(fetchNow: () => Promise<Configuration>, clock: Clock, log: Log) {
  let known: { config: Configuration; at: number } | undefined;
  let running: Promise<Configuration> | undefined;

  async function refresh(): Promise<Configuration> {
    try {
      const config = await fetchNow();
      known = { config, at: clock() };
      return config;
    } catch (error) {
      if (!known) throw error;
      log('warn', 'oidc.stale', namesOf(error));
      known.at = clock();
      return known.config;
    } finally {
      running = undefined;
    }
  }

  function discover(): Promise<Configuration> {
    if (known && Math.abs(clock() - known.at) < refreshMs) return Promise.resolve(known.config);
    return (running ??= refresh());
  }

  /** For somebody who signs out, and does not wait for a provider that is down: an old answer does. */
  function discoverSoon(): Promise<Configuration> {
    return known ? Promise.resolve(known.config) : Promise.race([discover(), refusedAfter(signOutWaitMs)]);
  }

  return { discover, discoverSoon };
}

async function refusedAfter(ms: number): Promise<never> {
  await setTimeout(ms, undefined, { ref: false });
  throw oidcRefused('down');
}

async function discovered(
  { issuer, clientId, clientSecret }: OidcSettings,
  timeoutSeconds: number,
): Promise<Configuration> {
  const client = await library();
  const isPlain = new URL(issuer).protocol === 'http:';
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    { [client.clockTolerance]: skewSeconds },
    clientSecret === undefined ? client.None() : authentication(client, clientSecret),
    {
      timeout: timeoutSeconds,
      [client.customFetch]: boundedFetch,
      execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
    },
  );
  const metadata = config.serverMetadata();
  for (const name of browserEndpoints) {
    const address = metadata[name];
    if (address !== undefined && !isWebAddress(address, isPlain))
      throw new Error(`${name} is no https address.`);
  }
  return config;
}

/** By the header, unless the provider says that it takes the secret in the body only. */
function authentication(client: Library, secret: string) {
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return ((server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const takesPostOnly = methods.includes('client_secret_post') && !methods.includes('client_secret_basic');
    return (takesPostOnly ? post : basic)(server, ...rest);
  }) satisfies ReturnType<Library['ClientSecretBasic']>;
}

function isWebAddress(address: string, isPlain: boolean): boolean {
  const protocol = URL.parse(address)?.protocol;
  return protocol === 'https:' || (isPlain && protocol === 'http:');
}

/** Reads the whole answer within the time limit of the request, and not more than fits. */
const boundedFetch: CustomFetch = async (url, options) => {
  const response = await fetch(url, options as RequestInit);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw new Error('The answer of the provider is too large.');
    chunks.push(chunk);
  }
  const { status, statusText, headers } = response;
  const hasNoBody = [101, 204, 205, 304].includes(status);
  return new Response(hasNoBody ? null : Buffer.concat(chunks), { status, statusText, headers });
};

/** Claims that the id token may leave to the endpoint for more. */
function claimsToAskFor({ groupsClaim, roles, companies }: OidcSettings): string[] {
  const ofGroups = roles.length + companies.length > 0 ? [groupsClaim] : [];
  return ['email', 'email_verified', 'name', ...ofGroups];
}

function readClaims({ idToken, userInfo }: Answers, settings: OidcSettings, text: string): ProviderClaims {
  const claims = { ...userInfo, ...idToken, ...addressOf([idToken, userInfo]), amr: idToken.amr };
  return claimsOf(claims, settings.groupsClaim, text);
}

/** The address and its confirmation from one answer: another answer may confirm another address. */
function addressOf(answers: readonly Partial<UserInfoResponse | IDToken | undefined>[]) {
  const stating = answers.filter((answer) => answer?.email !== undefined);
  const source = stating.find((answer) => answer?.email_verified !== undefined) ?? stating[0];
  return { email: source?.email, email_verified: source?.email_verified };
}

export function oidcRefused(reason: OidcRefusal): HubError {
  return new HubError('oidc_refused', `The sign-in at the OpenID provider failed: ${reason}.`, { reason });
}

const broughtDown = ['server_error', 'temporarily_unavailable'];

function reasonOf(error: unknown): OidcRefusal {
  const chain = causesOf(error);
  const texts = chain.flatMap(({ name, code, error: word }) => [name, code, word]);
  if (chain.some(({ status }) => typeof status === 'number' && status >= 500)) return 'down';
  if (texts.includes('invalid_grant')) return 'expired';
  if (texts.includes('OAUTH_AUTHORIZATION_RESPONSE_ERROR'))
    return texts.some((text) => broughtDown.includes(String(text))) ? 'down' : 'denied';
  const isOfNetwork = texts.some((text) =>
    /^(TimeoutError|AbortError|OAUTH_TIMEOUT)$|^E[A-Z]+$|^UND_ERR/.test(String(text)),
  );
  return isOfNetwork ? 'down' : 'wrong';
}

type Cause = { name?: unknown; code?: unknown; error?: unknown; status?: unknown; message?: unknown };

function causesOf(error: unknown): Cause[] {
  const chain: Cause[] = [];
  for (let cause = error; typeof cause === 'object' && cause !== null && chain.length < 5;) {
    chain.push(cause);
    cause = (cause as { cause?: unknown }).cause;
  }
  return chain;
}

/** Names and codes only: other facts of these errors hold tokens and claims. */
function namesOf(error: unknown): Record<string, unknown> {
  const [first, ...causes] = causesOf(error);
  const codes = [first, ...causes].flatMap((each) => (typeof each?.code === 'string' ? [each.code] : []));
  const word = typeof first?.error === 'string' ? first.error.slice(0, 100) : undefined;
  return { message: String(first?.message).slice(0, 300), codes, ...(word !== undefined && { error: word }) };
}
