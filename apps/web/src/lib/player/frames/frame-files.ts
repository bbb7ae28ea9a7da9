/** Which file is which frame, and where its picture is. Reads the list of files in pages, as far as it is looked at. */
import type { PreviewRunView } from '@turnover/domain/media/preview-runs';
import { playableOriginal } from '@turnover/domain/media/playable';
import {
  maxFramesAtOnce,
  type PlayedFrame,
  type PlayedFramesView,
} from '@turnover/domain/sequences/played-frames';
import { previewHref } from '../player-source.ts';

const maxPages = 12;

/** `why`: it has none. `making`: there may be one later. */
export type FramePicture = { href: string; isOriginal: boolean } | { why: string } | 'making';
type Known = Pick<PreviewRunView, 'previews' | 'status' | 'reason'>;

export class FrameFiles {
  readonly #read: (from: number) => Promise<PlayedFramesView | null>;
  #view: PlayedFramesView;
  /** By page; the latest last. A failed one is read again. */
  readonly #pages = new Map<number, Promise<void>>();
  readonly #files = new Map<number, Map<number, PlayedFrame>>();
  readonly #known = new Map<string, Known>();
  /** The hub does not show the bytes of these after all. */
  readonly #refused = new Set<string>();

  constructor(view: PlayedFramesView, read: (from: number) => Promise<PlayedFramesView | null>) {
    this.#view = view;
    this.#read = read;
  }

  /** Files came or went. */
  renew(view: PlayedFramesView): void {
    this.#view = view;
    this.#pages.clear();
    this.#files.clear();
  }

  /** Null: the frame is missing. Undefined: not known yet. */
  known(frame: number): PlayedFrame | null | undefined {
    const page = this.#files.get(this.#pageOf(frame));
    return page && (page.get(frame) ?? null);
  }

  async find(frame: number): Promise<PlayedFrame | null> {
    const page = this.#pageOf(frame);
    const files = this.#files.get(page);
    if (files) return files.get(frame) ?? null;
    const reading = this.#pages.get(page) ?? this.#readPage(page);
    this.#pages.set(page, reading);
    await reading;
    return this.#files.get(page)?.get(frame) ?? null;
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
      const { files } = page === 0 ? view : ((await this.#read(from)) ?? { files: [] });
      if (view !== this.#view) return;
      this.#files.set(page, new Map(files.map((file) => [file.frame, file])));
      for (const oldest of [...this.#files.keys()].slice(0, -maxPages)) this.#forget(oldest);
    } catch (error) {
      this.#pages.delete(page);
      throw error;
    }
  }

  #forget(page: number): void {
    for (const { id } of this.#files.get(page)?.values() ?? []) {
      this.#known.delete(id);
      this.#refused.delete(id);
    }
    this.#files.delete(page);
    this.#pages.delete(page);
  }
}
