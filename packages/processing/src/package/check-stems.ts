/**
 * Compares the channels of sound that is delivered as one file per channel. The first channel that exists reports for
 * all.
 */
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import { maxSiblings, type StageInput } from '@turnover/domain/media/stages';
import { channelSetOf } from '@turnover/domain/media/stems';

/** Returns null when there is no set, or when the delivery has more files than the stage sees. */
export function checkStems({ name, siblings }: Pick<StageInput, 'name' | 'siblings'>): {
  facts: Record<string, number>;
  problems: MediaProblem[];
} | null {
  if (siblings.length >= maxSiblings) return null;
  const set = channelSetOf(
    name,
    siblings.map((each) => each.name),
  );
  if (set === null) return null;
  const { present, wanted, isFirst } = set;
  const isWhole = present.length === wanted.length;
  return {
    facts: { channels: present.length },
    problems:
      isWhole || !isFirst
        ? []
        : [{ code: 'stem_missing', measured: present.join(', '), wanted: wanted.join(', ') }],
  };
}
