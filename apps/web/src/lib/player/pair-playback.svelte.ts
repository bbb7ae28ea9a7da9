/** Plays two files together, each from its beginning. The longer one determines the time; the one in front is heard. */
import { untrack } from 'svelte';
import type { Played } from './played.svelte.ts';
import type { PairTransport } from './pair-transport.ts';

/** About two frames in seconds. A smaller drift is invisible, and each correction is a small jump. */
const maxDrift = 0.08;

export class PairPlayback implements PairTransport {
  readonly first: Played;
  readonly second: Played;
  /** The file that is heard, and that is seen when there is room for only one. */
  front = $state<'first' | 'second'>('first');
  #isMuted = $state(false);

  constructor(first: Played, second: Played) {
    this.first = first;
    this.second = second;
  }

  get lead(): Played {
    return this.second.playback.duration > this.first.playback.duration ? this.second : this.first;
  }

  get clock() {
    return this.lead.clock;
  }

  get seconds(): number {
    return this.lead.playback.seconds;
  }

  get duration(): number {
    return this.lead.playback.duration;
  }

  get speed(): number {
    return this.first.playback.speed || this.second.playback.speed;
  }

  get muted(): boolean {
    return this.#isMuted;
  }

  readonly toggle = (): void => {
    if (this.speed !== 0) return this.pause();
    this.#begin();
    this.lead.playback.toggle();
    this.#accompany();
  };

  readonly pause = (): void => {
    for (const { playback } of this.#both) playback.pause();
    // Both have advanced a little since they last reported their position.
    this.seek(this.seconds);
  };

  readonly forwards = (): void => {
    this.#begin();
    this.lead.playback.forwards();
    this.#accompany();
  };

  readonly backwards = (): void => {
    this.#other.playback.pause();
    this.lead.playback.backwards();
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
    if (this.#other.playback.speed === 0) this.#accompany();
  }

  step(by: number): void {
    this.lead.playback.step(by);
    this.#other.playback.pause();
    this.#other.playback.seek(this.seconds);
  }

  /** Applies the sound: only the front file is heard, because nobody can judge two sounds at once. */
  hear(): void {
    this.first.playback.mute(this.#isMuted || this.front === 'second');
    this.second.playback.mute(this.#isMuted || this.front === 'first');
  }

  /** Call this as time passes: browsers start and play each file at a slightly different pace. */
  follow(): void {
    const { seconds, speed } = this.lead.playback;
    untrack(() => {
      const other = this.#other.playback;
      const isPast = other.duration > 0 && seconds >= other.duration;
      if (speed !== 0 && !isPast && Math.abs(other.seconds - seconds) > maxDrift) other.seek(seconds);
    });
  }

  get #both(): readonly Played[] {
    return [this.first, this.second];
  }

  get #other(): Played {
    return this.lead === this.first ? this.second : this.first;
  }

  /** Starts both at the position of the longer one, or from the beginning when it has ended. */
  #begin(): void {
    const [lead, other] = [this.lead.playback, this.#other.playback];
    if (lead.isOver) this.seek(0);
    else if (other.seconds !== lead.seconds) other.seek(lead.seconds);
  }

  /**
   * Makes the other file follow. A shorter file that has ended stays at its end. When playing backwards, it follows by
   * seeking.
   */
  #accompany(): void {
    const { speed } = this.lead.playback;
    if (speed > 0 && !this.#other.playback.isOver) this.#other.playback.play(speed);
  }
}
