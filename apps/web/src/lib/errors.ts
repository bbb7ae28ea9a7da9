/** What went wrong, in words for people. A code without words does not compile. */
import { errorCodes, type ErrorCode, type ErrorDetails } from '@turnover/domain/errors';
import * as m from '@turnover/messages/messages';

const words: Record<Exclude<ErrorCode, 'internal'>, (details: ErrorDetails) => string> = {
CODES
};

/** A failure as the API reports it. */
export type ReportedError = { code: ErrorCode; details?: ErrorDetails; id?: string };

export function wordsFor({ code, details = {}, id }: ReportedError): string {
  return code === 'internal' ? m.error_something_went_wrong({ id: id ?? code }) : words[code](details);
}

/** For whatever was caught: an answer of the API, or no answer at all. */
export function wordsForCaught(error: unknown): string {
  return wordsFor(readReport(error) ?? { code: 'internal' });
}

/** tRPC puts what the server's formatter said into `data`. Without it the server was not reached. */
function readReport(error: unknown): ReportedError | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const data = error.data as Partial<ReportedError> & { hubCode?: unknown };
  return isCode(data?.hubCode) ? { code: data.hubCode, details: data.details, id: data.id } : undefined;
}

function isCode(value: unknown): value is ErrorCode {
  return (errorCodes as readonly unknown[]).includes(value);
}
