/** An image sequence in the player: its frames, by which clock, and where it stands. */
import { untrack } from 'svelte';
import { maxPreviewsAtOnce, type PreviewRunView } from '@turnover/domain/media/preview-runs';
import type { PlayedFrame, PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';
import * as m from '@turnover/messages/messages';
import { previewReason } from '#lib/stage-reason-words.ts';
import { secondsOfFrame } from '../media-clock.ts';
import { FrameFeed, type FrameState } from './frame-feed.ts';
import { FrameFiles } from './frame-files.ts';
import { FramePlayback } from './frame-playback.svelte.ts';
import { loadPicture } from './load-picture.ts';
import { clockOfSequence, framesASecond, framesToLoad, type FrameReport } from './sequence-clock.ts';

/** How the hub is asked for frames: of a request, or of a Workspace. */
export type FrameSource = {
  read: (from: number) => Promise<PlayedFramesView | null>;
  /** Has previews made that are not there yet, and says what there is. */
  make: (fileIds: string[]) => Promise<PreviewRunView[]>;
};

const askEveryMs = 1500;
const ahead = { ahead: 48, behind: 8 };

export class PlayedSequence {
  readonly #view: () => PlayedFramesView;
  readonly #source: FrameSource;
  readonly #files: FrameFiles;
  /** What the first frame says that was read. */
  #report = $state.raw<FrameReport | null>(null);
  /** Counts what the feed has changed. */
  #changes = $state(0);
  readonly view = $derived.by(() => this.#view());
  readonly clock = $derived(clockOfSequence(this.view, this.#report));
  readonly label = $derived(sequenceLabel(this.view.name, this.view.frames));
  readonly #feed = new FrameFeed({
    load: (frame, signal) => this.#load(frame, signal),
    onchange: () => (this.#changes += 1),
  });
  readonly playback: FramePlayback;
  readonly frame = $derived.by(() => this.playback.frame);
  readonly shown: FrameState = $derived.by(() => (this.#changes, this.#feed.at(this.frame)));
  /** Null: it is missing. Undefined: not known yet. */
  readonly file = $derived.by(() => this.fileAt(this.frame));
  /** In seconds. */
  readonly gaps = $derived(
    (this.view.frames.gaps ?? []).map(([from, to]) => ({
      from: this.secondsOf(from) - this.#half,
      to: this.secondsOf(to) + this.#half,
    })),
  );

  /** Call it while a component starts. `at`: the frame to begin with. */
  constructor(
    view: () => PlayedFramesView,
    source: FrameSource,
    { at, stated }: { at: number; stated: FrameReport | null },
  ) {
    this.#view = view;
    this.#source = source;
    this.#report = stated;
    this.#files = new FrameFiles(untrack(view), source.read);
    this.playback = new FramePlayback(
      {
        frames: () => this.view.frames,
        framesASecond: () => framesASecond(this.clock.rate),
        isSettled: (frame) => this.#feed.isSettled(frame),
      },
      at,
    );
    $effect(() => this.#renew());
    $effect(() => this.#lookAhead());
    $effect(() => this.#ask());
    $effect(() => this.#animate());
    $effect(() => () => this.#feed.end());
  }

  fileAt(frame: number): PlayedFrame | null | undefined {
    return this.#changes >= 0 ? this.#files.known(frame) : undefined;
  }

  /** The middle of the frame. */
  secondsOf(frame: number): number {
    return secondsOfFrame(this.clock, frame - this.view.frames.first);
  }

  frameOf(seconds: number): number {
    const { first, last } = this.view.frames;
    return Math.min(last, first + Math.floor(seconds * framesASecond(this.clock.rate) + 0.01));
  }

  get #half(): number {
    return 0.5 / framesASecond(this.clock.rate);
  }

  /** Files came or went: the frame stays the same, whichever is the first now. */
  #renew(): void {
    const { view } = this;
    untrack(() => {
      const { frame } = this;
      this.#files.renew(view);
      this.#feed.end();
      this.playback.show(frame);
      this.#lookAhead();
    });
  }

  #lookAhead(): void {
    const { frame } = this;
    const { speed } = this.playback;
    this.#feed.look(framesToLoad(this.view.frames, frame, { stride: speed || 1, ...ahead }));
  }

  /** While somebody waits for previews, the hub is asked every few seconds: it takes only so many at once. */
  #ask(): () => void {
    let isAsking = false;
    const ask = async () => {
      if (isAsking) return;
      const files = this.#feed.beingMade.flatMap((frame) => {
        const file = this.#files.known(frame);
        return file ? [{ frame, id: file.id }] : [];
      });
      const asked = files.slice(0, maxPreviewsAtOnce);
      if (asked.length === 0) return;
      isAsking = true;
      // Without an answer, it is asked again.
      await this.#learn(asked).catch(() => undefined);
      isAsking = false;
    };
    const timer = setInterval(() => void ask(), askEveryMs);
    const soon = setTimeout(() => void ask(), 100);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
    };
  }

  async #learn(asked: readonly { frame: number; id: string }[]): Promise<void> {
    const views = await this.#source.make(asked.map(({ id }) => id));
    this.#files.learn(views);
    const frameOf = new Map(asked.map(({ frame, id }) => [id, frame]));
    for (const { id, report } of views) {
      const frame = frameOf.get(id);
      if (report && frame !== undefined && this.#report === null) {
        const at = this.frame;
        this.#report = { frame, report };
        this.playback.show(at);
      }
    }
    const ended = views.filter(({ status, previews }) => status === 'ended' || previews.length > 0);
    this.#feed.again(ended.flatMap(({ id }) => frameOf.get(id) ?? []));
  }

  async #load(frame: number, signal: AbortSignal): Promise<FrameState> {
    const file = await this.#files.find(frame);
    if (file === null) return { is: 'missing' };
    const found = this.#files.pictureOf(file);
    if (found === 'making') return { is: 'making' };
    if ('why' in found) return { is: 'failed', why: previewReason(found.why) };
    const loaded = await loadPicture(found.href, signal);
    if (loaded) {
      const { picture, isReduced } = loaded;
      return { is: 'ready', picture, isOriginal: found.isOriginal && !isReduced };
    }
    if (!found.isOriginal) return { is: 'failed', why: m.player_nothing() };
    this.#files.refuse(file);
    return this.#load(frame, signal);
  }

  #animate(): (() => void) | undefined {
    if (this.playback.speed === 0) return;
    // The first picture of an animation may bear a time before now.
    let last = Infinity;
    let next = 0;
    const run = (now: number) => {
      this.playback.advance(Math.max(0, now - last) / 1000);
      last = now;
      next = requestAnimationFrame(run);
    };
    next = requestAnimationFrame(run);
    return () => cancelAnimationFrame(next);
  }
}
