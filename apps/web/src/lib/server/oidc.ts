// Signing in at the OpenID provider: the browser goes there and comes back, with a secret in a cookie that binds both ways.
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { invitationProof, oidcCookieName } from '@turnover/core/oidc/flows';
import { beginConnection, beginOidc, finishOidc, type OidcBrowser } from '@turnover/core/oidc/sign-in';
import { signOutEverywhere } from '@turnover/core/oidc/sign-out';
import { newSecret } from '@turnover/core/secrets';
import { requireWritable } from '@turnover/core/write-gate';
import { HubError } from '@turnover/domain/errors';
import { oidcFlowMs } from '@turnover/domain/people/oidc';
import { nextPath, withNext } from '#lib/sign-in-path.ts';
import { callerContextOf, guesserAddressOf, hubOf, personContextOf } from './hub.ts';
import { flagsOf, forgetSession, fromOf, isSecure, remember } from './session.ts';

/** Longer than a sign-in may take, so that a page that is left open for a while still works. */
const cookieSeconds = (6 * oidcFlowMs) / 1000;
/** Longer paths would not fit into the cookie; the browser then goes to the start page. */
const maxNextLength = 2000;

/** The provider's name on buttons; null without one. */
export function providerOf(event: RequestEvent): string | null {
  return hubOf(event).ctx.oidc?.settings.label ?? null;
}

/** True when only the provider signs people in. */
export function isProviderOnly(event: RequestEvent): boolean {
  return hubOf(event).ctx.oidc?.settings.only ?? false;
}

/** Where the page of an invitation sends people who want to sign in at the provider; null without one. */
export function invitationPath(event: RequestEvent, secret: string): string | null {
  if (providerOf(event) === null) return null;
  const proof = invitationProof(browserOf(event).secret, secret);
  return `${withNext('/sign-in/oidc', event.url.pathname)}&proof=${proof}`;
}

/** Returns the address of the provider; of the page that says so when it fails. */
export function beginOidcHere(event: RequestEvent): Promise<string> {
  const next = nextPath(event.url.searchParams.get('next'));
  return begin(event, next).catch((error: unknown) => pathOfFailure(event, error, next));
}

async function begin(event: RequestEvent, next: string): Promise<string> {
  const { searchParams } = event.url;
  const ctx = callerContextOf(event);
  await requireWritable(ctx);
  keep(event, nextCookieName(event), next.length <= maxNextLength ? next : '/');
  const ticket = searchParams.get('connect');
  if (ticket !== null) {
    if (!event.locals.person) redirect(303, withNext('/sign-in', '/account'));
    return beginConnection(personContextOf(event), browserOf(event), ticket);
  }
  const secret = invitationOf(next);
  const proof = searchParams.get('proof');
  const invitation = secret !== null && proof !== null ? { secret, proof } : null;
  return beginOidc(ctx, browserOf(event), guesserAddressOf(event), invitation);
}

/** Returns the path to go to; of the page that says so when it failed. */
export function finishOidcHere(event: RequestEvent): Promise<string> {
  const next = nextPath(event.cookies.get(nextCookieName(event)) ?? null);
  return finish(event, next).catch((error: unknown) => pathOfFailure(event, error, next));
}

async function finish(event: RequestEvent, next: string): Promise<string> {
  const ctx = callerContextOf(event);
  await requireWritable(ctx);
  event.cookies.delete(nextCookieName(event), flagsOf(event));
  const { signedIn, joined } = await finishOidc(ctx, {
    browser: browserOf(event),
    search: event.url.search,
    invitation: invitationOf(next),
    locale: event.locals.appearance.locale,
    from: fromOf(event),
    person: event.locals.person,
  });
  if (!signedIn) return '/account';
  return remember(event, signedIn, joined === null ? next : `/p/${joined}`);
}

/** The account page for somebody who wanted to connect their account, or the sign-in page, which keeps the path to go on to. */
function pathOfFailure(event: RequestEvent, error: unknown, next: string): string {
  const reason = reasonOf(error);
  if (reason === null) throw error;
  if (event.locals.person) return `/account?problem=${reason}`;
  const query = new URLSearchParams({ problem: reason, ...(next !== '/' && { next }) });
  return `/sign-in?${query}`;
}

function reasonOf(error: unknown): string | null {
  if (!(error instanceof HubError)) return null;
  if (error.code === 'throttled') return 'busy';
  return error.code === 'oidc_refused' ? String(error.details.reason) : null;
}

/** Ends the session. Returns where the browser signs out at the provider; null when it need not. */
export async function signOutHere(event: RequestEvent, next: string): Promise<string | null> {
  const { sessionToken } = event.locals.credentials;
  forgetSession(event);
  if (!sessionToken) return null;
  return signOutEverywhere(callerContextOf(event), sessionToken, { origin: event.url.origin, next });
}

function invitationOf(next: string): string | null {
  return /^\/invitation\/([\w-]+)$/.exec(next)?.[1] ?? null;
}

function browserOf(event: RequestEvent): OidcBrowser {
  const name = oidcCookieName(isSecure(event));
  const secret = event.cookies.get(name) || newSecret();
  keep(event, name, secret);
  return { secret, origin: event.url.origin };
}

function nextCookieName(event: RequestEvent): string {
  return `${oidcCookieName(isSecure(event))}-next`;
}

function keep(event: RequestEvent, name: string, value: string): void {
  event.cookies.set(name, value, { ...flagsOf(event), maxAge: cookieSeconds });
}
