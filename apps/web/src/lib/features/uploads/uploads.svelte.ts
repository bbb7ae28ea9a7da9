/** The uploads of this tab: the queue of chosen files, and the unfinished uploads that the server still has. */
import type { BundleLimitsView } from '@turnover/domain/workspace/bundles';
import type { UploadView } from '@turnover/domain/workspace/uploads';
import type { RateView } from '@turnover/domain/server/rates';
import { wordsFor } from '#lib/error-words.ts';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { announcer } from '#lib/ui/text/announcer.svelte.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import * as m from '@turnover/messages/messages';
import { BatchKeeper, isOfBatch } from './batch-keeper.svelte.ts';
import type { Batch } from './batches.ts';
import { bundleOf } from './bundle-plan.ts';
import { Bundle, type BundleEvents } from './bundle.ts';
import { DropIntake } from './drop-intake.svelte.ts';
import type { Reading, ReadDrop } from './drop-reader.ts';
import type { Gate } from './gate.ts';
import { pieces } from './pieces.ts';
import { RequestSpeeds } from './request-speeds.ts';
import { showSmaller } from './smaller-pieces.ts';
import type { ChosenFile, Target } from './target.ts';
import type { TakenAnswer } from './taken-names.ts';
import { sumUp, type Totals } from './totals.ts';
import { findUnfinished, isAlike } from './unfinished.ts';
import { UploadItem, type ItemStatus } from './upload-item.svelte.ts';

/** Files of one drop without an item: a hundred thousand items would slow down the page. */
type Backlog = { target: Target; files: readonly ChosenFile[]; next: number; bytes: number };

/** The most uploads at once. Browsers allow six connections to a server under HTTP/1.1, and pages need the others. */
const maxAtOnce = 3;
/** How often the frequently changing values are added up. */
const measureMs = 100;
const lookMs = 2_000;
/** How often the limits are asked for while something moves. */
const limitsMs = 60_000;
/** The number of waiting uploads that get an item for the tray: enough for two bundles. */
const maxWaiting = 512;
/** The number of finished uploads that keep their item. */
const maxDone = 40;
/** When this many uploads need attention, they probably share a cause, so no further ones begin. */
const maxTroubled = 500;

/** States in which an upload does not move until somebody acts, or ever. */
const settled: readonly ItemStatus[] = ['done', 'failed', 'taken', 'mismatch'];
/** States in which all bytes are on the server. */
const arrived: readonly ItemStatus[] = ['verifying', 'done', 'mismatch'];
const restless: readonly ItemStatus[] = ['sending', 'verifying', 'signedOut'];

class Uploads {
  items = $state.raw<readonly UploadItem[]>([]);
  /** Uploads that were begun before this page was opened, or elsewhere; their files have to be chosen again. */
  unfinished = $state.raw<readonly UploadView[]>([]);
  totals = $state.raw<Totals<UploadItem>>(sumUp([]));
  /** True when somebody closed the tray; a new upload opens it again. */
  isClosed = $state(false);
  /** The speed to which a setting of the hub limits this person now; null without a limit. */
  rate = $state.raw<RateView | null>(null);
  /** The check of the open page; null when it has none. */
  gate = $state.raw<Gate | null>(null);
  readonly batches = new BatchKeeper();
  readonly intake = new DropIntake({
    send: (target, files, alreadyThere) => this.#add(target, files, alreadyThere),
    lookForUnknown: (target) => this.#lookForUnknown(target),
  });
  #backlog: Backlog[] = [];
  #already = 0;
  /** Sums of finished uploads without an item. */
  #done = { files: 0, bytes: 0 };
  #isHeld = false;
  #nextKey = 1;
  /** What the hub takes in one bundle; undefined until it is known, null when bundles were refused. */
  #bundleLimits: BundleLimitsView | null | undefined;
  /** When the limits were learned. */
  #limitsAt = -Infinity;
  readonly #speeds = new RequestSpeeds();
  readonly #bundleEvents: BundleEvents = {
    onrefused: () => (this.#bundleLimits = null),
    onsmaller: showSmaller,
  };
  readonly #discarded = new Set<string>();
  #measuring: ReturnType<typeof setTimeout> | undefined;
  #looking: ReturnType<typeof setTimeout> | undefined;

