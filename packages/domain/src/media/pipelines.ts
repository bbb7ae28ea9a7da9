/** The stages of a delivered file, in order. */
import type { MediaKind } from './media-kinds.ts';
import type { StageMode, StageName } from './stages.ts';

export type PipelineStep = { stage: StageName; mode: StageMode };

const checkedOnly: readonly PipelineStep[] = [{ stage: 'checksum', mode: 'real' }];
const checkedAndEncoded: readonly PipelineStep[] = [...checkedOnly, { stage: 'encode', mode: 'simulated' }];

export const pipelines: Record<MediaKind, readonly PipelineStep[]> = {
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
