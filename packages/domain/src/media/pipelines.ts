/** The stages of a delivered file, in order. */
import { isAssetMap } from './imf-documents.ts';
import type { MediaKind } from './media-kinds.ts';
import type { StageMode, StageName } from './stages.ts';

export type PipelineStep = { stage: StageName; mode: StageMode };
/** A function where the name decides: a PDF and a plain text are both documents. */
type Pipeline = readonly PipelineStep[] | ((name: string) => readonly PipelineStep[]);

const checkedOnly: readonly PipelineStep[] = [{ stage: 'checksum', mode: 'real' }];
const inspected: readonly PipelineStep[] = [
  ...checkedOnly,
  { stage: 'inspect', mode: 'real' },
  { stage: 'rules', mode: 'real' },
];
const encode: PipelineStep = { stage: 'encode', mode: 'simulated' };
const inspectedAndEncoded: readonly PipelineStep[] = [...inspected, encode];
const measuredAndEncoded: readonly PipelineStep[] = [...inspected, { stage: 'signal', mode: 'real' }, encode];
const readAndEncoded: readonly PipelineStep[] = [...inspected, { stage: 'text', mode: 'real' }, encode];
const packed: readonly PipelineStep[] = [...inspected, { stage: 'package', mode: 'real' }, encode];

export const pipelines: Record<MediaKind, Pipeline> = {
  picture: inspectedAndEncoded,
  locked_cut: inspectedAndEncoded,
  frame: inspectedAndEncoded,
  audio: measuredAndEncoded,
  timed_text: (name) => (isAssetMap(name) ? packed : readAndEncoded),
  image: inspectedAndEncoded,
  document: inspectedAndEncoded,
  other: (name) => (isAssetMap(name) ? packed : inspectedAndEncoded),
  manifest: checkedOnly,
};

/** `name` is without its folders. `asks`: the request's type asks something of the media. */
export function stepsFor(
  kind: MediaKind,
  name: string,
  { asks, table = pipelines }: { asks: boolean; table?: typeof pipelines },
): readonly PipelineStep[] {
  const pipeline = table[kind];
  const steps = typeof pipeline === 'function' ? pipeline(name) : pipeline;
  return asks ? steps : steps.filter(({ stage }) => stage !== 'rules');
}
