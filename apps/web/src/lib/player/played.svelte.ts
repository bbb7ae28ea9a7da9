/** One file in the player: its source, its clock, and its position. */
import type { MediaReport } from '@turnover/domain/media/media-report';
import { clockOf } from './media-clock.ts';
import { Playback } from './playback.svelte.ts';
import { sourcesOf, type PlayedFile } from './player-source.ts';

type What = { file: PlayedFile; report: MediaReport | null };

export class Played {
  readonly #what: () => What;
  /** The source that the person chose; null for the first one that the browser can play. */
  #chosen = $state<'original' | 'preview' | null>(null);
  #failed = $state.raw<ReadonlySet<string>>(new Set());
  readonly file = $derived.by(() => this.#what().file);
  readonly report = $derived.by(() => this.#what().report);
  readonly clock = $derived(clockOf(this.report));
  readonly usable = $derived(sourcesOf(this.file, this.report).filter(({ href }) => !this.#failed.has(href)));
  readonly source = $derived(
    this.usable.find(
      ({ isOriginal }) => this.#chosen !== null && isOriginal === (this.#chosen === 'original'),
    ) ?? this.usable[0],
  );
  /** True for media with a duration, rather than a still or a text. */
  readonly moves = $derived(this.source?.shows === 'picture' || this.source?.shows === 'sound');
  readonly channels = $derived(
    this.report?.tracks.find((track) => track.kind === 'sound')?.layout?.split(/\s+/) ?? [],
  );
  readonly playback = new Playback(
    () => this.clock,
    () => this.fail(),
  );

  constructor(what: () => What) {
    this.#what = what;
  }

  get hasFailed(): boolean {
    return this.#failed.size > 0;
  }

  choose(source: 'original' | 'preview'): void {
    this.#chosen = source;
  }

  /** Replaces a source that the browser cannot show with the next best one. */
  fail(): void {
    if (this.source) this.#failed = new Set([...this.#failed, this.source.href]);
  }
}
