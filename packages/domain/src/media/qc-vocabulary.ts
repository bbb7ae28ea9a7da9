/**
 * The category and term of the MovieLabs QC Vocabulary 1.1 for each of our own codes, so that other systems can route
 * our reports. Contains only terms whose definition we have read; a null term means that only the category is certain.
 */
import type { ReasonCode } from '../requests/reasons.ts';
import type { MediaKind } from './media-kinds.ts';
import type { MediaProblemCode } from './media-problems.ts';
import type { StageFailure } from './stages.ts';

type Category =
  'VIDEO' | 'AUDIO' | 'TIMED-TEXT' | 'ARTWORK' | 'COLOR-TRANSFORM' | 'DELIVERY-PACKAGE' | 'METADATA';
export type QcTerm = { category: Category; term: string | null };

/**
 * `CATEGORY` or `CATEGORY/TERM`; `by_kind`: the term for a damaged file of its media kind; null: the vocabulary has no
 * match.
 */
type Written = Category | `${Category}/${string}` | 'by_kind' | null;

const ofProblems: Record<MediaProblemCode, Written> = {
  not_its_kind: 'DELIVERY-PACKAGE/ASSET-TYPE-MISMATCH',
  unreadable: 'by_kind',
  truncated: 'by_kind',
  empty: 'by_kind',
  extension_differs: 'DELIVERY-PACKAGE/INVALID-FILE-TYPE',
  header_differs: 'by_kind',
  tracks_unequal: 'VIDEO',
  timecode_differs: 'VIDEO',
  drop_frame_differs: 'VIDEO',
  hdr_incomplete: 'COLOR-TRANSFORM/MISSING',
  hdr_levels: 'COLOR-TRANSFORM/MAXFALL-MAXCLL',
  frames_unalike: 'VIDEO',
  codec_unwanted: 'VIDEO',
  sound_codec_unwanted: 'AUDIO',
  resolution_unwanted: 'VIDEO',
  frame_rate_unwanted: 'VIDEO',
  sample_rate_unwanted: 'AUDIO',
  bit_depth_unwanted: 'VIDEO',
  sample_bits_unwanted: 'AUDIO/BIT-DEPTH',
  text_frame_rate_unwanted: 'TIMED-TEXT',
  channels_unwanted: 'AUDIO/CONFIGURATION',
  sound_language_unwanted: 'AUDIO',
  text_language_unwanted: 'TIMED-TEXT',
  wish_not_compared: null,
  true_peak_high: 'AUDIO',
  loudness_unwanted: 'AUDIO',
  silent_file: 'AUDIO',
  channel_silent: 'AUDIO',
  silence: 'AUDIO',
  clipping: 'AUDIO/CLIPPING',
  phase_inverted: 'AUDIO',
  dual_mono: 'AUDIO',
  black: 'VIDEO',
  freeze: 'VIDEO',
  xml_cut_short: 'TIMED-TEXT/CORRUPT-FILE',
  xml_malformed: 'TIMED-TEXT/CORRUPT-FILE',
  xml_doctype: 'TIMED-TEXT',
  text_undecodable: 'TIMED-TEXT/CORRUPT-FILE',
  no_cues: 'TIMED-TEXT',
  cue_unreadable: 'TIMED-TEXT/CORRUPT-FILE',
  cue_time_unreadable: 'TIMED-TEXT/CORRUPT-FILE',
  cue_reversed: 'TIMED-TEXT',
  cue_overlap: 'TIMED-TEXT',
  cue_gap_short: 'TIMED-TEXT',
  cue_short: 'TIMED-TEXT/DURATION-SHORT-EVENT',
  cue_long: 'TIMED-TEXT/DURATION-LONG-EVENT',
  cue_lines: 'TIMED-TEXT',
  cue_line_long: 'TIMED-TEXT',
  cue_fast: 'TIMED-TEXT',
  cue_empty: 'TIMED-TEXT',
  cue_order: 'TIMED-TEXT',
  cues_not_read: 'TIMED-TEXT',
  text_language_differs: 'TIMED-TEXT',
  text_not_utf8: 'TIMED-TEXT',
  text_lost: 'TIMED-TEXT/ILLEGAL-CHARACTERS',
  text_utf16: 'TIMED-TEXT',
  text_marked: 'TIMED-TEXT',
  stem_missing: 'AUDIO/CONFIGURATION',
  package_file_missing: 'DELIVERY-PACKAGE/INVALID-CONTENT-STRUCTURE',
  package_no_list: 'DELIVERY-PACKAGE/INVALID-INVENTORY',
  package_list_unreadable: 'DELIVERY-PACKAGE/INVALID-MANIFEST',
  package_not_mapped: 'DELIVERY-PACKAGE/INVALID-INVENTORY',
  package_size_differs: 'DELIVERY-PACKAGE',
  package_hash_differs: 'DELIVERY-PACKAGE',
  package_supplements: null,
  composition_rate_differs: 'VIDEO',
  dolby_vision_not_compared: null,
  dolby_vision_rate_differs: 'VIDEO',
  composition_beyond_file: 'VIDEO',
  composition_lengths_differ: 'VIDEO',
  composition_sample_rate: 'AUDIO',
  composition_no_language: 'AUDIO',
  not_decodable: null,
  external_error: null,
  external_warning: null,
  external_note: null,
};

