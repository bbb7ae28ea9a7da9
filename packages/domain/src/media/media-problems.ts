/**
 * The problems that processing can find in a file, grouped by the stage that finds them. The words for people are
 * messages (`media_problem_<code>`).
 */
import { z } from 'zod';
import type { ReasonCode } from '../requests/reasons.ts';
import { maxStageTextLength, plainLine } from './stage-words.ts';

export const problemSeverities = ['error', 'warning', 'note'] as const;
export type ProblemSeverity = (typeof problemSeverities)[number];

type ProblemDefinition = {
  severity: ProblemSeverity;
  /** The reason that a redelivery would give. */
  reason: ReasonCode;
};

const inspection = {
  /** The content is of another format than the name says. */
  not_its_kind: { severity: 'error', reason: 'wrong_file' },
  unreadable: { severity: 'error', reason: 'unreadable' },
  truncated: { severity: 'error', reason: 'unreadable' },
  /** The file contains no picture, sound or text. */
  empty: { severity: 'error', reason: 'unreadable' },
  extension_differs: { severity: 'warning', reason: 'wrong_file' },
  header_differs: { severity: 'error', reason: 'unreadable' },
  tracks_unequal: { severity: 'warning', reason: 'picture_spec' },
  timecode_differs: { severity: 'warning', reason: 'picture_spec' },
  drop_frame_differs: { severity: 'warning', reason: 'picture_spec' },
  hdr_incomplete: { severity: 'warning', reason: 'picture_spec' },
  hdr_levels: { severity: 'warning', reason: 'picture_spec' },
} satisfies Record<string, ProblemDefinition>;

const rules = {
  codec_unwanted: { severity: 'error', reason: 'picture_spec' },
  sound_codec_unwanted: { severity: 'error', reason: 'audio_spec' },
  resolution_unwanted: { severity: 'error', reason: 'picture_spec' },
  frame_rate_unwanted: { severity: 'error', reason: 'picture_spec' },
  sample_rate_unwanted: { severity: 'error', reason: 'audio_spec' },
  bit_depth_unwanted: { severity: 'error', reason: 'picture_spec' },
  sample_bits_unwanted: { severity: 'error', reason: 'audio_spec' },
  text_frame_rate_unwanted: { severity: 'error', reason: 'timed_text' },
  channels_unwanted: { severity: 'error', reason: 'audio_spec' },
  sound_language_unwanted: { severity: 'error', reason: 'audio_spec' },
  text_language_unwanted: { severity: 'error', reason: 'timed_text' },
  /** The type has a wish that inspection does not measure or that is written in words for people. */
  wish_not_compared: { severity: 'note', reason: 'other' },
} satisfies Record<string, ProblemDefinition>;

const signal = {
  true_peak_high: { severity: 'warning', reason: 'audio_spec' },
  loudness_unwanted: { severity: 'warning', reason: 'audio_spec' },
  silent_file: { severity: 'error', reason: 'audio_spec' },
  channel_silent: { severity: 'warning', reason: 'audio_spec' },
  silence: { severity: 'warning', reason: 'audio_spec' },
  clipping: { severity: 'warning', reason: 'audio_spec' },
  phase_inverted: { severity: 'warning', reason: 'audio_spec' },
  dual_mono: { severity: 'note', reason: 'audio_spec' },
  black: { severity: 'warning', reason: 'picture_spec' },
  freeze: { severity: 'warning', reason: 'picture_spec' },
} satisfies Record<string, ProblemDefinition>;

const text = {
  xml_cut_short: { severity: 'error', reason: 'unreadable' },
  xml_malformed: { severity: 'error', reason: 'unreadable' },
  xml_doctype: { severity: 'error', reason: 'unreadable' },
  text_undecodable: { severity: 'error', reason: 'unreadable' },
  no_cues: { severity: 'error', reason: 'timed_text' },
  cue_unreadable: { severity: 'error', reason: 'timed_text' },
  cue_time_unreadable: { severity: 'error', reason: 'timed_text' },
  cue_reversed: { severity: 'error', reason: 'timed_text' },
  cue_overlap: { severity: 'warning', reason: 'timed_text' },
  cue_gap_short: { severity: 'warning', reason: 'timed_text' },
  cue_short: { severity: 'warning', reason: 'timed_text' },
  cue_long: { severity: 'warning', reason: 'timed_text' },
  cue_lines: { severity: 'warning', reason: 'timed_text' },
  cue_line_long: { severity: 'warning', reason: 'timed_text' },
  cue_fast: { severity: 'warning', reason: 'timed_text' },
  cue_empty: { severity: 'warning', reason: 'timed_text' },
  cue_order: { severity: 'warning', reason: 'timed_text' },
  cues_not_read: { severity: 'warning', reason: 'timed_text' },
  text_language_differs: { severity: 'warning', reason: 'timed_text' },
  text_not_utf8: { severity: 'warning', reason: 'timed_text' },
  text_lost: { severity: 'warning', reason: 'timed_text' },
  text_utf16: { severity: 'note', reason: 'timed_text' },
  text_marked: { severity: 'note', reason: 'timed_text' },
} satisfies Record<string, ProblemDefinition>;

