// Who asks, as headers tell it: a session in a cookie, or a token.
import type { IncomingMessage } from 'node:http';
import { sessionCookieName, type Credentials } from '@turnover/core/people/sign-in';

/** The cookie has another name under https, where browsers guard it better. */
export function credentialsOf(request: IncomingMessage, isSecure: boolean): Credentials {
  return {
    sessionToken: cookieOf(request.headers.cookie ?? '', sessionCookieName(isSecure)),
    authorization: request.headers.authorization,
  };
}

export function cookieOf(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
