/** Maps frame numbers to files and to the addresses of their pictures. Reads the list of files in pages, when they are wanted. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { playableOriginal } from '@turnover/domain/media/playable';
import {
  maxFramesAtOnce,
  type PlayedFrame,
  type PlayedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { previewHref } from '../player-source.ts';

/** Maximum number of pages in memory. It exceeds the frames that a player wants at once, each of which may be on another page. */
const maxPages = 64;
/** Delay before a page is read, because dragging passes over many pages that are not wanted. */
const pauseMs = 100;

/** `why`: the reason why the frame has no picture. `making`: the hub may make a preview. */
export type FramePicture = { href: string; isOriginal: boolean } | { why: string } | 'making';
type Known = Pick<PreviewRunView, 'previews' | 'status' | 'reason'>;

type Tools = {
  /** Returns the files of the page that begins with this frame number; null when the sequence no longer exists. */
  read: (from: number) => Promise<PlayedFrame[] | null>;
  /** Called when files were added or replaced. */
  onknown?: () => void;
  /** Resolves after this time. Rejects when the signal aborts. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
};

export class FrameFiles {
  readonly #tools: Required<Tools>;
  #view: PlayedFramesView;
  /** Running and finished reads, keyed by page. A failed read is removed, so that the page is read again. */
  readonly #pages = new Map<number, Promise<void>>();
  /** Files keyed by page, in order of use: the most recently used page is last. */
  readonly #files = new Map<number, Map<number, PlayedFrame>>();
  readonly #frames = new Map<string, number>();
  readonly #known = new Map<string, Known>();
  /** Ids of files whose original the hub has refused to show. */
  readonly #refused = new Set<string>();

  constructor(view: PlayedFramesView, { read, pause = abortablePause, onknown = () => undefined }: Tools) {
    this.#view = view;
    this.#tools = { read, pause, onknown };
  }

  /** Forgets all files, because files were added or removed. */
  renew(view: PlayedFramesView): void {
    this.#view = view;
    this.#pages.clear();
    this.#files.clear();
    this.#frames.clear();
    this.#tools.onknown();
  }

  /** Returns the file of a frame; null for a missing frame, undefined when its page has not been read. */
  known(frame: number): PlayedFrame | null | undefined {
    const number = this.#pageOf(frame);
    const page = this.#files.get(number);
    if (!page) return undefined;
    this.#files.delete(number);
    this.#files.set(number, page);
    return page.get(frame) ?? null;
  }

  /** Returns the frame number of a file; undefined when its page has not been read. */
  frameOfFile(id: string): number | undefined {
    return this.#frames.get(id);
  }

  /** Reads the page of the frame if necessary. Rejects when the signal aborts; other calls for the page continue. */
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

  /** Records that the hub refused the original, so that the preview is shown instead. */
  refuse({ id }: PlayedFrame): void {
    this.#refused.add(id);
  }

  /** Stores the states of previews that the hub has reported. */
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
