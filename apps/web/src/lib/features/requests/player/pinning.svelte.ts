/** A finding that a person pins on a moment of a file: the stretch they mark, and the form until it is added. */
import { maxFindings } from '@turnover/domain/requests/findings';
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import { defaultFrameRate } from '@turnover/domain/media/timecodes';
import * as m from '@turnover/messages/messages';
import { momentAt } from '#lib/player/media-clock.ts';
import type { MarkedRange } from '#lib/player/moment.ts';
import type { Played } from '#lib/player/played.svelte.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { emptyFinding, tidied, type FindingDraft } from '../redelivery/finding-draft.ts';
import { pinnedFindings } from '../redelivery/pinned-findings.svelte.ts';

export class Pinning {
  /** Marked with I and O. */
  range = $state.raw<MarkedRange | null>(null);
  draft = $state<FindingDraft | null>(null);
  readonly #played: Played;
  readonly #file: () => DeliveredFileView;

  constructor(played: Played, file: () => DeliveredFileView) {
    this.#played = played;
    this.#file = file;
  }

  readonly markStart = (): void => {
    this.range = { from: this.#played.playback.seconds, to: null };
  };

  readonly markEnd = (): void => {
    const { seconds } = this.#played.playback;
    const from = this.range?.from ?? 0;
    this.range = seconds > from ? { from, to: seconds } : null;
  };

  readonly begin = (): void => {
    if (this.draft) return;
    const { playback, clock } = this.#played;
    playback.pause();
    const { from, to } = this.range ?? { from: playback.seconds, to: null };
    const { id, requestId, folder, name } = this.#file();
    const path = folder ? `${folder}/${name}` : name;
    this.draft = {
      ...emptyFinding(pinnedFindings.nextKey(requestId), clock.rate ?? defaultFrameRate),
      file: { id, path },
      fileText: path,
      timecodeIn: momentAt(clock, from),
      timecodeOut: to === null ? '' : momentAt(clock, to),
    };
  };

  readonly save = (): void => {
    if (!this.draft) return;
    if (!pinnedFindings.add(this.#file().requestId, tidied($state.snapshot(this.draft))))
      toaster.show({ text: m.player_pins_full({ count: maxFindings }) });
    this.close();
  };

  readonly close = (): void => {
    this.draft = null;
    this.range = null;
  };
}
