/** Texts about unresolved findings and failed files of a processed request. */
import type { ReasonView, Severity } from '@turnover/domain/requests/reasons';
import type { RequestView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';

type Open = Record<Severity, number>;

const words: Record<Severity, (input: { count: number }) => string> = {
  blocker: m.work_open_blockers,
  issue: m.work_open_issues,
  note: m.work_open_notes,
};

/** Returns the most severe open kind; null when nothing is open. */
export function worstOpen(open: Open): { severity: Severity; text: string } | null {
  const severity = (['blocker', 'issue', 'note'] as const).find((each) => open[each] > 0);
  return severity ? { severity, text: words[severity]({ count: open[severity] }) } : null;
}

/** Returns the number of unresolved findings; they carry over when the round is sent back. */
export function countUnresolved({ redelivery }: Pick<RequestView, 'redelivery'>): number {
  return redelivery?.pins.filter(({ checked }) => checked === null).length ?? 0;
}

/** Describes unresolved findings and failed files; empty when there are none. */
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
