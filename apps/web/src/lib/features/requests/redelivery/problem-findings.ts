/** Drafts findings from the problems that processing found, each with the matching reason. */
import type { ProblemListView } from '@turnover/domain/media/problem-views';
import { timeOfMs, type FrameRate } from '@turnover/domain/media/timecodes';
import { problemText } from '../processing/problem-words.ts';
import { emptyFinding, type FindingDraft } from './finding-draft.ts';

/**
 * Returns drafts for errors only, because people must judge warnings. Leaves out problems whose reason is not offered.
 */
export function findingsFromProblems(
  { problems }: Pick<ProblemListView, 'problems'>,
  offered: ReadonlySet<string>,
  frameRate: FrameRate,
): FindingDraft[] {
  // Positive, and above the keys of drafts that people write; negative keys belong to suggestions from checksum lists.
  const firstKey = 1_000_000;
  return problems.flatMap((problem, position) => {
    const { severity, reason, file, fromMs, toMs } = problem;
    if (severity !== 'error' || reason === null || !offered.has(reason)) return [];
    return [
      {
        ...emptyFinding(firstKey + position, frameRate),
        reason,
        file,
        fileText: file.path,
        timecodeIn: fromMs === null ? '' : timeOfMs(fromMs),
        timecodeOut: fromMs === null || toMs === null ? '' : timeOfMs(toMs),
        note: problemText(problem),
      },
    ];
  });
}
