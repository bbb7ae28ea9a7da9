/** Plays one media element: time, speed in both directions, and steps of a frame. */
import { untrack } from 'svelte';
import { frameAt, secondsOfFrame, type MediaClock } from './media-clock.ts';
import type { Transport } from './transport.ts';

const maxSpeed = 8;
/** Browsers cannot play media backwards, so the player seeks back in steps of this length. */
const backStepMs = 100;

export class Playback implements Transport {
  seconds = $state(0);
  duration = $state(0);
  /** Negative when playing backwards, 0 when paused. */
  speed = $state(0);
  muted = $state(false);
  #media: HTMLMediaElement | null = null;
  #backwards: ReturnType<typeof setInterval> | undefined;
  readonly #clock: () => MediaClock;
  readonly #onfail: () => void;

  constructor(clock: () => MediaClock, onfail: () => void) {
    this.#clock = clock;
    this.#onfail = onfail;
  }

  /** True at the end, where playing would start again from the beginning. */
  get isOver(): boolean {
    return this.duration > 0 && this.seconds >= this.duration - 0.05;
  }

  /** Attachment (`{@attach}`) that follows the media element until it is removed. */
  readonly attach = (media: HTMLMediaElement): (() => void) => {
    this.#media = media;
    media.muted = untrack(() => this.muted);
    const known = () => {
      if (!Number.isFinite(media.duration)) return;
      this.duration = media.duration;
      // Seeks to the position of the other source of the same file, or to where a key led before this source was
      // loaded.
      const wanted = untrack(() => this.seconds);
      if (wanted > 0) media.currentTime = Math.min(wanted, media.duration);
    };
    const listeners: [string, () => void][] = [
      ['loadedmetadata', known],
      ['durationchange', () => Number.isFinite(media.duration) && (this.duration = media.duration)],
      ['seeked', () => (this.seconds = media.currentTime)],
      ['timeupdate', () => (this.seconds = media.currentTime)],
      ['ended', () => this.pause()],
      ['error', () => this.#onfail()],
      ['volumechange', () => (this.muted = media.muted)],
    ];
    for (const [name, listener] of listeners) media.addEventListener(name, listener);
    if (media.readyState >= 1) known();
    let frame = 0;
    const follow = () => {
      if (!media.paused) this.seconds = media.currentTime;
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => {
      cancelAnimationFrame(frame);
      this.pause();
      for (const [name, listener] of listeners) media.removeEventListener(name, listener);
      this.#media = null;
    };
  };

  readonly pause = (): void => {
    clearInterval(this.#backwards);
    this.#media?.pause();
    this.speed = 0;
  };

  readonly toggle = (): void => {
    if (this.speed === 0) this.play(1);
    else this.pause();
  };

  /** Plays forwards, faster with each press of L. */
  readonly forwards = (): void => this.play(this.speed >= 1 ? Math.min(maxSpeed, this.speed * 2) : 1);

  readonly backwards = (): void => {
    const speed = this.speed <= -1 ? Math.max(-maxSpeed, this.speed * 2) : -1;
    this.pause();
    this.speed = speed;
    this.#backwards = setInterval(() => {
      if (this.seconds <= 0) this.pause();
      else this.seek(this.seconds + (speed * backStepMs) / 1000, false);
    }, backStepMs);
  };

  seek(seconds: number, pauses = true): void {
    if (pauses && this.speed < 0) this.pause();
    // The end is unknown until the media is loaded.
    const end = this.duration > 0 ? this.duration : Infinity;
    this.seconds = Math.min(Math.max(0, seconds), end);
    if (this.#media) this.#media.currentTime = this.seconds;
  }

  /** Moves by frames, or by tenths of a second when there are no frames. */
  step(by: number): void {
    this.pause();
    const clock = this.#clock();
    if (clock.rate === null) this.seek(this.seconds + by / 10);
    else this.seek(secondsOfFrame(clock, Math.max(0, frameAt(clock, this.seconds) + by)));
  }

  readonly toggleMuted = (): void => this.mute(!this.muted);

  mute(isMuted: boolean): void {
    this.muted = isMuted;
    if (this.#media) this.#media.muted = isMuted;
  }

  play(speed: number): void {
    clearInterval(this.#backwards);
    const media = this.#media;
    if (!media) return;
    if (this.isOver) media.currentTime = 0;
    media.playbackRate = speed;
    this.speed = speed;
    media.play().catch(() => this.pause());
  }
}
