/** The API for modules of `TURNOVER_STAGES` (docs/stages.md). */
import type { z } from 'zod';
import type { OutsideFile, outsideOutcome, outsideStage } from '@turnover/domain/media/outside-stages';
import type { StageIo } from '../stage.ts';

/** The input of a run. `path` is the stored file, which the stage may read but never change. */
type OutsideRunInput = OutsideFile & { path: string };
type Outcome = z.input<typeof outsideOutcome>;

export type OutsideDefinition = z.input<typeof outsideStage> & {
  /** Decides from the name without folders, the media kind and the size. */
  appliesTo: (file: OutsideFile) => boolean;
  run: (input: OutsideRunInput, io: StageIo) => Outcome | Promise<Outcome>;
};

/** Returns the stage unchanged; it only adds types for the author. The hub checks the stage when it starts. */
export function defineStage(definition: OutsideDefinition): OutsideDefinition {
  return definition;
}
