// Reads the caller's credentials from the headers: a session cookie or a token.
import type { IncomingMessage } from 'node:http';
import { parseCookie } from 'cookie';
import { sessionCookieName, type Credentials } from '@turnover/core/people/sign-in';

/** Reads the session cookie or the token. The cookie has another name under https, where browsers protect it better. */
export function credentialsOf(request: IncomingMessage, isSecure: boolean): Credentials {
  return {
    sessionToken: cookieOf(request.headers.cookie, sessionCookieName(isSecure)),
    authorization: request.headers.authorization,
  };
}

export function cookieOf(header: string | undefined, name: string): string | undefined {
  return parseCookie(header ?? '')[name];
}
