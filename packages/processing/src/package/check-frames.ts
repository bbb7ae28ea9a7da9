/** Compares the frames of a sequence: all must have one format, size and layout. The last frame reports for all. */
import type { LayoutGroup } from '@turnover/domain/media/frame-layout';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { StageInput } from '@turnover/domain/media/stages';

/** Maximum length of a compared value in a problem, because people read both values side by side. */
const maxLength = 95;

/** Returns null when the inspection read fewer than two frames. */
export function checkFrames({ layouts }: Pick<StageInput, 'layouts'>): {
  facts: Record<string, number>;
  problems: MediaProblem[];
} | null {
  const groups = layouts ?? [];
  const frames = groups.reduce((sum, { count }) => sum + count, 0);
  if (frames < 2) return null;
  // The first of the largest groups wins, because groups are in the order of their frames.
  const usual = groups.reduce((most, group) => (group.count > most.count ? group : most));
  const others = groups.filter((group) => group !== usual);
  return {
    facts: { frames, layouts: groups.length },
    problems: others.map((group) => ({
      code: 'frames_unalike',
      measured: written(group),
      wanted: written(usual),
    })),
  };
}

function written({ frames, layout }: LayoutGroup): string {
  return `${shortened(frames)}: ${shortened(layout)}`;
}

function shortened(text: string): string {
  return text.length > maxLength ? `${text.slice(0, maxLength - 1)}…` : text;
}
