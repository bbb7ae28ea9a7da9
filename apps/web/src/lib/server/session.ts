// The session in the browser: its cookie, set at sign-in and taken away at sign-out.
import type { RequestEvent } from '@sveltejs/kit';
import { sessionCookieName, signIn, signOut } from '@turnover/core/authenticate';
import type { signInInput } from '@turnover/domain/accounts';
import type { z } from 'zod';
import { guesserAddressOf, hubOf } from './hub.ts';

export async function beginSession(event: RequestEvent, input: z.infer<typeof signInInput>): Promise<void> {
  const { token, expiresAt } = await signIn(hubOf(event).ctx, input, {
    address: guesserAddressOf(event),
    userAgent: event.request.headers.get('user-agent') ?? '',
  });
  event.cookies.set(nameOf(event), token, { ...flagsOf(event), expires: new Date(expiresAt) });
}

export async function endSession(event: RequestEvent): Promise<void> {
  const { sessionToken } = event.locals.credentials;
  if (sessionToken) await signOut(hubOf(event).ctx, sessionToken);
  event.cookies.delete(nameOf(event), flagsOf(event));
}

function nameOf(event: RequestEvent): string {
  return sessionCookieName(isSecure(event));
}

function flagsOf(event: RequestEvent) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(event) } as const;
}

/** By TURNOVER_URL or what a trusted proxy says; on a bare LAN there is no https to insist on. */
function isSecure({ url }: RequestEvent): boolean {
  return url.protocol === 'https:';
}
