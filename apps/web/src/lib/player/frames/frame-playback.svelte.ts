/** Plays the frames of a sequence: never faster than its rate, and slower while pictures are not there yet. */
import { untrack } from 'svelte';
import type { PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import type { Transport } from '../transport.ts';

const maxSpeed = 8;
/** A page that was hidden goes on where it stood. */
const longestStep = 0.25;

type Counted = Pick<PlayedFramesView['frames'], 'first' | 'last' | 'step'>;
type Tools = {
  frames: () => Counted;
  framesASecond: () => number;
  /** The frame can be shown, or will never be. */
  isSettled: (frame: number) => boolean;
};

export class FramePlayback implements Transport {
  /** In frames from the first one; the middle of a frame where it stands on one. */
  #at = $state(0.5);
  speed = $state(0);
  /** It plays, and the next picture is not there yet. */
  waits = $state(false);
  /** A sequence has no sound. */
  readonly muted = null;
  readonly #tools: Tools;

  constructor(tools: Tools, frame: number) {
    this.#tools = tools;
    untrack(() => this.show(frame));
  }

  get frame(): number {
    return this.#frameAt(this.#at);
  }

  get seconds(): number {
    return this.#at / this.#tools.framesASecond();
  }

  get duration(): number {
    return this.#count / this.#tools.framesASecond();
  }

  /** For an animation: so many seconds have passed. */
  advance(seconds: number): void {
    if (this.speed === 0) return;
    const next = this.#at + Math.min(seconds, longestStep) * this.speed * this.#tools.framesASecond();
    const isOver = next < 0 || next >= this.#count;
    const frame = this.#frameAt(next);
    this.waits = frame !== this.frame && !this.#tools.isSettled(frame);
    if (this.waits) return;
    this.#at = this.#within(next);
    if (isOver) this.pause();
  }

  /** Stands on this frame. */
  show(frame: number): void {
    this.#at = this.#within(frame - this.#tools.frames().first + 0.5);
  }

  readonly pause = (): void => {
    this.speed = 0;
    this.waits = false;
  };

  readonly toggle = (): void => {
    if (this.speed === 0) this.#play(1);
    else this.pause();
  };

  readonly forwards = (): void => this.#play(this.speed >= 1 ? Math.min(maxSpeed, this.speed * 2) : 1);
  readonly backwards = (): void => {
    this.speed = this.speed <= -1 ? Math.max(-maxSpeed, this.speed * 2) : -1;
  };

  readonly toggleMuted = (): void => undefined;

  seek(seconds: number): void {
    if (this.speed < 0) this.pause();
    this.#at = this.#within(seconds * this.#tools.framesASecond());
  }

  step(by: number): void {
    this.pause();
    this.show(this.frame + by * this.#tools.frames().step);
  }

  get #count(): number {
    const { first, last, step } = this.#tools.frames();
    return last - first + step;
  }

  /** After the end, it begins anew. */
  #play(speed: number): void {
    if (this.frame === this.#tools.frames().last) this.#at = 0.5;
    this.speed = speed;
  }

  #frameAt(at: number): number {
    const { first, step } = this.#tools.frames();
    return first + Math.floor(this.#within(at) / step) * step;
  }

  #within(at: number): number {
    return Math.min(Math.max(0, at), this.#count - 0.5);
  }
}
