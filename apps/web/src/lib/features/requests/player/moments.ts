/** The marks on the timeline of a file: findings, and problems that processing found, sorted by time. */
import type { ProblemView } from '@turnover/domain/media/problem-views';
import type { FindingView } from '@turnover/domain/requests/findings';
import type { ReasonView, Severity } from '@turnover/domain/requests/reasons';
import { secondsOf, type MediaClock } from '#lib/player/media-clock.ts';
import type { Moment } from '#lib/player/moment.ts';
import type { FindingDraft } from '../redelivery/finding-draft.ts';
import { problemText } from '../processing/problem-words.ts';

type Place = { from: number; to: number | null };
type Placed = Pick<FindingView, 'timecodeIn' | 'timecodeOut' | 'frameRate'> & {
  file: { id: string; path: string; nowId?: string | null } | null;
};

type Input = {
  /** Where a finding stands, in seconds; null: nowhere. */
  placeOf: (finding: Placed) => Place | null;
  problems: readonly ProblemView[];
  findings: readonly FindingView[];
  drafts: readonly FindingDraft[];
  reasons: readonly ReasonView[];
};

const severityOfProblem: Record<ProblemView['severity'], Severity> = {
  error: 'blocker',
  warning: 'issue',
  note: 'note',
};

/** A finding of a single file stands at its timecode. */
export function placeAtTimecode(
  clock: MediaClock,
  { timecodeIn, timecodeOut, frameRate }: Placed,
): Place | null {
  const secondsAt = (moment: string | null) => (moment ? secondsOf(clock, moment, frameRate) : null);
  const from = secondsAt(timecodeIn);
  return from === null ? null : { from, to: secondsAt(timecodeOut) };
}

export function momentsOf({ placeOf, problems, findings, drafts, reasons }: Input): Moment[] {
  const reasonOf = (code: string) => reasons.find((reason) => reason.code === code);
  type Unnumbered = Omit<Moment, 'number'>;
  const placed = [
    ...problems.flatMap((problem): Unnumbered[] => {
      if (problem.fromMs === null) return [];
      const to = problem.toMs === null ? null : problem.toMs / 1000;
      const severity = severityOfProblem[problem.severity];
      const title = problemText(problem);
      return [{ kind: 'problem', from: problem.fromMs / 1000, to, severity, title, note: '', draft: null }];
    }),
    ...[...findings, ...drafts].flatMap((finding): Unnumbered[] => {
      const place = placeOf(finding);
      if (place === null) return [];
      const reason = reasonOf(finding.reason);
      return [
        {
          ...place,
          kind: 'key' in finding ? 'draft' : 'finding',
          severity: reason?.severity ?? 'issue',
          title: reason?.name ?? finding.reason,
          note: finding.note,
          draft: 'key' in finding ? finding.key : null,
        },
      ];
    }),
  ];
  return placed
    .toSorted((one, other) => one.from - other.from)
    .map((each, at) => ({ ...each, number: at + 1 }));
}

/** Returns the next moment after this second, or before it; moments at the same place count as one. */
export function nextMoment(
  moments: readonly Moment[],
  seconds: number,
  direction: 1 | -1,
  within = 0.05,
): Moment | undefined {
  return direction === 1
    ? moments.find(({ from }) => from > seconds + within)
    : moments.findLast(({ from }) => from < seconds - within);
}
