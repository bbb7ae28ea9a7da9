// The session cookie of the browser: set at sign-in, removed at sign-out.
import type { RequestEvent } from '@sveltejs/kit';
import {
  beginSession,
  checkHalfSignIn,
  finishSignIn,
  halfCookieName,
  sessionCookieName,
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

/** Completes the sign-in whose first step this browser did. */
export async function finishSignInHere(event: RequestEvent, code: string, next: string): Promise<string> {
  const ctx = callerContextOf(event);
  const path = remember(event, await finishSignIn(ctx, halfTokenOf(event), code, fromOf(event)), next);
  event.cookies.delete(halfCookieName(isSecure(event)), flagsOf(event));
  return path;
}

/** True when this browser did the first step of a sign-in, and the second one is missing. */
export function isHalfSignedIn(event: RequestEvent): boolean {
  try {
    checkHalfSignIn(callerContextOf(event), halfTokenOf(event));
    return true;
  } catch (error) {
    if (error instanceof HubError && error.code === 'link_expired') return false;
    throw error;
  }
}

function halfTokenOf(event: RequestEvent): string {
  return event.cookies.get(halfCookieName(isSecure(event))) ?? '';
}

function remember(event: RequestEvent, { token, expiresAt, device, isHalf }: SignedIn, next: string): string {
  const name = isHalf ? halfCookieName(isSecure(event)) : nameOf(event);
  event.cookies.set(name, token, { ...flagsOf(event), expires: new Date(expiresAt) });
  if (device !== null) {
    const lasting = { ...flagsOf(event), maxAge: deviceCookieMs / 1000 };
    event.cookies.set(deviceCookieName(isSecure(event)), device, lasting);
  }
  return isHalf ? withNext('/sign-in/code', next) : next;
}

function fromOf(event: RequestEvent): From {
  return {
    address: guesserAddressOf(event),
    userAgent: event.request.headers.get('user-agent') ?? '',
    device: event.cookies.get(deviceCookieName(isSecure(event))),
  };
}

export function endSession(event: RequestEvent): void {
  const { sessionToken } = event.locals.credentials;
  if (sessionToken) signOut(callerContextOf(event), sessionToken);
  event.cookies.delete(nameOf(event), flagsOf(event));
}

function nameOf(event: RequestEvent): string {
  return sessionCookieName(isSecure(event));
}

function flagsOf(event: RequestEvent) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(event) } as const;
}

/** Returns true for https, as stated by TURNOVER_URL or a trusted proxy. A bare LAN has no https to require. */
function isSecure({ url }: RequestEvent): boolean {
  return url.protocol === 'https:';
}
