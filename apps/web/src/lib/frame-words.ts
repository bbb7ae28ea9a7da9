/** The note beside the name of an image sequence. */
import type { FramesView } from '@turnover/domain/workspace/entries';
import { gapsText } from '@turnover/domain/sequences/frame-ranges';
import * as m from '@turnover/messages/messages';

/** Returns `240 frames · missing: 1002–1003`. */
export function frameNote({ count, missing, gaps, step, duplicates }: FramesView): string {
  return [
    m.workspace_frames_count({ count }),
    ...(gaps && gaps.length > 0 ? [m.workspace_frames_which({ gaps: gapsText(gaps, missing, step) })] : []),
    ...(duplicates > 0 && missing > 0 ? [m.workspace_frames_twice({ count: duplicates })] : []),
  ].join(' · ');
}

/** Returns true when frames are missing or exist more than once. */
export function isOdd({ missing, duplicates }: FramesView): boolean {
  return missing > 0 || duplicates > 0;
}
