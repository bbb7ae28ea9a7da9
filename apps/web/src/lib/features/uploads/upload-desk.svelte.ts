/**
 * The uploads of this tab, as pages see them: nothing, until the first upload loads the queue and what belongs to it.
 * From then on they stay, whatever page is open.
 */
import { tick } from 'svelte';
import type { UploadView } from '@turnover/domain/workspace/uploads';
import type { UploadItem } from './upload-item.svelte.ts';

const loadParts = () => import('./desk-parts.ts');
type Parts = Awaited<ReturnType<typeof loadParts>>;

class UploadDesk {
  /** Null until something is uploaded. */
  parts = $state.raw<Parts | null>(null);

  get items(): readonly UploadItem[] {
    return this.parts?.uploads.items ?? [];
  }

  get unfinished(): readonly UploadView[] {
    return this.parts?.uploads.unfinished ?? [];
  }

  /** Resolves when the tray is there, and with it the check of the open page, which must see the first files too. */
  async load(): Promise<Parts> {
    this.parts ??= await loadParts();
    await tick();
    return this.parts;
  }

  /** Loads what an upload will need. A failure shows when it does. */
  prepare(): void {
    loadParts().catch(() => {});
  }
}

export const uploadDesk = new UploadDesk();
