/** Compares a file with the rest of the delivery: the asset map of an IMF package, the channels of a sound, the frames of a sequence. */
import { maxImfDocumentBytes } from '@turnover/domain/media/imf-documents';
import type { StageInput } from '@turnover/domain/media/stages';
import { checkFrames } from '../package/check-frames.ts';
import { checkPackage } from '../package/check-package.ts';
import { checkStems } from '../package/check-stems.ts';
import { countedProblems, type Stage } from '../stage.ts';

export const packageStage: Stage = async (input) => {
  // An empty last frame does not prevent comparing the others.
  if (input.sizeBytes === 0 && input.layouts === null) return { kind: 'skipped', reason: 'empty_file' };
  const checked = check(input);
  if (checked === null) return { kind: 'skipped', reason: 'not_inspected' };
  const { facts, problems } = checked;
  return {
    kind: 'done',
    facts,
    ...countedProblems(problems),
  };
};

function check(input: StageInput) {
  if (input.layouts !== null) return checkFrames(input);
  if (input.mediaKind === 'audio') return checkStems(input);
  return input.sizeBytes > maxImfDocumentBytes ? null : checkPackage(input);
}
