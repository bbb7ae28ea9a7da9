/** Requests the preview of an opened frame, and explains why there is nothing to show. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import * as m from '@turnover/messages/messages';
import { askAgain } from '#lib/player/ask-again.ts';
import type { Played } from '#lib/player/played.svelte.ts';
import { previewReason } from '#lib/stage-reason-words.ts';
import { trpc } from '#lib/trpc.ts';
import { isMissingFrame } from './missing-frame.ts';
import { whyNothing } from './why-nothing.ts';

export class FramePreview {
  readonly #file: () => DeliveredFileView;
  readonly #played: Pick<Played, 'source'>;
  #asked = $state.raw<PreviewRunView>();
  readonly #isMissing = $derived.by(() => {
    const hasSource = this.#played.source !== undefined;
    return isMissingFrame(this.#file(), { hasSource, asked: this.#asked?.status });
  });
  readonly why = $derived.by(() => {
    if (this.#isMissing) return m.player_being_made();
    return this.#asked?.reason ? previewReason(this.#asked.reason) : whyNothing(this.#file());
  });

  /** Call this while a component initialises. `onmade`: called when new previews exist. */
  constructor(file: () => DeliveredFileView, played: Pick<Played, 'source'>, onmade: () => void) {
    this.#file = file;
    this.#played = played;
    $effect(() => {
      const { requestId, id } = file();
      if (!this.#isMissing) return;
      return askAgain(async () => {
        [this.#asked] = await trpc.requestFiles.makePreviews.mutate({ requestId, fileIds: [id] });
        if (this.#asked?.status === 'ended') onmade();
      });
    });
  }
}
