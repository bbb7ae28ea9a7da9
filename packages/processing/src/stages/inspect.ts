/**
 * Reads the statements of the file about its media. A file that is damaged, or not what its name says, gets a problem.
 */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageReturn } from '@turnover/domain/media/stages';
import { inspectFile } from '../inspect/inspect-file.ts';
import type { InspectionFailed } from '../inspect/outcome.ts';
import { countedProblems, type Stage } from '../stage.ts';

export const inspect: Stage = async (input, { signal }) => {
  const found = await inspectFile(input, { signal });
  if (found.kind === 'skipped') return found;
  if (found.kind === 'failed') return damaged(found);
  const { report, problems } = found;
  return {
    kind: 'done',
    facts: { reader: report.reader, container: report.container, tracks: report.tracks.length },
    report,
    ...countedProblems(problems),
  };
};

function damaged(failed: InspectionFailed): StageReturn {
  return { kind: 'done', facts: {}, problems: [damageOf(failed)] };
}

function damageOf({ failure, facts }: InspectionFailed): MediaProblem {
  switch (failure) {
    case 'empty':
      return { code: 'empty' };
    case 'not_its_kind':
      return { code: 'not_its_kind', measured: facts.found, wanted: facts.expected };
    case 'unreadable':
      return { code: 'unreadable', measured: facts.reason };
    case 'truncated':
      return {
        code: 'truncated',
        measured: `${facts.foundBytes} bytes`,
        ...(facts.expectedBytes === undefined ? {} : { wanted: `${facts.expectedBytes} bytes` }),
      };
  }
}
