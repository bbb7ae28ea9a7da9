/** Downloads several files together. */
import type { ArchiveView } from '@turnover/domain/archives/archives';
import { wordsForCaught } from '#lib/errors.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { saveZip } from './archives.ts';

export async function downloadMany(prepare: () => ArchiveView | Promise<ArchiveView>): Promise<void> {
  try {
    await saveZip(await prepare());
  } catch (error) {
    toaster.show({ text: wordsForCaught(error), tone: 'bad' });
  }
}
