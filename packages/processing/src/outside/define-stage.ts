/** The API for modules of `TURNOVER_STAGES` (docs/stages.md). */
import type { z } from 'zod';
import type { OutsideFile, outsideOutcome, outsideStage } from '@turnover/domain/media/outside-stages';
import type { StageIo } from '../stage.ts';

/** `path` is the stored file: read it, never change it. */
type OutsideRunInput = OutsideFile & { path: string };
type Outcome = z.input<typeof outsideOutcome>;

export type OutsideDefinition = z.input<typeof outsideStage> & {
  /** Decides by the name without folders, the kind of media and the size. */
  appliesTo: (file: OutsideFile) => boolean;
  run: (input: OutsideRunInput, io: StageIo) => Outcome | Promise<Outcome>;
};

/** Returns the stage unchanged; it only adds types for the author. The hub checks the stage when it starts. */
export function defineStage(definition: OutsideDefinition): OutsideDefinition {
  return definition;
}
