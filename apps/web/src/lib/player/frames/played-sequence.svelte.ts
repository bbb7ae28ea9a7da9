/** State of an image sequence in the player: its frames, its clock, and the current frame. */
import { untrack } from 'svelte';
import { maxPreviewsAtOnce, type PreviewRunView } from '@turnover/domain/media/preview-runs';
import type { PlayedFrame, PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { previewReason } from '#lib/stage-reason-words.ts';
import { secondsOfFrame } from '../media-clock.ts';
import { FrameFeed, type FrameState } from './frame-feed.ts';
import { FrameFiles } from './frame-files.ts';
import { FramePlayback } from './frame-playback.svelte.ts';
import { makePreviews } from './frame-previews.ts';
import { loadPicture } from './load-picture.ts';
import {
  clockOfSequence,
  framesASecond,
  framesToLoad,
  gapsInSeconds,
  type FrameReport,
} from './sequence-clock.ts';

/** Queries for the frames of a request or of a Workspace. */
export type FrameSource = {
  read: (from: number) => Promise<PlayedFrame[] | null>;
  /** Requests missing previews, and returns the state of all of them. */
  make: (fileIds: string[]) => Promise<PreviewRunView[]>;
};

const askEveryMs = 1500;
const maxFailures = 5;
const ahead = { ahead: 48, behind: 8 };

export class PlayedSequence {
  readonly #view: () => PlayedFramesView;
  readonly #source: FrameSource;
  readonly #files: FrameFiles;
  /** Report of the first frame that was read: the source of frame rate and timecode. */
  #report = $state.raw<FrameReport | null>(null);
  /** Number of changes in the feed; makes `shown` reactive. */
  #changes = $state(0);
  /** Number of answers about files; makes `fileAt` reactive. */
  #answers = $state(0);
  readonly #ending = new AbortController();
  readonly view = $derived.by(() => this.#view());
  readonly clock = $derived(clockOfSequence(this.view, this.#report));
  readonly label = $derived(sequenceLabel(this.view.name, this.view.frames));
  readonly #feed = new FrameFeed({
    load: (frame, signal) => this.#load(frame, signal),
    wordsFor: wordsForCaught,
    onchange: () => (this.#changes += 1),
  });
  readonly playback: FramePlayback;
  readonly frame = $derived.by(() => this.playback.frame);
  readonly shown: FrameState = $derived.by(() => (this.#changes, this.#feed.at(this.frame)));
  /** Null: it is missing. Undefined: not known yet. */
  readonly file = $derived.by(() => this.fileAt(this.frame));
  readonly gaps = $derived(gapsInSeconds(this.view.frames, this.clock.rate));

  /** Construct it while a component initialises. `at`: number of the first frame to show. */
  constructor(
    view: () => PlayedFramesView,
    source: FrameSource,
    { at, stated }: { at: number; stated: FrameReport | null },
  ) {
    this.#view = view;
    this.#source = source;
    this.#report = stated;
    this.#files = new FrameFiles(untrack(view), {
      read: source.read,
      onknown: () => (this.#answers += 1),
    });
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
    $effect(() => () => {
      this.#ending.abort();
      this.#feed.end();
    });
  }

  /** Null: it is missing. Undefined: not known yet. */
  fileAt(frame: number): PlayedFrame | null | undefined {
    return this.#answers >= 0 ? this.#files.known(frame) : undefined;
  }

  /** Reads the file of a frame that is not known yet. */
  lookUp(frame: number): void {
    if (this.fileAt(frame) === undefined) this.#files.find(frame, this.#ending.signal).catch(() => undefined);
  }

  /** Returns the frame number of a file; undefined for other files, and before its page was read. */
  frameOfFile(id: string): number | undefined {
    return this.#answers >= 0 ? this.#files.frameOfFile(id) : undefined;
  }

  /** The middle of the frame. */
  secondsOf(frame: number): number {
    return secondsOfFrame(this.clock, frame - this.view.frames.first);
  }

  frameOf(seconds: number): number {
    return this.playback.frameAt(seconds);
  }

  /** Reloads the files after some were added or removed. */
  #renew(): void {
    const { view } = this;
    untrack(() => {
      this.#files.renew(view);
      this.#feed.end();
      this.#lookAhead();
    });
  }

  #lookAhead(): void {
    const { frame } = this;
    const { speed } = this.playback;
    this.#feed.look(framesToLoad(this.view.frames, frame, { stride: speed || 1, ...ahead }));
  }

  /**
   * Asks for previews every few seconds while the player waits for some, because the hub accepts a limited number at once. The
   * interval doubles after each failure.
   */
  #ask(): () => void {
    let isAsking = false;
    let [failures, rests] = [0, 0];
    const ask = async () => {
      if (isAsking || rests-- > 0) return;
      const files = this.#feed.beingMade.flatMap((frame) => {
        const file = this.#files.known(frame);
        return file ? [{ frame, id: file.id }] : [];
      });
      const asked = files.slice(0, maxPreviewsAtOnce);
      if (asked.length === 0) return;
      isAsking = true;
      const isAnswered = await this.#learn(asked).then(
        () => true,
        () => false,
      );
      failures = isAnswered ? 0 : Math.min(failures + 1, maxFailures);
      rests = isAnswered ? 0 : 2 ** failures;
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
    const views = await makePreviews(
      this.#source.make,
      asked.map(({ id }) => id),
    );
    this.#files.learn(views);
    const frameOf = new Map(asked.map(({ frame, id }) => [id, frame]));
    for (const { id, report } of views) {
      const frame = frameOf.get(id);
      if (report && frame !== undefined && this.#report === null) this.#report = { frame, report };
    }
    const ended = views.filter(({ status, previews }) => status === 'ended' || previews.length > 0);
    this.#feed.again(ended.flatMap(({ id }) => frameOf.get(id) ?? []));
  }

  async #load(frame: number, signal: AbortSignal): Promise<FrameState> {
    const file = await this.#files.find(frame, signal);
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
    // The time of the first animation frame may be earlier than the start.
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
