/** The uploads of this tab: a queue of chosen files, and what the server still has unfinished from before. */
import type { UploadView } from '@turnover/domain/uploads';
import { wordsFor, wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { announcer } from '#lib/ui/announcer.svelte.ts';
import { toaster } from '#lib/ui/toaster.svelte.ts';
import * as m from '@turnover/messages/messages';
import { withoutSystemFiles } from './chosen-files.ts';
import type { ChosenFile, Target } from './target.ts';
import { sumUp, type Totals } from './totals.ts';
import { findUnfinished, isSameFile } from './unfinished.ts';
import { UploadItem, type ItemStatus } from './upload-item.svelte.ts';

/** What stands before the uploads into one request: it answers with those that may go, and how. */
export type Gate = {
  requestId: string;
  ask: (chosen: readonly ChosenFile[]) => Promise<readonly ChosenFile[]>;
};

/** Browsers allow six connections to a server under HTTP/1.1; the pages need theirs. */
const mostAtOnce = 3;
/** What changes often is added up so often. */
const measureMs = 100;
const lookMs = 2_000;

const restless: readonly ItemStatus[] = ['sending', 'verifying', 'signedOut'];

class Uploads {
  items = $state.raw<readonly UploadItem[]>([]);
  /** Begun before this page was opened, or elsewhere; the file has to be chosen again. */
  unfinished = $state.raw<readonly UploadView[]>([]);
  totals = $state.raw<Totals<UploadItem>>(sumUp([]));
  /** Of the page that is open. */
  gate: Gate | null = null;
  #nextKey = 1;
  #measuring: ReturnType<typeof setTimeout> | undefined;
  #looking: ReturnType<typeof setTimeout> | undefined;

  async add(target: Target, chosen: readonly ChosenFile[]): Promise<void> {
    const { files: meant, skipped } = withoutSystemFiles(chosen);
    if (skipped > 0) toaster.show({ text: m.uploads_system_files_skipped({ count: skipped }) });
    if (meant.length === 0) return;
    const files = this.gate && this.gate.requestId === target.requestId ? await this.gate.ask(meant) : meant;
    if (files.length === 0) return;
    await this.look();
    const items = files.map((file) =>
      this.#item(target, file, findUnfinished(this.unfinished, target, file)),
    );
    this.#take(items);
    announcer.announce(m.uploads_announce_started({ count: items.length }));
  }

  /** Goes on with an upload from before, when this is its file. */
  goOnWith(upload: UploadView, file: File): void {
    if (!isSameFile(upload, file)) {
      toaster.show({ text: wordsFor({ code: 'file_differs' }), tone: 'bad' });
      return;
    }
    const { projectId, folderId, requestId, relativePath } = upload;
    const chosen = { file, relativePath: relativePath || file.name };
    this.#take([this.#item({ projectId, folderId, requestId }, chosen, upload)]);
  }

  async discardUnfinished({ id }: UploadView): Promise<void> {
    await trpc.uploads.discard.mutate({ uploadId: id });
    this.unfinished = this.unfinished.filter((upload) => upload.id !== id);
  }

  async cancel(item: UploadItem): Promise<void> {
    await item.discard();
    this.items = this.items.filter((each) => each !== item);
    this.#measureSoon();
  }

  pauseAll(): void {
    for (const item of this.items) if (item.status === 'sending' || item.status === 'waiting') item.pause();
  }

  resumeAll(): void {
    for (const item of this.items) if (item.status === 'paused') item.goOn();
  }

  replaceAll(): void {
    for (const item of this.items) if (item.status === 'taken') item.replace();
  }

  hurry(): void {
    for (const item of this.items) item.hurry();
    void this.look();
  }

  /** What is done goes out of the tray. */
  clearDone(): void {
    this.items = this.items.filter(({ status }) => status !== 'done');
    this.#measureSoon();
  }

  /** Asks the server how far everything is, again and again while something is on its way. */
  async look(): Promise<void> {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    try {
      this.#follow(await trpc.uploads.list.query({}));
    } catch (error) {
      // Items say for themselves what keeps them; a list that does not come is asked for again below.
      if (this.items.length === 0) toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
    this.#lookLater();
  }

  #follow(views: readonly UploadView[]): void {
    const byId = new Map(views.map((view) => [view.id, view]));
    for (const item of this.items) {
      if (item.uploadId) item.follow(byId.get(item.uploadId));
      // The list came, so somebody is signed in again.
      if (item.status === 'signedOut') item.goOn();
      if (item.uploadId) byId.delete(item.uploadId);
    }
    this.unfinished = [...byId.values()].filter(
      ({ status }) => status === 'uploading' || status === 'mismatch',
    );
  }

  #lookLater(): void {
    if (this.#looking || !this.items.some(({ status }) => restless.includes(status))) return;
    this.#looking = setTimeout(() => void this.look(), lookMs);
  }

  #item(target: Target, chosen: ChosenFile, begun: UploadView | undefined): UploadItem {
    return new UploadItem(String(this.#nextKey++), target, chosen, begun, () => this.#measureSoon());
  }

  #take(items: readonly UploadItem[]): void {
    const taken = new Set(items.map(({ uploadId }) => uploadId));
    this.unfinished = this.unfinished.filter(({ id }) => !taken.has(id));
    // A new batch counts from its own first file.
    const before = this.items.every(({ status }) => status === 'done') ? [] : this.items;
    this.items = [...before, ...items];
    this.#measureSoon();
  }

  #pump(): void {
    let free = mostAtOnce - this.items.filter(({ status }) => status === 'sending').length;
    for (const item of this.items) {
      if (free <= 0) break;
      if (item.status !== 'waiting') continue;
      free -= 1;
      void item.start();
    }
    this.#lookLater();
  }

  #measureSoon(): void {
    this.#measuring ??= setTimeout(() => {
      this.#measuring = undefined;
      this.totals = sumUp(this.items);
      this.#pump();
    }, measureMs);
  }
}

export const uploads = new Uploads();
