/** Failures as the API reports them. */
import { errorCodes, type ErrorCode, type ErrorDetails } from '@turnover/domain/errors';

export type ReportedError = { code: ErrorCode; details?: ErrorDetails };

/** Returns the id of an unexpected failure in the log. */
export function idOf({ details }: ReportedError): string | undefined {
  return typeof details?.id === 'string' ? details.id : undefined;
}

/** Returns why the operating system refused the operation, if it did. */
export function reasonOf({ details }: ReportedError): string | undefined {
  return typeof details?.reason === 'string' ? details.reason : undefined;
}

/**
 * Returns the hub's part of an error. tRPC passes the server formatter's result on as `data`; the hub's part is under
 * `hub`.
 */
export function reportOf(error: unknown): ReportedError | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const report = (error.data as { hub?: Partial<ReportedError> } | null | undefined)?.hub;
  return report && isCode(report.code) ? { ...report, code: report.code } : undefined;
}

function isCode(value: unknown): value is ErrorCode {
  return (errorCodes as readonly unknown[]).includes(value);
}
