/** Plays the frames of a sequence: never faster than its rate, and slower while pictures are not there yet. */
import { untrack } from 'svelte';
import type { PlayedFramesView } from '@turnover/domain/sequences/played-frames';
import type { Transport } from '../transport.ts';

const maxSpeed = 8;
/** Longest time that one tick advances, so that a page which was hidden continues at its frame. */
const longestStep = 0.25;

type Counted = Pick<PlayedFramesView['frames'], 'first' | 'last' | 'step'>;
type Tools = {
  frames: () => Counted;
  framesASecond: () => number;
  /** Returns true when the frame has a picture, or will never have one. */
  isSettled: (frame: number) => boolean;
};

export class FramePlayback implements Transport {
  /** Number of the current frame. It stays the same when earlier frames are added or removed. */
  #frame = $state(0);
  speed = $state(0);
  /** True while playback waits for the next picture. */
  waits = $state(false);
  /** Null, because a sequence has no sound. */
  readonly muted = null;
  readonly #tools: Tools;
  /** Frames by which time has advanced since the picture changed; a fraction. */
  #passed = 0;

  constructor(tools: Tools, frame: number) {
    this.#tools = tools;
    untrack(() => this.show(frame));
  }

  get frame(): number {
    return this.#existing(this.#frame);
  }

  /** The middle of the frame. */
  get seconds(): number {
    return (this.frame - this.#tools.frames().first + 0.5) / this.#tools.framesASecond();
  }

  get duration(): number {
    const { first, last, step } = this.#tools.frames();
    return (last - first + step) / this.#tools.framesASecond();
  }

  /** Returns the frame at a time. Adds a hundredth of a frame, because times are rounded. */
  frameAt(seconds: number): number {
    const { first } = this.#tools.frames();
    return this.#existing(first + Math.floor(seconds * this.#tools.framesASecond() + 0.01));
  }

  /** Called by the animation with the seconds since the last call. Moves by whole strides, because only those frames are loaded. */
  advance(seconds: number): void {
    if (this.speed === 0) return;
    const { first, last, step } = this.#tools.frames();
    const stride = step * Math.abs(this.speed);
    const passed =
      this.#passed + Math.min(seconds, longestStep) * this.#tools.framesASecond() * Math.abs(this.speed);
    const due = Math.floor(passed / stride + 1e-6);
    if (due > 0 && this.frame === (this.speed > 0 ? last : first)) return this.pause();
    const after = (count: number) => this.#existing(this.frame + Math.sign(this.speed) * count * stride);
    let count = due;
    while (count > 0 && !this.#tools.isSettled(after(count))) count -= 1;
    this.waits = due > 0 && count === 0;
    if (this.waits) return;
    this.#passed = count < due ? 0 : Math.max(0, passed - due * stride);
    if (count > 0) this.#frame = after(count);
  }

  /** Moves to this frame. */
  show(frame: number): void {
    this.#passed = 0;
    this.#frame = this.#existing(frame);
  }

  readonly pause = (): void => {
    this.speed = 0;
    this.waits = false;
    this.#passed = 0;
  };

  readonly toggle = (): void => {
    if (this.speed === 0) this.#play(1);
    else this.pause();
  };

  readonly forwards = (): void => this.#play(this.speed >= 1 ? Math.min(maxSpeed, this.speed * 2) : 1);
  readonly backwards = (): void => {
    this.#passed = 0;
    this.speed = this.speed <= -1 ? Math.max(-maxSpeed, this.speed * 2) : -1;
  };

  readonly toggleMuted = (): void => undefined;

  seek(seconds: number): void {
    if (this.speed < 0) this.pause();
    this.show(this.frameAt(seconds));
  }

  step(by: number): void {
    this.pause();
    this.show(this.frame + by * this.#tools.frames().step);
  }

  /** Plays from the current frame, or from the first one when the last one is shown. */
  #play(speed: number): void {
    const { first, last } = this.#tools.frames();
    this.show(this.frame === last ? first : this.frame);
    this.speed = speed;
  }

  /** Returns this frame number or the nearest lower one of the sequence, within its ends. */
  #existing(frame: number): number {
    const { first, last, step } = this.#tools.frames();
    const inside = Math.min(Math.max(frame, first), last);
    return first + Math.floor((inside - first) / step) * step;
  }
}
