// The session cookie of the browser: set at sign-in, removed at sign-out.
import type { RequestEvent } from '@sveltejs/kit';
import type { Context } from '@turnover/core/context';
import {
  beginSession,
  describeHalfSignIn,
  finishByPasskey,
  finishSignIn,
  firstStepOptions,
  halfCookieName,
  secondStepOptions,
  sessionCookieName,
  signInByPasskey,
  signIn,
  signOut,
  type SignedIn,
} from '@turnover/core/people/sign-in';
import { deviceCookieMs, deviceCookieName, type From } from '@turnover/core/people/known-origins';
import { HubError } from '@turnover/domain/errors';
import type { signInInput } from '@turnover/domain/people/accounts';
import type { z } from 'zod';
import { withNext } from '#lib/sign-in-path.ts';
import { callerContextOf, guesserAddressOf } from './hub.ts';

/** Returns the path to go to: `next`, or the page of the second step. */
export async function signInHere(
  event: RequestEvent,
  input: z.infer<typeof signInInput>,
  next: string,
): Promise<string> {
  return remember(event, await signIn(callerContextOf(event), input, fromOf(event)), next);
}

/** Starts a session for a person whose one-time link was just used: needs no password and counts no guess. */
export async function beginSessionOf(
  event: RequestEvent,
  person: { id: string; email: string },
  next: string,
): Promise<string> {
  return remember(event, await beginSession(callerContextOf(event), person, fromOf(event)), next);
}

/** Completes the sign-in whose first step this browser did, with a code. */
export async function finishSignInHere(event: RequestEvent, code: string, next: string): Promise<string> {
  return finished(event, await finishSignIn(...partsOf(event), code, fromOf(event)), next);
}

/** As `finishSignInHere`, with the answer of a passkey. */
export async function finishByPasskeyHere(
  event: RequestEvent,
  answer: string,
  next: string,
): Promise<string> {
  return finished(event, await finishByPasskey(...partsOf(event), answer, fromOf(event)), next);
}

export async function signInByPasskeyHere(
  event: RequestEvent,
  answer: string,
  next: string,
): Promise<string> {
  return finished(event, await signInByPasskey(callerContextOf(event), answer, fromOf(event)), next);
}

/** What the browser needs for its passkey: to sign in with it alone, or as the second step. */
export function passkeyOptionsHere(event: RequestEvent, step: 'first' | 'second'): Promise<string> {
  return step === 'second'
    ? secondStepOptions(...partsOf(event))
    : firstStepOptions(callerContextOf(event), guesserAddressOf(event));
}

/** How the second step can be done; null when this browser did no first step, or too long ago. */
export function halfSignInOf(event: RequestEvent): ReturnType<typeof describeHalfSignIn> | null {
  try {
    return describeHalfSignIn(...partsOf(event));
  } catch (error) {
    if (error instanceof HubError && error.code === 'link_expired') return null;
    throw error;
  }
}

function partsOf(event: RequestEvent): [ctx: Context, token: string] {
  return [callerContextOf(event), halfTokenOf(event)];
}

/** The half sign-in of this browser is over, whether it was completed or a passkey took its place. */
function finished(event: RequestEvent, signedIn: SignedIn, next: string): string {
  const path = remember(event, signedIn, next);
  event.cookies.delete(halfCookieName(isSecure(event)), flagsOf(event));
  return path;
}

function halfTokenOf(event: RequestEvent): string {
  return event.cookies.get(halfCookieName(isSecure(event))) ?? '';
}

/**
 * Sets the cookies of a sign-in, which takes the place of one that this browser had: nobody could end that one here any more.
 * Returns the path to go to: `next`, or the page of the second step.
 */
export function remember(
  event: RequestEvent,
  { token, expiresAt, device, isHalf }: SignedIn,
  next: string,
): string {
  const { sessionToken } = event.locals.credentials;
  if (!isHalf && sessionToken) signOut(callerContextOf(event), sessionToken);
  const name = isHalf ? halfCookieName(isSecure(event)) : nameOf(event);
  event.cookies.set(name, token, { ...flagsOf(event), expires: new Date(expiresAt) });
  if (device !== null) {
    const lasting = { ...flagsOf(event), maxAge: deviceCookieMs / 1000 };
    event.cookies.set(deviceCookieName(isSecure(event)), device, lasting);
  }
  return isHalf ? withNext('/sign-in/code', next) : next;
}

export function fromOf(event: RequestEvent): From {
  return {
    address: guesserAddressOf(event),
    userAgent: event.request.headers.get('user-agent') ?? '',
    device: event.cookies.get(deviceCookieName(isSecure(event))),
  };
}

export function forgetSession(event: RequestEvent): void {
  event.cookies.delete(nameOf(event), flagsOf(event));
}

function nameOf(event: RequestEvent): string {
  return sessionCookieName(isSecure(event));
}

export function flagsOf(event: RequestEvent) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(event) } as const;
}

/** Returns true for https, as stated by TURNOVER_URL or a trusted proxy. A bare LAN has no https to require. */
export function isSecure({ url }: RequestEvent): boolean {
  return url.protocol === 'https:';
}
