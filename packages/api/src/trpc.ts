/** The tRPC instance: the context of a call, and the format of the hub's errors. */
import { randomUUID } from 'node:crypto';
import { initTRPC, type TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { z } from 'zod';
import type { Context, Person } from '@turnover/core/context';
import { HubError, httpStatus, type ErrorCode } from '@turnover/domain/errors';
import { lineDetails } from '@turnover/domain/names/lines';
import { faultErrorOf, faultReasonOf, retryAfterOf } from '@turnover/domain/requests/system-faults';
import type { Rule } from './rules.ts';

export type ApiContext = {
  hub: Context;
  /** Null when nobody is signed in. */
  person: Person | null;
  /** Set by the base procedure of mutations. */
  deed?: Deed | undefined;
  /** Set when the caller came with a session instead of a token. */
  sessionId?: string | undefined;
  /** Checks again whether the caller is signed in, for streams that run for hours. */
  stillSignedIn: () => Promise<boolean>;
  /** Calls `listener` after commits of any process, until the returned function is called. */
  onCommit: (listener: () => void) => () => void;
};

/** What the audit log tells about this call besides its input. */
export type Deed = {
  /** The project of the thing that the call names, as it was loaded. */
  projectId: string | null;
};

/** `rule`: who may call the procedure. */
export type Meta = { rule: Rule };

export const t = initTRPC
  .context<ApiContext>()
  .meta<Meta>()
  .create({
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
    errorFormatter: ({ shape, error, ctx }) => {
      const hub = asHubError(error);
      const id = hub.code === 'internal' ? logUnexpected(error, ctx) : null;
      logFault(error, ctx);
      const details = id === null ? hub.details : { id };
      return {
        code: shape.code,
        message: hub.message,
        data: { code: shape.data.code, httpStatus: httpStatus[hub.code], hub: { code: hub.code, details } },
      };
    },
  });

/** Calls per batch. The browser splits larger batches. */
export const maxCallsAtOnce = 50;

/** Returns the hub's own errors as they are, turns invalid input into a message per field, and hides all other errors. */
export function asHubError(error: TRPCError): HubError {
  if (error.cause instanceof HubError) return error.cause;
  if (error.cause instanceof z.ZodError && error.code === 'BAD_REQUEST') return describeBadInput(error.cause);
  if (error.code === 'NOT_FOUND' || error.code === 'METHOD_NOT_SUPPORTED') {
    return new HubError('not_found', 'There is no such procedure; docs/api.md lists them.');
  }
  if (error.code === 'UNSUPPORTED_MEDIA_TYPE') {
    return new HubError('invalid_input', 'Send JSON with the header Content-Type: application/json.');
  }
  if (error.code === 'BAD_REQUEST' && error.message.startsWith('Batch call exceeds')) {
    const most = maxCallsAtOnce;
    return new HubError('invalid_input', `At most ${most} calls go into one batch.`, { most });
  }
  if (error.code === 'BAD_REQUEST' || error.code === 'PARSE_ERROR') {
    return new HubError('invalid_input', 'The body is not valid JSON for this procedure.');
  }
  return faultErrorOf(error.cause) ?? new HubError('internal', 'Something went wrong.');
}

/** tRPC requires one of its own codes; the HTTP status comes from `httpStatus`. */
export function trpcCode(code: ErrorCode): TRPC_ERROR_CODE_KEY {
  const status = httpStatus[code];
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409) return 'CONFLICT';
  if (status === 429) return 'TOO_MANY_REQUESTS';
  return status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
}

/** The HTTP status of a response: that of its first error. tRPC itself has no 423 or 507. */
export function statusOf({ errors }: { errors: readonly TRPCError[] }): {
  status?: number;
  headers?: Record<string, string>;
} {
  const [first] = errors;
  if (!first) return {};
  const hub = asHubError(first);
  const retryAfter = retryAfterOf(hub);
  return {
    status: httpStatus[hub.code],
    ...(retryAfter && { headers: { 'retry-after': String(retryAfter) } }),
  };
}

function describeBadInput(error: z.ZodError): HubError {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  const message = field ? `${field}: ${issue?.message ?? 'not valid'}` : (issue?.message ?? 'Not valid.');
  return new HubError('invalid_input', message, { field, ...lineDetails(issue) });
}

/** Logs a system failure: it is not a bug, but the operator of the hub must learn of it. */
function logFault({ cause }: TRPCError, ctx: ApiContext | undefined): void {
  const reason = faultReasonOf(cause);
  if (reason) ctx?.hub.log('error', 'api.systemFailed', { reason, message: String(cause) });
}

function logUnexpected(error: TRPCError, ctx: ApiContext | undefined): string {
  const id = randomUUID();
  ctx?.hub.log('error', 'api.failed', { id, stack: (error.cause ?? error).stack ?? String(error) });
  return id;
}
