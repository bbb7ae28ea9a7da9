/** Reads what the file states about its media. A file that is damaged, or not what its name says, is a problem of the file. */
import { maxProblemsPerStage, type MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageReturn } from '@turnover/domain/media/stages';
import { inspectFile } from '../inspect/inspect-file.ts';
import type { Inspection } from '../inspect/outcome.ts';
import type { Stage } from '../stage.ts';

export const inspect: Stage = async (input, { signal }) => {
  const found = await inspectFile(input, { signal });
  if (found.kind === 'skipped') return found;
  if (found.kind === 'failed') return damaged(found);
  const { report, problems } = found;
  return {
    kind: 'done',
    facts: { reader: report.reader, container: report.container, tracks: report.tracks.length },
    report,
    problems: problems.slice(0, maxProblemsPerStage),
    problemCount: problems.length,
  };
};

function damaged({ failure, facts }: Extract<Inspection, { kind: 'failed' }>): StageReturn {
  const { found, expected } = facts;
  const problem: MediaProblem = {
    code: failure,
    ...(found === undefined ? {} : { measured: String(found).slice(0, 200) }),
    ...(expected === undefined ? {} : { wanted: String(expected).slice(0, 200) }),
  };
  return { kind: 'done', facts: {}, problems: [problem] };
}
