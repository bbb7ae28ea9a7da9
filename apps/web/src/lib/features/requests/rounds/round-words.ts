/** Texts and addresses for rounds and the comparison of two. */
import type { ContentChange } from '@turnover/domain/requests/contents';
import type { RoundsComparisonView } from '@turnover/domain/requests/rounds';
import * as m from '@turnover/messages/messages';
import { formatBytes, formatNumber } from '#lib/format.ts';
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

type RequestOfRound = { id: string; projectId: string };

/** Returns the address of a submitted round. */
export function roundHref({ id, projectId }: RequestOfRound, number: number): string {
  return `/p/${projectId}/deliveries/${id}/rounds/${number}`;
}

/** Describes what changed in a row since the previous round: one word, and the numbers when its files differ. */
export function changeLook(change: ContentChange): { text: string; tone: Tone; title: string | undefined } {
  const { added, changed, renamed, same } = change;
  const kinds = (['added', 'changed', 'renamed', 'same'] as const).filter((kind) => change[kind] > 0);
  const kind = kinds.length === 1 ? kinds[0]! : 'changed';
  const { text, tone } = changeLooks[kind];
  const title =
    kinds.length > 1
      ? m.rounds_change_counts({
          added: formatNumber(added),
          changed: formatNumber(changed),
          same: formatNumber(renamed + same),
        })
      : undefined;
  return { text: text(), tone, title };
}

const changeLooks: Record<keyof ContentChange, { text: () => string; tone: Tone }> = {
  added: { text: m.rounds_kind_added, tone: 'ok' },
  changed: { text: m.rounds_kind_changed, tone: 'info' },
  renamed: { text: m.rounds_change_renamed, tone: 'flat' },
  same: { text: m.rounds_change_same, tone: 'flat' },
};
