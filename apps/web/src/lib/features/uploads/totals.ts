/** Sums up all uploads of the tray, and chooses the ones that get a line. */
import type { ItemStatus } from './upload-item.svelte.ts';

type Item = { status: ItemStatus; sentBytes: number; file: { size: number } };

export type Totals<Each extends Item = Item> = {
  counts: Record<ItemStatus, number>;
  /** The number of files that can move or have moved, without those that need attention first. */
  files: number;
  /** The number of files that existed at the target before. */
  already: number;
  /** The number of queued files without an item. */
  behind: number;
  /** The fraction of all bytes that was sent, 0 to 1. */
  fraction: number;
  /** Uploads that need attention first, then running ones; finished ones have no line. */
  lines: Each[];
};

const order: readonly ItemStatus[] = [
  'signedOut',
  'taken',
  'failed',
  'mismatch',
  'sending',
  'verifying',
  'paused',
  'waiting',
];
/** The most lines, because a dropped folder may hold a hundred thousand frames. */
const maxLines = 30;

/** States that need a person, so they count in no progress. */
const stuck: readonly ItemStatus[] = ['taken', 'failed', 'mismatch'];

/** Files without an item: finished ones that were removed, ones that existed before, and queued ones. */
export type Unseen = {
  already: number;
  done: { files: number; bytes: number };
  behind: { files: number; bytes: number; isHeld: boolean };
};
const nothingUnseen: Unseen = {
  already: 0,
  done: { files: 0, bytes: 0 },
  behind: { files: 0, bytes: 0, isHeld: false },
};

export function sumUp<Each extends Item>(
  items: readonly Each[],
  { already, done, behind }: Unseen = nothingUnseen,
): Totals<Each> {
  const byStatus = Object.groupBy(items, ({ status }) => status);
  const counts = Object.fromEntries(
    [...order, 'done' as const].map((status) => [status, byStatus[status]?.length ?? 0]),
  ) as Record<ItemStatus, number>;
  counts.done += done.files;
  counts[behind.isHeld ? 'paused' : 'waiting'] += behind.files;
  const moving = items.filter(({ status }) => !stuck.includes(status));
  const allBytes = moving.reduce((sum, { file }) => sum + file.size, done.bytes + behind.bytes);
  const sentBytes = moving.reduce((sum, item) => sum + item.sentBytes, done.bytes);
  const files = moving.length + done.files + behind.files;
  const sentFiles = counts.done + counts.verifying;
  return {
    counts,
    files,
    already,
    behind: behind.files,
    fraction: allBytes > 0 ? sentBytes / allBytes : files > 0 ? sentFiles / files : 0,
    lines: order.flatMap((status) => byStatus[status]?.slice(0, maxLines) ?? []).slice(0, maxLines),
  };
}
