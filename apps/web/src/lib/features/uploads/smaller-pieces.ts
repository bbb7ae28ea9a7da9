import { formatBytes } from '#lib/format.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import * as m from '@turnover/messages/messages';

/** Says once that a proxy slows uploads down, because only its owner can change that. */
export function showSmaller(pieceBytes: number): void {
  toaster.show({ text: m.uploads_smaller_pieces({ size: formatBytes(pieceBytes) }) });
}
