/** A numbered moment or stretch on a timeline. The caller that places it knows what it stands for. */
import type { Severity } from '@turnover/domain/requests/reasons';

export type Moment = {
  number: number;
  kind: 'finding' | 'problem' | 'draft';
  /** In seconds from the beginning. */
  from: number;
  /** Null: a moment rather than a stretch. */
  to: number | null;
  severity: Severity;
  title: string;
  note: string;
  /** The key of a draft. */
  draft: number | null;
};

/** A stretch that is being marked; its end is open until the person marks it. */
export type MarkedRange = { from: number; to: number | null };
