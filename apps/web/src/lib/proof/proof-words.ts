import * as m from '@turnover/messages/messages';
import { reportOf } from '#lib/reported-error.ts';

/** A text for a wrong password of the person's own. Other errors speak for themselves. */
export function proofWords(error: unknown): string | undefined {
  const report = reportOf(error);
  return report?.code === 'sign_in_refused' && !report.details?.again ? m.tokens_password_wrong() : undefined;
}
