// How a transfer refuses: one table from an error to status, headers and a JSON body. System messages and paths never get
// into it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '@turnover/core/context';
import { HubError, httpStatus, type ErrorCode, type ErrorDetails } from '@turnover/domain/errors';
import { faultErrorOf, retryAfterOf } from '@turnover/domain/requests/system-faults';
import { StorageFailure } from './storage-failure.ts';
import { UploadLocked } from './upload-locks.ts';

export type Refusal = {
  status: number;
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
  headers: Record<string, string>;
};

/** The request breaks the protocol, whoever sends it. */
export class ProtocolViolation extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'ProtocolViolation';
    this.status = status;
    this.headers = headers;
  }
}

/** The client disconnected, so there is nobody to answer. */
export class Disconnected extends Error {}

/** How long to keep reading from a refused sender, so that it can read the answer before the connection closes. */
export const lingerMs = 2000;

export function refusalOf(error: unknown): Refusal {
  if (error instanceof ProtocolViolation) {
    const { status, message, headers } = error;
    return { status, code: 'invalid_input', message, details: {}, headers };
  }
  const known = hubErrorOf(error);
  const status = statusOf(known.code);
  return {
    status,
    code: known.code,
    message: known.message,
    details: known.details,
    headers: { ...offsetHeader(known), ...conditionHeaders(known, status) },
  };
}

/** The JSON body of a refusal, for programs and for the error texts of the pages. */
export function refusalBody({ code, message, details }: Refusal): string {
  return `${JSON.stringify({ code, message, details })}\n`;
}

/** Answers with the refusal of `error`. Unexpected errors are logged, and the answer reveals nothing about them. */
export function refuse(
  ctx: Context,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (error instanceof Disconnected || response.headersSent) {
    response.destroy();
    return;
  }
  logWhenOurs(ctx, request, error);
  const refusal = refusalOf(error);
  const body = request.method === 'HEAD' ? '' : refusalBody(refusal);
  response.writeHead(refusal.status, {
    'Cache-Control': 'no-store',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...refusal.headers,
  });
  response.end(body);
  linger(request);
}

/** Keeps reading for a moment. Closing at once would reset the connection before the sender has read the answer. */
export function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
  request.once('close', () => clearTimeout(timer));
  request.once('end', () => clearTimeout(timer));
}

function hubErrorOf(error: unknown): HubError {
  if (error instanceof HubError) return error;
  if (error instanceof UploadLocked)
    return new HubError('upload_locked', 'Another request is sending this upload.');
  if (error instanceof StorageFailure) return error.refusal;
  return faultErrorOf(error) ?? new HubError('unavailable', 'Something went wrong here. Try again.');
}

/** To tus clients, 409 always means "wrong offset": they ask for the offset and retry forever. Other conflicts become 422. */
function statusOf(code: ErrorCode): number {
  if (code === 'checksum_mismatch') return 460;
  const status = httpStatus[code];
  return status === 409 && code !== 'wrong_offset' ? 422 : status;
}

function offsetHeader({ details }: HubError): Record<string, string> {
  return typeof details.offset === 'number' ? { 'Upload-Offset': String(details.offset) } : {};
}

function conditionHeaders(error: HubError, status: number): Record<string, string> {
  if (status === 401) return { 'WWW-Authenticate': 'Bearer' };
  const retryAfter = retryAfterOf(error);
  return retryAfter ? { 'Retry-After': String(retryAfter) } : {};
}

export function logWhenOurs(ctx: Context, request: IncomingMessage, error: unknown): void {
  const isExpected =
    error instanceof HubError || error instanceof ProtocolViolation || error instanceof UploadLocked;
  if (isExpected) return;
  const cause = error instanceof StorageFailure ? error.cause : error;
  ctx.log('error', 'transfer.failed', {
    method: request.method,
    stack: cause instanceof Error ? cause.stack : String(cause),
  });
}
