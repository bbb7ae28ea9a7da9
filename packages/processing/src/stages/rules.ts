/** Compares the result of inspection with the demands of the request's type. */
import { checkMedia } from '@turnover/domain/rules/media-rules';
import { countedProblems, type Stage } from '../stage.ts';

export const rules: Stage = async ({ report, wanted }) => {
  if (report === null) return { kind: 'skipped', reason: 'not_inspected' };
  const problems = wanted === null ? [] : checkMedia(report, wanted);
  return {
    kind: 'done',
    facts: {},
    ...countedProblems(problems),
  };
};
