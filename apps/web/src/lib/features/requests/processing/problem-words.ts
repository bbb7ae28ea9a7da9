/** The sentences about problems that processing finds in files. */
import type { MediaProblemCode, UnreadableReason } from '@turnover/domain/media/media-problems';
import type { ProblemView } from '@turnover/domain/media/problem-views';
import { timeOfMs } from '@turnover/domain/media/timecodes';
import * as m from '@turnover/messages/messages';
import { formatBytes } from '#lib/format.ts';
import { textOf } from '#lib/stage-names.ts';
import { stageFailureText } from '../stage-words.ts';

type Values = { measured: string; wanted: string };

const sentences: Record<MediaProblemCode, (values: Values) => string> = {
  not_its_kind: m.media_problem_not_its_kind,
  unreadable: ({ measured }) => unreadableText(measured),
  truncated: m.media_problem_truncated,
  empty: m.media_problem_empty,
  extension_differs: m.media_problem_extension_differs,
  header_differs: m.media_problem_header_differs,
  tracks_unequal: m.media_problem_tracks_unequal,
  timecode_differs: m.media_problem_timecode_differs,
  drop_frame_differs: m.media_problem_drop_frame_differs,
  hdr_incomplete: m.media_problem_hdr_incomplete,
  hdr_levels: m.media_problem_hdr_levels,
  frames_unalike: m.media_problem_frames_unalike,
  codec_unwanted: m.media_problem_codec_unwanted,
  sound_codec_unwanted: m.media_problem_sound_codec_unwanted,
  resolution_unwanted: m.media_problem_resolution_unwanted,
  frame_rate_unwanted: m.media_problem_frame_rate_unwanted,
  sample_rate_unwanted: m.media_problem_sample_rate_unwanted,
  bit_depth_unwanted: m.media_problem_bit_depth_unwanted,
  sample_bits_unwanted: m.media_problem_sample_bits_unwanted,
  text_frame_rate_unwanted: m.media_problem_text_frame_rate_unwanted,
  channels_unwanted: m.media_problem_channels_unwanted,
  sound_language_unwanted: m.media_problem_sound_language_unwanted,
  text_language_unwanted: m.media_problem_text_language_unwanted,
  wish_not_compared: m.media_problem_wish_not_compared,
  true_peak_high: m.media_problem_true_peak_high,
  loudness_unwanted: m.media_problem_loudness_unwanted,
  silent_file: m.media_problem_silent_file,
  channel_silent: m.media_problem_channel_silent,
  silence: m.media_problem_silence,
  clipping: m.media_problem_clipping,
  phase_inverted: m.media_problem_phase_inverted,
  dual_mono: m.media_problem_dual_mono,
  black: m.media_problem_black,
  freeze: m.media_problem_freeze,
  xml_cut_short: m.media_problem_xml_cut_short,
  xml_malformed: m.media_problem_xml_malformed,
  xml_doctype: m.media_problem_xml_doctype,
  text_undecodable: m.media_problem_text_undecodable,
  no_cues: m.media_problem_no_cues,
  cue_unreadable: m.media_problem_cue_unreadable,
  cue_time_unreadable: m.media_problem_cue_time_unreadable,
  cue_reversed: m.media_problem_cue_reversed,
  cue_overlap: m.media_problem_cue_overlap,
  cue_gap_short: m.media_problem_cue_gap_short,
  cue_short: m.media_problem_cue_short,
  cue_long: m.media_problem_cue_long,
  cue_lines: m.media_problem_cue_lines,
  cue_line_long: m.media_problem_cue_line_long,
  cue_fast: m.media_problem_cue_fast,
  cue_empty: m.media_problem_cue_empty,
  cue_order: m.media_problem_cue_order,
  cues_not_read: m.media_problem_cues_not_read,
  text_language_differs: m.media_problem_text_language_differs,
  text_not_utf8: m.media_problem_text_not_utf8,
  text_lost: m.media_problem_text_lost,
  text_utf16: m.media_problem_text_utf16,
  text_marked: m.media_problem_text_marked,
  stem_missing: m.media_problem_stem_missing,
  package_file_missing: m.media_problem_package_file_missing,
  package_no_list: m.media_problem_package_no_list,
  package_list_unreadable: m.media_problem_package_list_unreadable,
  package_not_mapped: m.media_problem_package_not_mapped,
  package_size_differs: m.media_problem_package_size_differs,
  package_hash_differs: m.media_problem_package_hash_differs,
  package_supplements: m.media_problem_package_supplements,
  composition_rate_differs: m.media_problem_composition_rate_differs,
  dolby_vision_not_compared: m.media_problem_dolby_vision_not_compared,
  dolby_vision_rate_differs: m.media_problem_dolby_vision_rate_differs,
  composition_beyond_file: m.media_problem_composition_beyond_file,
  composition_lengths_differ: m.media_problem_composition_lengths_differ,
  composition_sample_rate: m.media_problem_composition_sample_rate,
  composition_no_language: m.media_problem_composition_no_language,
  not_decodable: m.media_problem_not_decodable,
  external_error: m.media_problem_external,
  external_warning: m.media_problem_external,
  external_note: m.media_problem_external,
};

/** Returns the problem as a sentence; for a failed stage, why it failed. An external stage is named. */
export function problemText(problem: ProblemView): string {
  const { words } = problem;
  const text = ownText(problem);
  return words ? m.media_problem_of_check({ check: textOf(words.name), text }) : text;
}

function ownText({ code, measured, wanted, words }: ProblemView): string {
  const values = { measured: shown(measured), wanted: shown(wanted) };
  if (Object.hasOwn(sentences, code)) return sentences[code as MediaProblemCode](values);
  return words?.outcome ? textOf(words.outcome) : stageFailureText(code);
}

function shown(value: string | null): string {
  const [, bytes] = /^(\d+) bytes$/.exec(value ?? '') ?? [];
  return bytes === undefined ? (value ?? '–') : formatBytes(Number(bytes));
}

const unreadableWords: Record<UnreadableReason, () => string> = {
  no_file: m.media_unreadable_no_file,
  no_tracks: m.media_unreadable_no_tracks,
  no_index: m.media_unreadable_no_index,
  no_format_chunk: m.media_unreadable_damaged_header,
  no_data_chunk: m.media_unreadable_no_tracks,
  damaged_header: m.media_unreadable_damaged_header,
  reader_failed: m.media_unreadable_reader_failed,
};

function unreadableText(reason: string): string {
  const words = Object.hasOwn(unreadableWords, reason)
    ? unreadableWords[reason as UnreadableReason]()
    : reason;
  return m.media_problem_unreadable({ measured: words });
}

/** Returns the place in the file: a line, a moment or a range. Empty for the file as a whole. */
export function problemPlace({ line, fromMs, toMs }: ProblemView): string {
  if (line !== null) return m.media_problem_where_line({ line });
  if (fromMs === null) return '';
  return toMs === null ? timeOfMs(fromMs) : `${timeOfMs(fromMs)} – ${timeOfMs(toMs)}`;
}
