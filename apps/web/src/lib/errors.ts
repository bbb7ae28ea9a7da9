/**
 * Errors for people. The texts of the hub's refusals are many, and most visits show none: `error-words.ts` has them, and
 * comes with the first refusal.
 */
import * as m from '@turnover/messages/messages';
import { foreignAnswerIn } from '#lib/foreign-answer.ts';
import { reportOf, type ReportedError } from '#lib/reported-error.ts';

let words: ((report: ReportedError) => string) | undefined;

/** Loads the texts of refusals. When they cannot be loaded, errors are shown without detail. */
export async function loadErrorWords(): Promise<void> {
  words ??= (await import('#lib/error-words.ts').catch(() => null))?.wordsFor;
}

/** Describes any caught error: an answer of the API, or a server that could not be reached. */
export function wordsForCaught(error: unknown): string {
  const report = reportOf(error);
  if (report) return words?.(report) ?? m.error_title_other();
  const foreign = foreignAnswerIn(error);
  if (foreign) {
    return foreign.status === 413
      ? m.error_proxy_too_large()
      : m.error_proxy_answered({ status: foreign.status });
  }
  return isFailedConnection(error) ? m.error_connection() : m.error_title_other();
}

/** Returns true when a call got no answer: fetch's `TypeError` is then the error itself or its cause. */
function isFailedConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.cause instanceof TypeError);
}