const packages = {
  /** A sound with one file per channel lacks the file of a channel. */
  stem_missing: { severity: 'warning', reason: 'missing_file' },
  /** The frames of an image sequence differ; reported at the last frame. */
  frames_unalike: { severity: 'error', reason: 'picture_spec' },
  package_file_missing: { severity: 'error', reason: 'missing_file' },
  package_no_list: { severity: 'error', reason: 'missing_file' },
  package_list_unreadable: { severity: 'error', reason: 'unreadable' },
  package_not_mapped: { severity: 'error', reason: 'missing_file' },
  package_size_differs: { severity: 'error', reason: 'checksum_mismatch' },
  package_hash_differs: { severity: 'error', reason: 'checksum_mismatch' },
  package_supplements: { severity: 'note', reason: 'other' },
  composition_rate_differs: { severity: 'error', reason: 'picture_spec' },
  /** For people: it has no rate, or there is no composition. */
  dolby_vision_not_compared: { severity: 'note', reason: 'other' },
  dolby_vision_rate_differs: { severity: 'error', reason: 'picture_spec' },
  composition_beyond_file: { severity: 'error', reason: 'picture_spec' },
  composition_lengths_differ: { severity: 'error', reason: 'picture_spec' },
  composition_sample_rate: { severity: 'error', reason: 'audio_spec' },
  composition_no_language: { severity: 'warning', reason: 'audio_spec' },
} satisfies Record<string, ProblemDefinition>;

const previews = {
  /** ffmpeg could not decode the file, so there is no preview. The house may have a program that can. */
  not_decodable: { severity: 'warning', reason: 'other' },
} satisfies Record<string, ProblemDefinition>;

/** A problem found by an external stage; the measured value holds its own words. */
const external = {
  external_error: { severity: 'error', reason: 'other' },
  external_warning: { severity: 'warning', reason: 'other' },
  external_note: { severity: 'note', reason: 'other' },
} satisfies Record<string, ProblemDefinition>;

const table = { ...inspection, ...rules, ...signal, ...text, ...packages, ...previews, ...external };
export type MediaProblemCode = keyof typeof table;
export const mediaProblemCodes = Object.keys(table) as [MediaProblemCode, ...MediaProblemCode[]];
export const mediaProblems: Record<MediaProblemCode, ProblemDefinition> = table;

/** Why a file of the right kind cannot be read; stored as the measured value of `unreadable`. */
export const unreadableReasons = [
  /** The file does not exist, or is not a regular file. */
  'no_file',
  /** The reader found no picture, sound or text in it. */
  'no_tracks',
  /** A movie without `moov`: the recording program stopped before it wrote the index. */
  'no_index',
  'no_format_chunk',
  'no_data_chunk',
  'damaged_header',
  /** The reader itself failed on the file. */
  'reader_failed',
] as const;
export type UnreadableReason = (typeof unreadableReasons)[number];

const value = z.string().max(maxStageTextLength).transform(plainLine);

export const mediaProblem = z.strictObject({
  code: z.enum(mediaProblemCodes),
  ...z
    .strictObject({
      /** The index of the track in the report, from 0. */
      track: z.int().nonnegative(),
      fromMs: z.number().nonnegative(),
      toMs: z.number().nonnegative(),
      /** The line number in a text file, from 1. */
      line: z.int().positive(),
      measured: value,
      wanted: value,
    })
    .partial().shape,
});
export type MediaProblem = z.infer<typeof mediaProblem>;

/** A stage reports this many problems of a file and only counts the rest. */
export const maxProblemsPerStage = 200;
