/** Compares an IMF package with what was delivered. Runs on its asset map. */
import { maxImfDocumentBytes } from '@turnover/domain/media/imf-documents';
import { checkPackage } from '../package/check-package.ts';
import { countedProblems, type Stage } from '../stage.ts';

export const packageStage: Stage = async (input) => {
  if (input.sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  const checked = input.sizeBytes > maxImfDocumentBytes ? null : checkPackage(input);
  if (checked === null) return { kind: 'skipped', reason: 'not_inspected' };
  const { facts, problems } = checked;
  return {
    kind: 'done',
    facts,
    ...countedProblems(problems),
  };
};
