/** The pipelines: which stages a delivered file goes through, in order. */
import { parseFrameName } from '../sequences/frame-names.ts';
import { isAssetMap } from './imf-documents.ts';
import type { MediaKind } from './media-kinds.ts';
import type { StageMode, StageName } from './stages.ts';
import { isStemName } from './stems.ts';

export type PipelineStep = { stage: StageName; mode: StageMode };
/** The steps, or a function where the file name decides: a PDF and a plain text are both documents. */
type Pipeline = readonly PipelineStep[] | ((name: string) => readonly PipelineStep[]);

const checkedOnly: readonly PipelineStep[] = [{ stage: 'checksum', mode: 'real' }];
const inspected: readonly PipelineStep[] = [
  ...checkedOnly,
  { stage: 'inspect', mode: 'real' },
  { stage: 'rules', mode: 'real' },
];
const encode: PipelineStep = { stage: 'encode', mode: 'simulated' };
const preview: PipelineStep = { stage: 'preview', mode: 'real' };
const inspectedAndEncoded: readonly PipelineStep[] = [...inspected, encode];
const shown: readonly PipelineStep[] = [...inspected, preview, encode];
const measured: readonly PipelineStep[] = [...inspected, { stage: 'signal', mode: 'real' }, preview, encode];
/** Steps for one channel of several: includes the stage that looks for the other channels. */
const compared: readonly PipelineStep[] = [
  ...inspected,
  { stage: 'signal', mode: 'real' },
  { stage: 'package', mode: 'real' },
  preview,
  encode,
];
const read: readonly PipelineStep[] = [...inspected, { stage: 'text', mode: 'real' }, preview, encode];
/** Steps with the stage that compares a file with others: for an asset map, and the last frame of a sequence. */
const packed: readonly PipelineStep[] = [...inspected, { stage: 'package', mode: 'real' }, encode];

export const pipelines: Record<MediaKind, Pipeline> = {
  picture: measured,
  locked_cut: measured,
  frame: unlessNumbered,
  audio: (name) => (isStemName(name) ? compared : measured),
  timed_text: (name) => (isAssetMap(name) ? packed : read),
  image: unlessNumbered,
  document: inspectedAndEncoded,
  other: (name) => (isAssetMap(name) ? packed : inspectedAndEncoded),
  manifest: checkedOnly,
};

/** Frames of a sequence get no previews, because a sequence can have 75,000 frames. */
function unlessNumbered(name: string): readonly PipelineStep[] {
  return parseFrameName(name) === null ? shown : inspectedAndEncoded;
}

/**
 * Returns true when the file may be one of thousands of small frames, which share a job. `name` is without its folders.
 */
export function isFrame(kind: MediaKind, name: string): boolean {
  return pipelines[kind] === unlessNumbered && parseFrameName(name) !== null;
}

/**
 * Returns the steps of a file. `name` is without its folders. `asked`: the stages that the round asks for.
 * `closesSequence`: see `frame-layouts.ts` of core.
 */
export function stepsFor(
  kind: MediaKind,
  name: string,
  {
    asked,
    closesSequence = false,
    table = pipelines,
  }: { asked: readonly string[]; closesSequence?: boolean; table?: typeof pipelines },
): readonly PipelineStep[] {
  const pipeline = closesSequence && isFrame(kind, name) ? packed : table[kind];
  const steps = typeof pipeline === 'function' ? pipeline(name) : pipeline;
  return steps.filter(({ stage }) => asked.includes(stage));
}
