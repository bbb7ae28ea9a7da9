/** A finding that a person pins to a moment of a file, or to a frame: the marked range, and the form until it is added. */
import { maxFindings } from '@turnover/domain/requests/findings';
import { defaultFrameRate } from '@turnover/domain/media/timecodes';
import * as m from '@turnover/messages/messages';
import { momentAt, type MediaClock } from '#lib/player/media-clock.ts';
import type { MarkedRange } from '#lib/player/moment.ts';
import type { Transport } from '#lib/player/transport.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { emptyFinding, tidied, type FindingDraft, type PinnedFile } from '../redelivery/finding-draft.ts';
import { pinnedFindings } from '../redelivery/pinned-findings.svelte.ts';

/** A file, or a sequence. */
type Played = { playback: Pick<Transport, 'seconds' | 'pause'>; clock: MediaClock };

export class Pinning {
  /** The range that was marked with the keys I and O. */
  range = $state.raw<MarkedRange | null>(null);
  draft = $state<FindingDraft | null>(null);
  readonly #played: Played;
  readonly #requestId: () => string;
  readonly #fileAt: (seconds: number) => PinnedFile | null;

  /** `fileAt`: what a finding at this second is about; null: there is nothing to pin it on. */
  constructor(played: Played, requestId: () => string, fileAt: (seconds: number) => PinnedFile | null) {
    this.#played = played;
    this.#requestId = requestId;
    this.#fileAt = fileAt;
  }

  readonly markStart = (): void => {
    this.range = { from: this.#played.playback.seconds, to: null };
  };

  readonly markEnd = (): void => {
    const { seconds } = this.#played.playback;
    const from = this.range?.from ?? 0;
    this.range = seconds > from ? { from, to: seconds } : null;
  };

  /** In seconds: where the next finding stands. */
  get from(): number {
    return this.range?.from ?? this.#played.playback.seconds;
  }

  /** Begins a finding, or says why none can be pinned now. */
  readonly press = (whyNot: string | undefined): void => {
    if (whyNot === undefined) this.begin();
    else toaster.show({ text: whyNot });
  };

  readonly begin = (): void => {
    if (this.draft) return;
    const { playback, clock } = this.#played;
    playback.pause();
    const { from } = this;
    const to = this.range?.to ?? null;
    const file = this.#fileAt(from);
    if (!file) return;
    this.draft = {
      ...emptyFinding(pinnedFindings.nextKey(this.#requestId()), clock.rate ?? defaultFrameRate),
      file,
      fileText: file.path,
      timecodeIn: momentAt(clock, from),
      timecodeOut: to === null ? '' : momentAt(clock, to),
    };
  };

  readonly save = (): void => {
    if (!this.draft) return;
    if (!pinnedFindings.add(this.#requestId(), tidied($state.snapshot(this.draft))))
      toaster.show({ text: m.player_pins_full({ count: maxFindings }) });
    this.close();
  };

  readonly close = (): void => {
    this.draft = null;
    this.range = null;
  };
}
