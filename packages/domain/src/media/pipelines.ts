/** The stages of a delivered file, in order. */
import type { MediaKind } from './media-kinds.ts';
import type { StageMode, StageName } from './stages.ts';

export type PipelineStep = { stage: StageName; mode: StageMode };
/** A function where the name decides: a PDF and a plain text are both documents. */
type Pipeline = readonly PipelineStep[] | ((name: string) => readonly PipelineStep[]);

const checkedOnly: readonly PipelineStep[] = [{ stage: 'checksum', mode: 'real' }];
const checkedAndEncoded: readonly PipelineStep[] = [...checkedOnly, { stage: 'encode', mode: 'simulated' }];

export const pipelines: Record<MediaKind, Pipeline> = {
  picture: checkedAndEncoded,
  locked_cut: checkedAndEncoded,
  frame: checkedAndEncoded,
  audio: checkedAndEncoded,
  timed_text: checkedAndEncoded,
  image: checkedAndEncoded,
  document: checkedAndEncoded,
  other: checkedAndEncoded,
  manifest: checkedOnly,
};

/** `name` without its folders. */
export function stepsFor(kind: MediaKind, name: string, table = pipelines): readonly PipelineStep[] {
  const pipeline = table[kind];
  return typeof pipeline === 'function' ? pipeline(name) : pipeline;
}
