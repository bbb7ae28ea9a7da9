/** All uploads of the tray added up, and the ones worth a line in it. */
import type { ItemStatus } from './upload-item.svelte.ts';

type Item = { status: ItemStatus; sentBytes: number; file: { size: number } };

export type Totals<Each extends Item = Item> = {
  counts: Record<ItemStatus, number>;
  files: number;
  /** Of all bytes, 0 to 1. */
  fraction: number;
  /** Those that need somebody first, then those on their way; what is done needs no line. */
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
/** A dropped folder may hold a hundred thousand frames. */
const mostLines = 30;

export function sumUp<Each extends Item>(items: readonly Each[]): Totals<Each> {
  const byStatus = Object.groupBy(items, ({ status }) => status);
  const counts = Object.fromEntries(
    [...order, 'done' as const].map((status) => [status, byStatus[status]?.length ?? 0]),
  ) as Record<ItemStatus, number>;
  const allBytes = items.reduce((sum, { file }) => sum + file.size, 0);
  const sentBytes = items.reduce((sum, item) => sum + item.sentBytes, 0);
  const sentFiles = counts.done + counts.verifying;
  return {
    counts,
    files: items.length,
    fraction: allBytes > 0 ? sentBytes / allBytes : items.length > 0 ? sentFiles / items.length : 0,
    lines: order.flatMap((status) => byStatus[status]?.slice(0, mostLines) ?? []).slice(0, mostLines),
  };
}
