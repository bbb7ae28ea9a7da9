// Failures before or during a page or an API call, and their format in the API.
import type { RequestEvent } from '@sveltejs/kit';
import { trpcCode } from '@turnover/api/trpc';
import { HubError, httpStatus } from '@turnover/domain/errors';
import { faultErrorOf, retryAfterOf } from '@turnover/domain/requests/system-faults';

/** Returns the error of an expected failure; undefined when the failure is unexpected. */
export function foreseen(error: unknown): HubError | undefined {
  if (error instanceof HubError) return error.code === 'internal' ? undefined : error;
  return faultErrorOf(error);
}

/** Answers an API client with JSON, even for a failure before the API is reached. */
export function answerApiFailure({ url }: RequestEvent, error: HubError): Response {
  const status = httpStatus[error.code];
  const report = {
    error: {
      message: error.message,
      code: -32603,
      data: {
        code: trpcCode(error.code),
        httpStatus: status,
        hub: { code: error.code, details: error.details },
      },
    },
  };
  const isBatch = url.searchParams.get('batch') === '1';
  const calls = url.pathname.split('/').at(-1)!.split(',').length;
  const body = isBatch ? Array.from({ length: calls }, () => report) : report;
  const retryAfter = retryAfterOf(error);
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', ...(retryAfter && { 'retry-after': String(retryAfter) }) },
  });
}
