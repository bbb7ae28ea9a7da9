/** What is not resolved in a processed request, in words. */
import type { ReasonView, Severity } from '@turnover/domain/requests/reasons';
import type { RequestView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';

type Open = Record<Severity, number>;

const words: Record<Severity, (input: { count: number }) => string> = {
  blocker: m.work_open_blockers,
  issue: m.work_open_issues,
  note: m.work_open_notes,
};

/** The most severe kind that is open; null: nothing is. */
export function worstOpen(open: Open): { severity: Severity; text: string } | null {
  const severity = (['blocker', 'issue', 'note'] as const).find((each) => open[each] > 0);
  return severity ? { severity, text: words[severity]({ count: open[severity] }) } : null;
}

/** How many findings nobody has resolved; they carry on when the round is sent back. */
export function countUnresolved({ redelivery }: Pick<RequestView, 'redelivery'>): number {
  return redelivery?.pins.filter(({ checked }) => checked === null).length ?? 0;
}

/** Findings that nobody has checked off and files that failed; an empty text when there are none. */
export function openFindings(
  { redelivery, processing }: Pick<RequestView, 'redelivery' | 'processing'>,
  reasons: readonly Pick<ReasonView, 'code' | 'severity'>[],
): string {
  const open: Open = { blocker: 0, issue: 0, note: 0 };
  for (const { reason, checked } of redelivery?.pins ?? []) {
    const severity = reasons.find(({ code }) => code === reason)?.severity ?? 'issue';
    if (checked === null) open[severity] += 1;
  }
  const failed = processing?.failed ?? 0;
  return [worstOpen(open)?.text, failed > 0 && m.work_failed_files({ count: failed })]
    .filter(Boolean)
    .join(', ');
}
