/** The findings on a round's page: numbered, with the outcome of each. */
import type { FindingView } from '@turnover/domain/requests/findings';
import type { ContentRowView } from '@turnover/domain/requests/contents';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import type { ReasonView } from '@turnover/domain/requests/reasons';
import type { RoundDetailsView } from '@turnover/domain/requests/rounds';
import { framePlace } from '@turnover/domain/sequences/frame-paths';
import * as m from '@turnover/messages/messages';
import { nameOf } from '#lib/person-words.ts';
import { pathOf } from '../files/content-words.ts';

export type NumberedFinding = { number: number; finding: FindingView; reason: ReasonView | undefined };

/** Numbers the findings. Those of the redelivery come first, as on the page. */
export function numbered(
  { found, carried }: Pick<RoundDetailsView, 'found' | 'carried'>,
  reasons: readonly ReasonView[],
): NumberedFinding[] {
  return [...found, ...carried].map((finding, index) => ({
    number: index + 1,
    finding,
    reason: reasons.find(({ code }) => code === finding.reason),
  }));
}

/** The current status and round of the request. */
export type Standing = { status: RequestStatus; round: number };

/** Describes the outcome of a finding since round `number`, in one line. */
export function fateOf({ checked }: FindingView, { status, round }: Standing, number: number): string {
  if (checked) return m.rounds_resolved({ round: checked.round, name: nameOf(checked.by) });
  if (status === 'accepted' || status === 'cancelled') return m.rounds_unresolved();
  if (round <= number) return m.rounds_unresolved_yet();
  return round === number + 1 ? m.rounds_carried_to({ round }) : m.rounds_still_open({ round });
}

/** Returns true when the finding prevents the request from being accepted. */
export function holdsAccept({ finding, reason }: NumberedFinding, { status }: Standing): boolean {
  return finding.checked === null && reason?.severity === 'blocker' && status !== 'accepted';
}

/**
 * Returns the findings about the files of a row. A finding of an earlier round belongs to the file that had this path.
 */
export function findingsAt(row: ContentRowView, findings: readonly NumberedFinding[]): NumberedFinding[] {
  return findings.filter(({ finding: { file } }) => {
    if (!file) return false;
    if (row.kind === 'file') return file.id === row.id || file.path === pathOf(row);
    return framePlace(file.path)?.sequenceKey === row.id;
  });
}

/** Returns `4: 2 resolved, 1 carried on`. */
export function summaryOf(findings: readonly NumberedFinding[]): string {
  const resolved = findings.filter(({ finding }) => finding.checked !== null).length;
  return m.finding_progress({ done: resolved, total: findings.length });
}
