// The session cookie of the browser: set at sign-in, removed at sign-out.
import type { RequestEvent } from '@sveltejs/kit';
import {
  beginSession,
  sessionCookieName,
  signIn,
  signOut,
  type SignedIn,
} from '@turnover/core/people/sign-in';
import { deviceCookieMs, deviceCookieName, type From } from '@turnover/core/people/known-origins';
import type { signInInput } from '@turnover/domain/people/accounts';
import type { z } from 'zod';
import { callerContextOf, guesserAddressOf } from './hub.ts';

export async function signInHere(event: RequestEvent, input: z.infer<typeof signInInput>): Promise<void> {
  remember(event, await signIn(callerContextOf(event), input, fromOf(event)));
}

/** Starts a session for a person whose one-time link was just used: needs no password and counts no guess. */
export async function beginSessionOf(
  event: RequestEvent,
  person: { id: string; email: string },
): Promise<void> {
  remember(event, await beginSession(callerContextOf(event), person, fromOf(event)));
}

function remember(event: RequestEvent, { token, expiresAt, device }: SignedIn): void {
  event.cookies.set(nameOf(event), token, { ...flagsOf(event), expires: new Date(expiresAt) });
  const lasting = { ...flagsOf(event), maxAge: deviceCookieMs / 1000 };
  event.cookies.set(deviceCookieName(isSecure(event)), device, lasting);
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
