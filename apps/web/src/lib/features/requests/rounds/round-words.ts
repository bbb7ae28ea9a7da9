/** Texts of the comparison of two rounds. */
import type { RoundsComparisonView } from '@turnover/domain/requests/rounds';
import * as m from '@turnover/messages/messages';
import { formatBytes } from '#lib/format.ts';
import type { Tone } from '#lib/ui/text/icon.ts';

export const comparedKinds = ['added', 'removed', 'changed', 'renamed', 'resent'] as const;
export type ComparedKind = (typeof comparedKinds)[number];

export const comparedLooks: Record<ComparedKind, { word: () => string; tone: Tone }> = {
  added: { word: m.rounds_kind_added, tone: 'ok' },
  removed: { word: m.rounds_kind_removed, tone: 'bad' },
  changed: { word: m.rounds_kind_changed, tone: 'info' },
  renamed: { word: m.rounds_kind_renamed, tone: 'flat' },
  resent: { word: m.rounds_kind_resent, tone: 'warn' },
};

const untouchedWords: Record<string, (input: { reason: string }) => string> = {
  picture_spec: m.rounds_doubt_picture,
  audio_spec: m.rounds_doubt_audio,
  timed_text: m.rounds_doubt_timed_text,
  checksum_missing: m.rounds_doubt_manifest,
  frame_gaps: m.rounds_doubt_frames,
};

type Doubt = RoundsComparisonView['doubts'][number]['doubt'];

export function doubtWords(code: string, reason: string, doubt: Doubt): string {
  if (doubt === 'nothing_changed') return m.rounds_doubt_nothing({ reason });
  return (untouchedWords[code] ?? m.rounds_doubt_kind)({ reason });
}

export function sizeDifference(bytes: number): string {
  if (bytes === 0) return m.rounds_size_same();
  const size = formatBytes(Math.abs(bytes));
  return bytes > 0 ? m.rounds_size_more({ size }) : m.rounds_size_less({ size });
}
