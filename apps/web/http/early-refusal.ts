/** Refuses a request before a page or procedure handles it: as an API error for programs, else as a line of text. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpStatus, type HubError } from '@turnover/domain/errors';
import { retryAfterOf } from '@turnover/domain/requests/system-faults';
import { chooseLocale, localeCookie } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { withLocale } from '@turnover/messages/server-locale';
import { cookieOf } from './credentials.ts';

/** How long to keep reading from a refused sender, so that it can read the answer before the connection closes. */
const lingerMs = 2000;

export function refuseEarly(request: IncomingMessage, response: ServerResponse, error: HubError): void {
  const status = httpStatus[error.code];
  const isApi = (request.url ?? '').startsWith('/api/');
  const body = isApi ? apiBody(error, status) : `${wordsIn(request, error)}\n`;
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': isApi ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...retryHeader(error),
  });
  response.end(body);
  linger(request);
}

function retryHeader(error: HubError): Record<string, string> {
  const seconds = retryAfterOf(error);
  return seconds ? { 'retry-after': String(seconds) } : {};
}

function apiBody({ code, message, details }: HubError, httpStatusOf: number): string {
  const data = { code: 'BAD_REQUEST', httpStatus: httpStatusOf, hub: { code, details } };
  return `${JSON.stringify({ error: { message, code: -32600, data } })}\n`;
}

function wordsIn({ headers }: IncomingMessage, { code }: HubError): string {
  const cookie = cookieOf(headers.cookie, localeCookie);
  const locale = chooseLocale({ cookie, acceptLanguage: headers['accept-language'] });
  return withLocale(locale, () => {
    if (code === 'body_too_large') return m.error_code_body_too_large();
    return code === 'body_too_slow' ? m.error_code_body_too_slow() : m.error_code_unavailable();
  });
}

/** Keeps reading for a moment. Closing at once would reset the connection before the sender has read the answer. */
function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
  request.once('close', () => clearTimeout(timer));
}
