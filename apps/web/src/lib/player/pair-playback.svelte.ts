/** Plays two files together, from the beginning of each. The first gives the time; the one in front is heard. */
import { untrack } from 'svelte';
import type { Played } from './played.svelte.ts';
import type { Transport } from './transport.ts';

/** About two frames. Less is nothing that an eye sees, and each correction is a small jump. */
const maxDrift = 0.08;

export class PairPlayback implements Transport {
  readonly first: Played;
  readonly second: Played;
  /** Which of them is heard, and seen where there is room for one. */
  front = $state<'first' | 'second'>('first');
  #isMuted = $state(false);

  constructor(first: Played, second: Played) {
    this.first = first;
    this.second = second;
  }

  get seconds(): number {
    return this.first.playback.seconds;
  }

  get duration(): number {
    return Math.max(this.first.playback.duration, this.second.playback.duration);
  }

  get speed(): number {
    return this.first.playback.speed || this.second.playback.speed;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  readonly toggle = (): void => {
    if (this.speed !== 0) return this.pause();
    this.#meet();
    for (const { playback } of this.#both) playback.toggle();
  };

  readonly pause = (): void => {
    for (const { playback } of this.#both) playback.pause();
    // Each has gone on a little since it last said where it stands.
    this.seek(this.seconds);
  };

  readonly forwards = (): void => {
    this.#meet();
    for (const { playback } of this.#both) playback.forwards();
  };

  readonly backwards = (): void => {
    this.#meet();
    for (const { playback } of this.#both) playback.backwards();
  };

  readonly toggleMuted = (): void => {
    this.#isMuted = !this.#isMuted;
    this.hear();
  };

  readonly swap = (): void => {
    this.front = this.front === 'first' ? 'second' : 'first';
    this.hear();
  };

  seek(seconds: number): void {
    for (const { playback } of this.#both) playback.seek(seconds);
  }

  step(by: number): void {
    this.first.playback.step(by);
    this.second.playback.pause();
    this.second.playback.seek(this.seconds);
  }

  /** Two sounds at once are judged by nobody. */
  hear(): void {
    this.first.playback.mute(this.#isMuted || this.front === 'second');
    this.second.playback.mute(this.#isMuted || this.front === 'first');
  }

  /** Call it as time goes on: browsers start and play each file at a pace of its own. */
  follow(): void {
    const { seconds, speed } = this.first.playback;
    untrack(() => {
      const other = this.second.playback;
      const isOver = other.duration > 0 && seconds >= other.duration;
      if (speed > 0 && !isOver && Math.abs(other.seconds - seconds) > maxDrift) other.seek(seconds);
    });
  }

  get #both(): readonly Played[] {
    return [this.first, this.second];
  }

  #meet(): void {
    const { seconds } = this;
    if (this.second.playback.seconds !== seconds) this.second.playback.seek(seconds);
  }
}
