/** Summarises the rules of a request type. */
import type { MediaKind } from '@turnover/domain/media/media-kinds';
import { limitNames, limitRanges, type LimitName } from '@turnover/domain/media/signal-limits';
import type { RequestRules } from '@turnover/domain/rules/request-types';
import { compileNamePattern, exampleName } from '@turnover/domain/rules/name-patterns';
import * as m from '@turnover/messages/messages';
import { formatNumber } from './format.ts';
import { markedStage } from './stage-names.ts';

export const mediaKindWords: Record<MediaKind, () => string> = {
  picture: m.media_kind_picture,
  locked_cut: m.media_kind_locked_cut,
  frame: m.media_kind_frame,
  audio: m.media_kind_audio,
  timed_text: m.media_kind_timed_text,
  image: m.media_kind_image,
  manifest: m.media_kind_manifest,
  document: m.media_kind_document,
  other: m.media_kind_other,
};

export const mediaPropertyWords: Record<keyof RequestRules['media'], () => string> = {
  codecs: m.types_media_codecs,
  resolutions: m.types_media_resolutions,
  frameRates: m.types_media_frame_rates,
  sampleRates: m.types_media_sample_rates,
  bitDepths: m.types_media_bit_depths,
  channelLayouts: m.types_media_channel_layouts,
  languages: m.types_media_languages,
};
export const mediaProperties = Object.keys(mediaPropertyWords) as (keyof RequestRules['media'])[];

export const limitWords: Record<LimitName, () => string> = {
  blackSeconds: m.types_limit_black,
  freezeSeconds: m.types_limit_freeze,
  silenceSeconds: m.types_limit_silence,
  truePeakDbtp: m.types_limit_true_peak,
  minLoudnessLufs: m.types_limit_min_loudness,
  maxLoudnessLufs: m.types_limit_max_loudness,
};

type Fact = { label: string; value: string; mono?: boolean };

/**
 * Returns the facts of the rules. `needed`: what the type demands of the delivery as a whole, such as a checksum list.
 */
export function factsOfRules(rules: RequestRules): Fact[] {
  const { mediaKinds, extensions, namePattern, media } = rules;
  const needed = [
    ...(rules.strictNames ? [m.types_strict()] : []),
    ...(rules.demandsManifest ? [m.types_manifest()] : []),
    ...(rules.completeSequences ? [m.types_sequences()] : []),
    ...(rules.automaticSubmit ? [m.types_automatic()] : []),
  ];
  const facts: Fact[] = [
    { label: m.types_expected(), value: expectedWords(rules) },
    { label: m.types_kinds(), value: mediaKinds.map((kind) => mediaKindWords[kind]()).join(', ') },
    { label: m.types_extensions(), value: extensions.join(', ') },
    { label: m.types_name_example(), value: exampleOf(namePattern ?? ''), mono: true },
    ...mediaProperties.map((property) => ({
      label: mediaPropertyWords[property](),
      value: media[property].join(', '),
    })),
    ...limitNames.map((name) => ({ label: limitWords[name](), value: limitValue(rules, name) })),
    { label: m.types_column_rules(), value: needed.join(' · ') },
    { label: m.types_left_out(), value: stageWords(rules.leftOutStages) },
    { label: m.types_informing(), value: stageWords(rules.informingStages) },
  ];
  return facts.filter(({ value }) => value !== '');
}

/** Returns a name that fits the pattern; only people who write types see the pattern itself. */
function exampleOf(pattern: string): string {
  const compiled = compileNamePattern(pattern);
  return 'pattern' in compiled ? exampleName(compiled.pattern) : pattern;
}

/** Returns the summary in one line. */
export function lineOfRules(rules: RequestRules): string {
  const parts = [
    rules.expected.kind === 'any' ? '' : expectedWords(rules),
    rules.extensions.join(', '),
    rules.extensions.length > 0 ? '' : rules.mediaKinds.map((kind) => mediaKindWords[kind]()).join(', '),
    rules.namePattern === null ? '' : m.types_pattern(),
    ...limitNames
      .filter((name) => rules.signalLimits[name] !== null)
      .map((name) => `${limitWords[name]()}: ${limitValue(rules, name)}`),
    rules.strictNames ? m.types_strict() : '',
    rules.demandsManifest ? m.types_manifest() : '',
    rules.completeSequences ? m.types_sequences() : '',
    rules.automaticSubmit ? m.types_automatic() : '',
    rules.leftOutStages.length > 0 ? m.types_left_out_line({ stages: stageWords(rules.leftOutStages) }) : '',
    rules.informingStages.length > 0
      ? m.types_informing_line({ stages: stageWords(rules.informingStages) })
      : '',
  ].filter((part) => part !== '');
  return parts.join(' · ') || m.types_no_rules();
}

/** Empty: the limit of the hub holds. */
function limitValue({ signalLimits }: RequestRules, name: LimitName): string {
  const limit = signalLimits[name];
  return limit === null ? '' : `${formatNumber(limit)} ${limitRanges[name].unit}`;
}

function stageWords(stages: readonly string[]): string {
  return stages.map((stage) => markedStage(stage)).join(', ');
}

function expectedWords({ expected }: RequestRules): string {
  if (expected.kind === 'any') return '';
  if (expected.kind === 'list') {
    const optional = expected.files.filter((file) => file.optional).length;
    const words = m.types_files_list({ count: expected.files.length - optional });
    return optional > 0 ? m.types_files_optional({ files: words, count: optional }) : words;
  }
  const { min, max } = expected;
  if (max === null) return m.types_files_least({ count: min });
  return min === max ? m.types_files_exactly({ count: min }) : m.types_files_range({ min, max });
}
