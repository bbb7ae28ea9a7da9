/** The outcomes of inspecting a file. */
import type { MediaProblem, UnreadableReason } from '@turnover/domain/media/media-problems';
import type { MediaReport } from '@turnover/domain/media/media-report';

export type InspectionRead = { kind: 'read'; report: MediaReport; problems: MediaProblem[] };
export type InspectionFailed =
  | { kind: 'failed'; failure: 'empty'; facts: Record<string, never> }
  | { kind: 'failed'; failure: 'not_its_kind'; facts: { found: string; expected: string } }
  | { kind: 'failed'; failure: 'truncated'; facts: { foundBytes: number; expectedBytes?: number } }
  | { kind: 'failed'; failure: 'unreadable'; facts: { reason: UnreadableReason } };
export type InspectionSkipped = { kind: 'skipped'; reason: 'empty_file' | 'not_inspected' };

export type Inspection = InspectionRead | InspectionFailed | InspectionSkipped;

export function unreadable(reason: UnreadableReason): InspectionFailed {
  return { kind: 'failed', failure: 'unreadable', facts: { reason } };
}

/** Builds the outcome of a truncated file. `expectedBytes` is absent when the file does not state its size. */
export function truncated(sizeBytes: number, expectedBytes?: number): InspectionFailed {
  const expected = expectedBytes !== undefined && { expectedBytes };
  return { kind: 'failed', failure: 'truncated', facts: { ...expected, foundBytes: sizeBytes } };
}

export const empty: InspectionFailed = { kind: 'failed', failure: 'empty', facts: {} };
export const notInspected: InspectionSkipped = { kind: 'skipped', reason: 'not_inspected' };
