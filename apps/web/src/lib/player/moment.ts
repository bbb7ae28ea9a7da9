/** A numbered moment or range on a timeline, either a finding or a problem. Only the caller knows which. */
import type { Severity } from '@turnover/domain/requests/reasons';

export type Moment = {
  number: number;
  kind: 'finding' | 'problem' | 'draft';
  /** Seconds from the beginning. */
  from: number;
  /** Seconds from the beginning; null for a moment instead of a range. */
  to: number | null;
  severity: Severity;
  title: string;
  note: string;
  /** The key of the draft; null when it is no draft. */
  draft: number | null;
};

/** A range that is being marked; its end is null until the person marks it. */
export type MarkedRange = { from: number; to: number | null };
