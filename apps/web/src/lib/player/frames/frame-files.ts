/** Which file is which frame, and where its picture is. Reads the list of files in pages, as far as it is looked at. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { playableOriginal } from '@turnover/domain/media/playable';
import {
  maxFramesAtOnce,
  type PlayedFrame,
  type PlayedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { previewHref } from '../player-source.ts';

/** More than a player wants frames at once: those of a sequence with a large step are each on another page. */
const maxPages = 64;
/** So long a frame must be wanted before its page is read: whoever drags passes many. */
const pauseMs = 100;

/** `why`: it has none. `making`: there may be one later. */
export type FramePicture = { href: string; isOriginal: boolean } | { why: string } | 'making';
type Known = Pick<PreviewRunView, 'previews' | 'status' | 'reason'>;

type Tools = {
  /** The files of the stretch that begins with this number; null: the sequence is gone. */
  read: (from: number) => Promise<PlayedFrame[] | null>;
  /** More, or other files are known. */
  onknown?: () => void;
  /** Waits for so long, unless the signal ends it. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export class FrameFiles {
  readonly #tools: Required<Tools>;
  #view: PlayedFramesView;
  /** By page. A failed one is read again. */
  readonly #pages = new Map<number, Promise<void>>();
  /** By page; the last used last. */
  readonly #files = new Map<number, Map<number, PlayedFrame>>();
  readonly #frames = new Map<string, number>();
  readonly #known = new Map<string, Known>();
  /** The hub does not show the bytes of these after all. */
  readonly #refused = new Set<string>();

  constructor(view: PlayedFramesView, { read, pause = abortablePause, onknown = () => undefined }: Tools) {
    this.#view = view;
    this.#tools = { read, pause, onknown };
  }

  /** Files came or went. */
  renew(view: PlayedFramesView): void {
    this.#view = view;
    this.#pages.clear();
    this.#files.clear();
    this.#frames.clear();
    this.#tools.onknown();
  }

  /** Null: the frame is missing. Undefined: not known yet. */
  known(frame: number): PlayedFrame | null | undefined {
    const number = this.#pageOf(frame);
    const page = this.#files.get(number);
    if (!page) return undefined;
    this.#files.delete(number);
    this.#files.set(number, page);
    return page.get(frame) ?? null;
  }

  /** The frame that a file is, as far as files are known. */
  frameOfFile(id: string): number | undefined {
    return this.#frames.get(id);
  }

  /** Throws when the signal ends it, which stops no other who looks for frames of that page. */
  async find(frame: number, signal: AbortSignal): Promise<PlayedFrame | null> {
    const known = this.known(frame);
    if (known !== undefined) return known;
    const page = this.#pageOf(frame);
    if (page > 0 && !this.#pages.has(page)) await this.#tools.pause(pauseMs, signal);
    const reading = this.#pages.get(page) ?? this.#readPage(page);
    this.#pages.set(page, reading);
    await reading;
    return this.known(frame) ?? null;
  }

  pictureOf({ id, name }: PlayedFrame): FramePicture {
    const original = playableOriginal(name);
    if (original?.shows === 'image' && this.#view.mayShowOriginals && !this.#refused.has(id))
      return { href: previewHref(id, 'original'), isOriginal: true };
    const known = this.#known.get(id);
    if (known?.previews.includes('poster')) return { href: previewHref(id, 'poster'), isOriginal: false };
    return known?.status === 'ended' ? { why: known.reason ?? 'no_preview' } : 'making';
  }

  /** The hub refused the original: its preview is next. */
  refuse({ id }: PlayedFrame): void {
    this.#refused.add(id);
  }

  /** Takes what the hub says of previews. */
  learn(views: readonly PreviewRunView[]): void {
    for (const { id, previews, status, reason } of views) this.#known.set(id, { previews, status, reason });
  }

  #pageOf(frame: number): number {
    return Math.floor((frame - this.#view.frames.first) / maxFramesAtOnce);
  }

  async #readPage(page: number): Promise<void> {
    const view = this.#view;
    try {
      const from = view.frames.first + page * maxFramesAtOnce;
      const files = page === 0 ? view.files : ((await this.#tools.read(from)) ?? []);
      if (view !== this.#view) return;
      this.#files.set(page, new Map(files.map((file) => [file.frame, file])));
      for (const { id, frame } of files) this.#frames.set(id, frame);
      for (const oldest of [...this.#files.keys()].slice(0, -maxPages)) this.#forget(oldest);
      this.#tools.onknown();
    } catch (error) {
      this.#pages.delete(page);
      throw error;
    }
  }

  #forget(page: number): void {
    for (const { id } of this.#files.get(page)?.values() ?? []) {
      this.#frames.delete(id);
      this.#known.delete(id);
      this.#refused.delete(id);
    }
    this.#files.delete(page);
    this.#pages.delete(page);
  }
}

function abortablePause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
