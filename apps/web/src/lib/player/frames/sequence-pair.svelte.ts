/** Plays two sequences together, by frame number: the same number is the same frame in both. The longer one leads. */
import type { PairTransport } from '../pair-transport.ts';
import type { PlayedSequence } from './played-sequence.svelte.ts';

type Side = Pick<PlayedSequence, 'playback' | 'clock'>;

export class SequencePair implements PairTransport {
  readonly #first: Side;
  readonly #second: Side;
  front = $state<'first' | 'second'>('first');
  readonly muted = null;

  constructor(first: Side, second: Side) {
    this.#first = first;
    this.#second = second;
  }

  get #lead(): Side {
    return this.#second.playback.duration > this.#first.playback.duration ? this.#second : this.#first;
  }

  get #other(): Side {
    return this.#lead === this.#first ? this.#second : this.#first;
  }

  get clock() {
    return this.#lead.clock;
  }

  get seconds(): number {
    return this.#lead.playback.seconds;
  }

  get duration(): number {
    return this.#lead.playback.duration;
  }

  get speed(): number {
    return this.#lead.playback.speed;
  }

  readonly toggle = (): void => this.#lead.playback.toggle();
  readonly pause = (): void => this.#lead.playback.pause();
  readonly forwards = (): void => this.#lead.playback.forwards();
  readonly backwards = (): void => this.#lead.playback.backwards();
  readonly toggleMuted = (): void => undefined;

  readonly swap = (): void => {
    this.front = this.front === 'first' ? 'second' : 'first';
  };

  seek(seconds: number): void {
    this.#lead.playback.seek(seconds);
  }

  step(by: number): void {
    this.#lead.playback.step(by);
  }

  /** Call this in an effect: it brings the other one to the frame of the leading one. */
  follow(): void {
    this.#other.playback.show(this.#lead.playback.frame);
  }
}
