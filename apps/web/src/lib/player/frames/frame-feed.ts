/** Holds the pictures around the current frame. Loads a few at a time, and frees those that are no longer wanted. */

export type Picture = { readonly width: number; readonly height: number; close(): void };
/** `making`: the hub has not made the preview of this frame yet. */
export type FrameState =
  | { is: 'loading' | 'making' | 'missing' }
  | { is: 'failed'; why: string }
  | { is: 'ready'; picture: Picture; isOriginal: boolean };

const maxAtOnce = 6;
/** Maximum memory of all pictures: 24 pictures in HD. */
const maxBytes = 200 * 1024 ** 2;
const fewest = 4;
/** Delay before a failed frame is loaded again. It doubles with each failure, up to the longest. */
const firstRetryMs = 2000;
const longestRetryMs = 30_000;

type Held = { state: FrameState; leaving: AbortController; failures: number };
type Tools = {
  load: (frame: number, signal: AbortSignal) => Promise<FrameState>;
  /** Returns the reason for a failed load, as a text for people. */
  wordsFor: (error: unknown) => string;
  /** Called when the state of a frame has changed. */
  onchange: () => void;
};

export class FrameFeed {
  readonly #held = new Map<number, Held>();
  #wanted: readonly number[] = [];
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  at(frame: number): FrameState {
    return this.#held.get(frame)?.state ?? { is: 'loading' };
  }

  /** Returns true when the frame has a picture, is missing or has failed, so that the player need not wait for it. */
  isSettled(frame: number): boolean {
    return ['ready', 'missing', 'failed'].includes(this.at(frame).is);
  }

  /** Sets the wanted frames, most urgent first. Frees all other pictures. */
  look(frames: readonly number[]): void {
    this.#wanted = frames.slice(0, this.#room());
    const wanted = new Set(this.#wanted);
    for (const frame of [...this.#held.keys()]) if (!wanted.has(frame)) this.#drop(frame);
    this.#loadNext();
  }

  /** Wanted frames whose preview the hub has not made yet, most urgent first. */
  get beingMade(): number[] {
    return this.#wanted.filter((frame) => this.at(frame).is === 'making');
  }

  /** Loads frames again, for example after the hub has made their previews. */
  again(frames: readonly number[]): void {
    for (const frame of frames) if (this.at(frame).is !== 'ready') this.#drop(frame);
    this.#loadNext();
  }

  end(): void {
    this.#wanted = [];
    for (const frame of [...this.#held.keys()]) this.#drop(frame);
  }

  #loadNext(): void {
    const loading = [...this.#held.values()].filter(({ state }) => state.is === 'loading').length;
    const next = this.#wanted.filter((frame) => !this.#held.has(frame));
    for (const frame of next.slice(0, Math.max(0, maxAtOnce - loading))) void this.#load(frame);
  }

  async #load(frame: number): Promise<void> {
    const held: Held = { state: { is: 'loading' }, leaving: new AbortController(), failures: 0 };
    this.#held.set(frame, held);
    await this.#try(frame, held);
  }

  async #try(frame: number, held: Held): Promise<void> {
    const { signal } = held.leaving;
    const state = await this.#tools.load(frame, signal).catch((error): FrameState => {
      if (!signal.aborted) this.#tryLater(frame, held);
      return { is: 'failed', why: this.#tools.wordsFor(error) };
    });
    // The frame was dropped during the load, and may be held anew by now.
    if (this.#held.get(frame) !== held) {
      if (state.is === 'ready') state.picture.close();
      return;
    }
    held.state = state;
    // A larger picture than before leaves room for fewer pictures.
    for (const far of this.#wanted.slice(this.#room())) this.#drop(far);
    this.#wanted = this.#wanted.slice(0, this.#room());
    this.#loadNext();
    this.#tools.onchange();
  }

  /** Schedules another load. Until then the frame shows why it failed. */
  #tryLater(frame: number, held: Held): void {
    const after = Math.min(longestRetryMs, firstRetryMs * 2 ** held.failures);
    held.failures += 1;
    const timer = setTimeout(() => void this.#try(frame, held), after);
    held.leaving.signal.addEventListener('abort', () => clearTimeout(timer));
  }

  #drop(frame: number): void {
    const held = this.#held.get(frame);
    if (!held) return;
    this.#held.delete(frame);
    held.leaving.abort();
    if (held.state.is === 'ready') held.state.picture.close();
  }

  /** Returns how many pictures fit into memory, counting each like the largest one held. */
  #room(): number {
    const bytes = [...this.#held.values()].map(({ state }) =>
      state.is === 'ready' ? state.picture.width * state.picture.height * 4 : 0,
    );
    return Math.max(fewest, Math.floor(maxBytes / Math.max(1, ...bytes)));
  }
}