const ofFailures: Record<StageFailure, Written> = {
  stored_bytes_differ: null,
  declared_checksum_differs: 'DELIVERY-PACKAGE',
  bytes_missing: null,
  took_too_long: null,
  crashed: null,
  cancelled: null,
};

const ofReasons: Record<ReasonCode, Written> = {
  missing_file: 'DELIVERY-PACKAGE/INVALID-CONTENT-STRUCTURE',
  wrong_file: 'DELIVERY-PACKAGE',
  wrong_version: 'DELIVERY-PACKAGE',
  name_not_to_spec: 'DELIVERY-PACKAGE',
  checksum_missing: 'DELIVERY-PACKAGE',
  checksum_mismatch: 'DELIVERY-PACKAGE',
  unreadable: 'by_kind',
  frame_gaps: 'VIDEO',
  picture_spec: 'VIDEO',
  audio_spec: 'AUDIO',
  timed_text: 'TIMED-TEXT',
  extraneous_content: 'DELIVERY-PACKAGE/ASSET-UNNEEDED',
  creative_change: null,
  sent_in_error: null,
  other: null,
};

const damaged: Record<MediaKind, Exclude<Written, 'by_kind'>> = {
  picture: 'VIDEO',
  locked_cut: 'VIDEO',
  frame: 'VIDEO',
  audio: 'AUDIO/CORRUPT',
  timed_text: 'TIMED-TEXT/CORRUPT-FILE',
  image: 'ARTWORK',
  manifest: 'DELIVERY-PACKAGE/INVALID-MANIFEST',
  document: 'DELIVERY-PACKAGE',
  other: 'DELIVERY-PACKAGE',
};

const table = new Map<string, Written>(Object.entries({ ...ofProblems, ...ofFailures }));
const reasonTable = new Map<string, Written>(Object.entries(ofReasons));

/** Returns the term for a problem, or for the failure of a stage, in a file of this kind; null for an unknown code. */
export function qcTermOfProblem(code: string, kind: MediaKind): QcTerm | null {
  return termOf(table.get(code) ?? null, kind);
}

/**
 * Returns the term for a reason of the starter list; null for reasons that the house added. A finding about the whole
 * delivery has no kind.
 */
export function qcTermOfReason(code: string, kind: MediaKind = 'other'): QcTerm | null {
  return termOf(reasonTable.get(code) ?? null, kind);
}

function termOf(written: Written, kind: MediaKind): QcTerm | null {
  const text = written === 'by_kind' ? damaged[kind] : written;
  if (text === null) return null;
  const [category, term = null] = text.split('/') as [Category, string?];
  return { category, term };
}