  /** Reads dropped or chosen files, asks the necessary questions, and sends the rest. */
  take(target: Target, read: (reading: Reading) => Promise<ReadDrop>): Promise<void> {
    return this.intake.take(target, read, () =>
      this.gate?.requestId === target.requestId ? this.gate : null,
    );
  }

  async #add(
    target: Target,
    files: readonly ChosenFile[],
    alreadyThere: readonly ChosenFile[],
  ): Promise<void> {
    await Promise.all([this.look(), this.#learnLimits()]);
    const isIdle = this.#backlog.length === 0 && this.items.every(({ status }) => settled.includes(status));
    // A new batch starts its counts at its own first file.
    if (isIdle) {
      this.items = this.items.filter(({ status }) => status !== 'done');
      this.#done = { files: 0, bytes: 0 };
      this.#already = 0;
    }
    this.isClosed = false;
    this.#already += alreadyThere.length;
    this.batches.begin(target, files, alreadyThere);
    this.#measureSoon();
    if (files.length === 0) return;
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    this.#backlog.push({ target, files, next: 0, bytes });
    this.#refill();
    announcer.announce(m.uploads_announce_started({ count: files.length }));
  }

  /**
   * Refreshes the unfinished uploads. Returns a function that tells whether a chosen file is neither one of them, which
   * continue, nor being sent by this tab.
   */
  async #lookForUnknown(target: Target): Promise<(chosen: ChosenFile) => 'new' | 'unfinished' | 'moving'> {
    await this.look();
    const moving = this.items.filter(({ status }) => !settled.includes(status) && status !== 'verifying');
    const keyOf = (to: Target, path: string) =>
      JSON.stringify([to.projectId, to.folderId, to.requestId, path]);
    const paths = new Map(moving.map((item) => [keyOf(item.target, item.relativePath), item]));
    return (chosen) => {
      const item = paths.get(keyOf(target, chosen.relativePath));
      if (item?.file.size === chosen.file.size && item.file.lastModified === chosen.file.lastModified) {
        return 'moving';
      }
      return findUnfinished(this.unfinished, target, chosen) ? 'unfinished' : 'new';
    };
  }

  /** Continues an unfinished upload if the file may be the right one; its bytes are compared before any are sent. */
  goOnWith(upload: UploadView, file: File): void {
    if (!isAlike(upload, file)) {
      toaster.show({ text: wordsFor({ code: 'file_differs' }), tone: 'bad' });
      return;
    }
    const { projectId, folderId, requestId, relativePath } = upload;
    const chosen = { file, relativePath: relativePath || file.name };
    this.isClosed = false;
    this.unfinished = this.unfinished.filter(({ id }) => id !== upload.id);
    this.items = [...this.items, this.#item({ projectId, folderId, requestId }, chosen, upload)];
    void this.#learnLimits();
    this.#measureSoon();
  }

  async discardUnfinished({ id }: UploadView): Promise<void> {
    await trpc.uploads.discard.mutate({ uploadId: id });
    this.#forget(id);
  }

  async cancel(item: UploadItem): Promise<void> {
    const { uploadId } = item;
    await item.discard();
    this.#drop([item]);
    if (uploadId) this.#forget(uploadId);
  }

  /** A list that was asked for before the discard still has it, and would show it as unfinished until the next list. */
  #forget(id: string): void {
    this.#discarded.add(id);
    this.unfinished = this.unfinished.filter((upload) => upload.id !== id);
  }

  /** Discards the uploads of a batch that nobody will continue. */
  async discardBatch(batch: Batch): Promise<void> {
    const its = this.unfinished.filter((upload) => isOfBatch(batch, upload));
    for (const upload of its) await this.discardUnfinished(upload);
    this.batches.forget(batch);
  }

  /** Removes the lines of failed uploads. Their bytes stay on the server and are listed as unfinished. */
  dismissFailed(): void {
    this.#drop(this.items.filter(({ status }) => status === 'failed' || status === 'taken'));
    void this.look();
  }

  /** Closes the tray when nothing in it is moving. */
  close(): void {
    this.clearDone();
    this.dismissFailed();
    this.intake.reports = [];
    this.isClosed = true;
  }

  #drop(items: readonly UploadItem[]): void {
    this.batches.dropped(items.filter(({ isCounted }) => !isCounted));
    this.items = this.items.filter((each) => !items.includes(each));
    this.#measureSoon();
  }

  pauseAll(): void {
    this.#isHeld = true;
    this.#measureSoon();
    for (const item of this.items) if (item.status === 'sending' || item.status === 'waiting') item.pause();
  }

  resumeAll(): void {
    this.#isHeld = false;
    this.#measureSoon();
    for (const item of this.items) if (item.status === 'paused') item.goOn();
  }

  /** Applies one answer to all taken names. */
  answerAll(answer: TakenAnswer): void {
    const taken = this.items.filter(({ status }) => status === 'taken');
    if (answer === 'skip') this.#drop(taken);
    else for (const item of taken) item.answer(answer);
  }

  hurry(): void {
    for (const item of this.items) item.hurry();
    void this.look();
  }

  /** Removes the finished uploads from the tray. */
  clearDone(): void {
    this.items = this.items.filter(({ status }) => status !== 'done');
    this.#done = { files: 0, bytes: 0 };
    this.#already = 0;
    this.#measureSoon();
  }

  /** Drops the uploads that have not begun; the others continue. */
  leaveOutRest(): void {
    for (const { target, files, next } of this.#backlog) {
      this.batches.dropped(files.slice(next).map(({ relativePath }) => ({ target, relativePath })));
    }
    this.#backlog = [];
    this.#isHeld = false;
    this.#drop(this.items.filter(({ status, uploadId }) => status === 'waiting' && uploadId === null));
  }

  /** Returns the queued bytes for the request that have no item yet. */
  bytesBehind(requestId: string): number {
    void this.totals;
    const its = this.#backlog.filter(({ target }) => target.requestId === requestId);
    return its.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The speed of all uploads into the request together; null while it is not known. */
  bytesPerSecondInto(requestId: string): number | null {
    void this.totals;
    return this.#speeds.bytesPerSecond(requestId);
  }

  /** Queries the state of all uploads from the server, repeatedly while any is running. */
  async look(): Promise<void> {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    try {
      this.#follow(await trpc.uploads.list.query({}));
    } catch (error) {
      // Items show their own problems; a failed query is repeated below.
      if (this.items.length === 0) toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
    this.#lookLater();
  }

  #follow(views: readonly UploadView[]): void {
    const byId = new Map(views.map((view) => [view.id, view]));
    for (const item of this.items) {
      if (item.uploadId) item.follow(byId.get(item.uploadId));
      // The list arrived, so somebody is signed in again.
      if (item.status === 'signedOut') item.goOn();
      if (item.uploadId) byId.delete(item.uploadId);
    }
    this.unfinished = [...byId.values()].filter(
      ({ id, status }) => !this.#discarded.has(id) && (status === 'uploading' || status === 'mismatch'),
    );
  }

  #lookLater(): void {
    if (this.#looking || !this.items.some(({ status }) => restless.includes(status))) return;
    this.#looking = setTimeout(() => {
      // The rate may change with the hour.
      if (performance.now() - this.#limitsAt > limitsMs) void this.#learnLimits();
      void this.look();
    }, lookMs);
  }

  #item(target: Target, chosen: ChosenFile, begun: UploadView | undefined): UploadItem {
    return new UploadItem(String(this.#nextKey++), target, chosen, begun, () => this.#measureSoon());
  }

  /** Creates as many items as the tray shows and the next seconds need. */
  #refill(): void {
    if (this.#isHeld || this.#backlog.length === 0) return;
    const waiting = this.items.filter(({ status }) => status === 'waiting').length;
    const troubled = this.items.filter(({ status }) => status === 'failed' || status === 'taken').length;
    const items: UploadItem[] = [];
    while (waiting + items.length < maxWaiting && troubled < maxTroubled && this.#backlog.length > 0) {
      const batch = this.#backlog[0]!;
      const chosen = batch.files[batch.next++]!;
      batch.bytes -= chosen.file.size;
      if (batch.next === batch.files.length) this.#backlog.shift();
      const begun = findUnfinished(this.unfinished, batch.target, chosen);
      if (begun) this.unfinished = this.unfinished.filter(({ id }) => id !== begun.id);
      items.push(this.#item(batch.target, chosen, begun));
    }
    if (items.length > 0) this.items = [...this.items, ...items];
  }

  #countArrived(): void {
    const fresh = this.items.filter(({ isCounted, status }) => !isCounted && arrived.includes(status));
    for (const item of fresh) item.isCounted = true;
    this.batches.arrived(fresh);
  }

  /** Counts and removes finished items, except the latest ones, which a page may still need. */
  #letGo(): void {
    const done = this.items.filter(({ status }) => status === 'done');
    if (done.length < maxDone) return;
    this.items = this.items.filter(({ status }) => status !== 'done');
    this.#done = {
      files: this.#done.files + done.length,
      bytes: this.#done.bytes + done.reduce((sum, { file }) => sum + file.size, 0),
    };
  }

  #pump(): void {
    const sending = this.items.filter(({ status }) => status === 'sending');
    const running = new Set(sending.map((item) => item.bundle ?? item)).size;
    for (let free = maxAtOnce - running; free > 0; free--) {
      const waiting = this.items.filter(({ status }) => status === 'waiting');
      if (waiting.length === 0) break;
      const together = this.#bundleOf(waiting);
      if (together.length > 0) new Bundle(together, this.#bundleEvents).start();
      else void waiting[0]!.start();
    }
    this.#lookLater();
  }

  /** Returns small files that go in one request, if the next upload is one of them. */
  #bundleOf(waiting: readonly UploadItem[]): UploadItem[] {
    if (!this.#bundleLimits || waiting[0]!.uploadId !== null) return [];
    const unbegun = waiting.filter(({ uploadId }) => uploadId === null);
    const together = bundleOf(unbegun, this.#bundleLimits, pieces.bytes);
    return together[0] === waiting[0] ? together : [];
  }

  async #learnLimits(): Promise<void> {
    this.#limitsAt = performance.now();
    const limits = await trpc.uploads.limits.query().catch(() => null);
    // Without an answer, every file goes alone, until the next drop asks again.
    if (!limits) return;
    this.rate = limits.rate;
    if (this.#bundleLimits !== null) this.#bundleLimits = limits.bundle;
  }

  #measureSoon(): void {
    this.#measuring ??= setTimeout(() => {
      this.#measuring = undefined;
      this.#countArrived();
      this.#letGo();
      this.#refill();
      const files = this.#backlog.reduce((sum, batch) => sum + batch.files.length - batch.next, 0);
      const bytes = this.#backlog.reduce((sum, batch) => sum + batch.bytes, 0);
      this.totals = sumUp(this.items, {
        already: this.#already,
        done: this.#done,
        behind: { files, bytes, isHeld: this.#isHeld },
      });
      this.#speeds.sample(this.items, performance.now());
      this.#pump();
    }, measureMs);
  }
}

export const uploads = new Uploads();
