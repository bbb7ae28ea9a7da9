/** The name and tone of each severity. */
import type { Severity } from '@turnover/domain/requests/reasons';
import * as m from '@turnover/messages/messages';
import type { Tone } from '#lib/ui/text/icon.ts';

export const severityTones: Record<Severity, Tone> = { note: 'flat', issue: 'warn', blocker: 'bad' };
export const severityWords: Record<Severity, () => string> = {
  note: m.severity_note,
  issue: m.severity_issue,
  blocker: m.severity_blocker,
};
