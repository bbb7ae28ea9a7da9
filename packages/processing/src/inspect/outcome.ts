/** What inspection says about a file. */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { MediaReport } from '@turnover/domain/media/media-report';

/** Why a file of the right kind could not be read. */
export const unreadableReasons = [
  /** The file itself: not there, or not a regular file. */
  'no_file',
  /** The reader found no picture, sound or text in it. */
  'no_tracks',
  /** A movie without `moov`: its program was stopped before it wrote where the pictures are. */
  'no_index',
  'no_format_chunk',
  'no_data_chunk',
  'damaged_header',
  /** The reader itself failed on the file. */
  'reader_failed',
] as const;
export type UnreadableReason = (typeof unreadableReasons)[number];

export type Facts = Record<string, string | number | boolean>;

export type InspectionRead = { kind: 'read'; report: MediaReport; problems: MediaProblem[] };
export type InspectionFailed =
  | { kind: 'failed'; failure: 'empty'; facts: Facts }
  | { kind: 'failed'; failure: 'not_its_kind'; facts: { found: string; expected: string } }
  | { kind: 'failed'; failure: 'truncated'; facts: Facts }
  | { kind: 'failed'; failure: 'unreadable'; facts: { reason: UnreadableReason } };
export type InspectionSkipped = { kind: 'skipped'; reason: 'empty_file' | 'not_inspected' };

export type Inspection = InspectionRead | InspectionFailed | InspectionSkipped;

export function unreadable(reason: UnreadableReason): InspectionFailed {
  return { kind: 'failed', failure: 'unreadable', facts: { reason } };
}

/** `expectedBytes` is absent where the file does not state its size. */
export function truncated(sizeBytes: number, expectedBytes?: number): InspectionFailed {
  const expected = expectedBytes !== undefined && { expectedBytes };
  return { kind: 'failed', failure: 'truncated', facts: { ...expected, foundBytes: sizeBytes } };
}

export const empty: InspectionFailed = { kind: 'failed', failure: 'empty', facts: {} };
export const notInspected: InspectionSkipped = { kind: 'skipped', reason: 'not_inspected' };
