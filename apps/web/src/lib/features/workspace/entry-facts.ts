/** The facts of an entry, as the panel lists them. */
import type { EntryDetailsView, EntryView, FramesView } from '@turnover/domain/workspace/entries';
import { rangesText } from '@turnover/domain/sequences/frame-ranges';
import * as m from '@turnover/messages/messages';
import { formatBytes, formatDue, formatFully, formatLastDay, formatNumber } from '#lib/format.ts';

type Fact = { label: string; value: string; title?: string };

export function factsOf(
  { sizeBytes, items, files, kind, frames, createdAt, updatedAt }: EntryView,
  now: number,
): Fact[] {
  return [
    { label: m.workspace_size(), value: sizeWords(sizeBytes) },
    ...(kind === 'folder'
      ? [
          { label: m.workspace_items_label(), value: formatNumber(items ?? 0) },
          { label: m.workspace_files_label(), value: formatNumber(files ?? 0) },
        ]
      : []),
    ...(frames
      ? [
          {
            label: m.workspace_frames(),
            value: frameWords(frames),
          },
          ...(frames.ranges && frames.ranges.length > 1
            ? [{ label: m.workspace_ranges(), value: rangeWords(frames) }]
            : []),
        ]
      : []),
    { label: m.workspace_changed(), value: formatDue(updatedAt, now), title: formatFully(updatedAt) },
    { label: m.workspace_created(), value: formatDue(createdAt, now), title: formatFully(createdAt) },
  ];
}

/** Returns `1001–1040 (40)`, with the step of a sequence that skips frames on purpose. */
function frameWords({ first, last, count, step }: FramesView): string {
  const words = `${first}–${last} (${formatNumber(count)})`;
  return step > 1 ? `${words}, ${m.workspace_frames_every({ step })}` : words;
}

const maxRanges = 20;

function rangeWords({ ranges, step, last }: FramesView): string {
  const shown = ranges?.slice(0, maxRanges) ?? [];
  const more = shown.at(-1)?.[1] === last ? '' : ' …';
  return `${rangesText(shown, step)}${more}`;
}

/** Returns the rounded size, with the exact number when it differs. */
function sizeWords(bytes: number): string {
  const short = formatBytes(bytes);
  const exact = `${formatNumber(bytes)} B`;
  return short === exact ? short : `${short} (${exact})`;
}

/** Returns owner, rights, end of access, and how long the entry is kept. */
export function accessFacts({ access, expiresAt, delivered }: EntryDetailsView, now: number): Fact[] {
  const { owner, isOwner, canShare, canUpdate, until } = access;
  const rights = [
    m.workspace_may_download(),
    canShare && m.workspace_may_share(),
    canUpdate && m.workspace_may_update(),
  ];
  return [
    { label: m.workspace_owner(), value: isOwner ? m.workspace_owner_you({ name: owner.name }) : owner.name },
    ...(isOwner ? [] : [{ label: m.workspace_you_may(), value: rights.filter(Boolean).join(', ') }]),
    ...(until === null ? [] : [{ label: m.workspace_last_day(), value: formatLastDay(until, now) }]),
    ...(delivered
      ? [{ label: m.workspace_kept_until(), value: m.workspace_kept_delivered() }]
      : expiresAt === null
        ? []
        : [{ label: m.workspace_kept_until(), value: formatDue(expiresAt, now) }]),
  ];
}

/** Returns `1004`, `1010–1012`, and how many more frames are missing. */
export function gapWords({ gaps, frames }: Pick<EntryDetailsView, 'gaps' | 'frames'>): string {
  const step = frames?.step ?? 1;
  const listed = gaps.reduce((sum, [first, last]) => sum + (last - first) / step + 1, 0);
  const words = gaps.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
  const more = (frames?.missing ?? 0) - listed;
  return more > 0 ? `${words}, ${m.workspace_and_more({ count: more })}` : words;
}
