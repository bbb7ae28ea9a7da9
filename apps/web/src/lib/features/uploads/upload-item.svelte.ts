/** One chosen file: its upload is begun at the server, sent, and verified there. */
import type { ErrorCode } from '@turnover/domain/errors';
import type { BundledFileInput } from '@turnover/domain/workspace/bundles';
import type { BeginUploadInput, TakenChoice, UploadView } from '@turnover/domain/workspace/uploads';
import { wordsFor } from '#lib/error-words.ts';
import { reportOf, type ReportedError } from '#lib/reported-error.ts';
import { BackgroundHasher } from '#lib/hashing/background-hasher.ts';
import { trpc } from '#lib/trpc.ts';
import * as m from '@turnover/messages/messages';
import type { Bundle, Member } from './bundle.ts';
import { retryDelaysMs } from './retry.ts';
import { newSendKey } from './send-key.ts';
import { showSmaller } from './smaller-pieces.ts';
import { Speed } from './speed.ts';
import { nameOf, type ChosenFile, type Target } from './target.ts';
import type { Transmission } from './transmission.ts';

/**
 * `taken`: something at the target has its name, and the person must decide. `verifying`: completely sent; the server
 * computes the checksum.
 */
export type ItemStatus =
  'waiting' | 'sending' | 'paused' | 'signedOut' | 'taken' | 'failed' | 'verifying' | 'mismatch' | 'done';

/** Temporary errors before an upload has begun. */
const passing: readonly ErrorCode[] = ['unavailable', 'too_many_uploads', 'throttled'];

/** Errors that a person can act on while the upload retries. */
const actionableStalls: readonly ErrorCode[] = ['no_space', 'too_many_uploads'];

export class UploadItem implements Member {
  readonly key: string;
  readonly target: Target;
  file = $state.raw() as File;
  readonly relativePath: string;
  status = $state<ItemStatus>('waiting');
  sentBytes = $state(0);
  hashedBytes = $state(0);
  /** Why the upload stopped, as text. */
  problem = $state<string>();
  /** True when an unfinished upload, which no list shows, has the name. */
  isUploadInTheWay = $state(false);
  /** True when the file can no longer be read and has to be chosen again. */
  isGone = $state(false);
  /** True once its batch has counted it as arrived. */
  isCounted = false;
  /** True while nobody answers; the upload continues by itself. */
  stalled = $state(false);
  /** True while the file is compared with the bytes on the server. */
  isComparing = $state(false);
  bytesPerSecond = $state<number | null>(null);
  timeLeftMs = $state<number | null>(null);
  mismatch = $state.raw<UploadView['mismatch']>(null);
  uploadId: string | null;
  /** The request that the file shares with others while it is sent; null when it has its own. */
  bundle = $state.raw<Bundle | null>(null);
  /** The hub stores the file of a key once, however often it is sent. */
  #sendKey = newSendKey();
  #uploadUrl: string | null;
  /**
   * Set until the bytes of this file are compared with the upload: the modification time of the file that the upload
   * began with.
   */
  #unproven: { modifiedAt: number | null } | null;
  #hasher: BackgroundHasher | null = null;
  #ifTaken: TakenChoice;
  #override: string | null;
  #speed = new Speed();
  #transmission: Transmission | null = null;
  #attempts = 0;
  /** Counts starts and stops: an earlier start must not continue after a pause, a discard or another start. */
  #turn = 0;
  #retrying: ReturnType<typeof setTimeout> | undefined;
  #onchange: () => void;

  constructor(
    key: string,
    target: Target,
    { file, relativePath, override, replace, ifTaken }: ChosenFile,
    begun: UploadView | undefined,
    onchange: () => void,
  ) {
    this.key = key;
    this.target = target;
    this.file = file;
    this.relativePath = relativePath;
    this.#override = override ?? null;
    this.#ifTaken = ifTaken ?? (replace ? 'replace' : 'refuse');
    this.uploadId = begun?.id ?? null;
    this.#uploadUrl = begun?.uploadUrl ?? null;
    this.#unproven = begun ?? null;
    this.sentBytes = begun?.durableBytes ?? 0;
    this.#onchange = onchange;
  }

  async start(): Promise<void> {
    const turn = ++this.#turn;
    this.#become('sending');
    if (this.#unproven && !(await this.#compare(this.#unproven, turn))) return;
    if (this.#uploadUrl === null && !(await this.#begin())) return;
    const transmission = this.#transmission ?? (await this.#prepare(this.#uploadUrl!));
    if (!transmission || turn !== this.#turn) return;
    this.#transmission = transmission;
    transmission.start();
  }

  pause(): void {
    this.#stop();
    this.#become('paused');
  }

  /** Queues the upload again after a pause, a failure or a new sign-in. */
  goOn(): void {
    this.#attempts = 0;
    this.isGone = false;
    this.#become('waiting');
  }

  /**
   * True when the name was refused although replacing was chosen: an entry other than a file has it. In a request, an
   * unfinished upload cannot be replaced either.
   */
  get cannotReplace(): boolean {
    if (this.status !== 'taken') return false;
    return this.#ifTaken === 'replace' || (this.isUploadInTheWay && this.target.requestId !== null);
  }

  /** Applies the answer about the taken name. */
  answer(choice: TakenChoice): void {
    this.#ifTaken = choice;
    this.goOn();
  }

  /** True when there is nothing to discard: all bytes have left, and the hub has them or is about to answer. */
  get isHandedOver(): boolean {
    if (this.status === 'verifying' || this.status === 'done') return true;
    return this.bundle !== null && this.isBeingSaved;
  }

  /** True while all bytes have left and the hub has not confirmed that it stored them. */
  get isBeingSaved(): boolean {
    return this.status === 'sending' && !this.stalled && this.sentBytes === this.file.size;
  }

  /** What a bundle tells the hub about the file. */
  get bundleHead(): Partial<BundledFileInput> {
    return { ...this.#input, key: this.#sendKey };
  }

  joined(bundle: Bundle): void {
    this.#turn++;
    this.bundle = bundle;
    this.#become('sending');
  }

  sent(bytes: number): void {
    this.stalled = false;
    this.problem = undefined;
    this.sentBytes = bytes;
    this.#onchange();
  }

  delayed(report: ReportedError | undefined): void {
    this.sentBytes = 0;
    this.#wait(report);
  }

  received(uploadId: string): void {
    this.bundle = null;
    this.uploadId = uploadId;
    this.sentBytes = this.file.size;
    this.#become('verifying');
  }

  refused(report: ReportedError): void {
    this.bundle = null;
    this.sentBytes = 0;
    this.#beginRefused(report);
  }

  lost(): void {
    this.bundle = null;
    this.sentBytes = 0;
    this.#lose();
  }

  released(): void {
    this.bundle = null;
    this.sentBytes = 0;
    this.#become('waiting');
  }

  /** Continues with a file that was chosen again. Returns false when it cannot be the same file. */
  goOnWith(file: File): boolean {
    const { name, size, lastModified } = this.file;
    if (file.name !== name || (this.uploadId !== null && file.size !== size)) return false;
    if (this.uploadId !== null) this.#unproven ??= { modifiedAt: lastModified };
    this.file = file;
    this.#sendKey = newSendKey();
    this.#transmission = null;
    this.goOn();
    return true;
  }

  /** Discards the bytes on the server and starts again from the first byte. */
  async sendAgain(): Promise<void> {
    await this.discard();
    this.goOn();
  }

  async discard(): Promise<void> {
    this.#stop();
    const { uploadId } = this;
    this.#forget();
    if (uploadId) await trpc.uploads.discard.mutate({ uploadId });
  }

  /** Retries now, because the server is reachable again. */
  hurry(): void {
    if (this.status !== 'sending' || !this.stalled) return;
    if (this.bundle) return this.bundle.hurry();
    this.#stop();
    void this.start();
  }

  /** Applies the server's view of the upload; undefined when it is no longer unfinished. */
  follow(view: UploadView | undefined): void {
    this.hashedBytes = view?.hashedBytes ?? this.hashedBytes;
    if (view?.status === 'mismatch') this.mismatch = view.mismatch;
    if (this.status !== 'verifying') return;
    if (view?.status === 'mismatch') this.#become('mismatch');
    else if (!view || view.status === 'complete') this.#become('done');
  }

  #become(status: ItemStatus, problem?: string): void {
    this.status = status;
    this.problem = problem;
    this.stalled = false;
    this.bytesPerSecond = null;
    this.timeLeftMs = null;
    this.#speed.reset();
    this.#onchange();
  }

  #stop(): void {
    this.#turn++;
    clearTimeout(this.#retrying);
    this.#transmission?.stop();
    this.#hasher?.end();
    this.#leaveBundle();
  }

  #leaveBundle(): void {
    if (!this.bundle) return;
    this.bundle.leave(this);
    this.bundle = null;
    // How much of it has arrived shows when it is sent again.
    this.sentBytes = 0;
  }

  /** Makes the next start begin a new upload. */
  #forget(): void {
    this.uploadId = null;
    this.#uploadUrl = null;
    this.#transmission = null;
    this.#unproven = null;
    this.#sendKey = newSendKey();
    this.sentBytes = 0;
    this.hashedBytes = 0;
  }

  /**
   * Compares the file with the bytes that the hub has of its upload. Another file gets an upload of its own. Returns
   * whether the start continues.
   */
  async #compare({ modifiedAt }: { modifiedAt: number | null }, turn: number): Promise<boolean> {
    this.isComparing = true;
    const hasher = (this.#hasher = new BackgroundHasher());
    try {
      const fingerprint = await trpc.uploads.fingerprint.query({ uploadId: this.uploadId! });
      const { beginsWith } = await import('./same-bytes.ts');
      const hashWhole = (part: Blob) => hasher.hash(part, () => {});
      const isSame = await beginsWith(this.file, fingerprint, { modifiedAt, hashWhole });
      if (turn !== this.#turn || this.status !== 'sending') return false;
      this.#unproven = null;
      if (!isSame) this.#forget();
      return true;
    } catch (error) {
      if (turn !== this.#turn) return false;
      const code = reportOf(error)?.code;
      if (code === 'upload_gone' || code === 'not_found') {
        this.#forget();
        return true;
      }
      if (error instanceof DOMException) this.#lose();
      else this.#beginFailed(error);
      return false;
    } finally {
      hasher.end();
      if (turn === this.#turn) this.isComparing = false;
    }
  }

  get #input(): Omit<BeginUploadInput, 'replace'> {
    const { projectId, folderId, requestId } = this.target;
    return {
      projectId,
      folderId,
      requestId,
      filename: nameOf(this),
      relativePath: this.relativePath.includes('/') ? this.relativePath : null,
      sizeBytes: this.file.size,
      modifiedAt: this.file.lastModified,
      ifTaken: this.#ifTaken,
      override: this.#override,
    };
  }

  async #begin(): Promise<boolean> {
    try {
      const begun = await trpc.uploads.begin.mutate(this.#input);
      this.uploadId = begun.uploadId;
      this.#uploadUrl = begun.uploadUrl;
      this.#attempts = 0;
    } catch (error) {
      this.#beginFailed(error);
      return false;
    }
    return this.status === 'sending';
  }

  #beginFailed(error: unknown): void {
    if (this.status === 'sending') this.#beginRefused(reportOf(error));
  }

  #beginRefused(report: ReportedError | undefined): void {
    if (report?.code === 'unauthenticated') this.#become('signedOut');
    else if (report?.code === 'name_taken') {
      this.isUploadInTheWay = report.details?.by === 'upload';
      this.#become('taken');
    } else if (report && !passing.includes(report.code)) this.#become('failed', wordsFor(report));
    else this.#beginLater(report && wordsFor(report));
  }

  /** Schedules another start. `problem` is undefined when nobody answered. */
  #beginLater(problem: string | undefined): void {
    this.stalled = true;
    this.problem = problem;
    const delayMs = retryDelaysMs[Math.min(this.#attempts++, retryDelaysMs.length - 1)];
    this.#retrying = setTimeout(() => void this.start(), delayMs);
  }

  /** Prepares the transmission; null when the upload was paused or discarded meanwhile, or begins again later. */
  async #prepare(uploadUrl: string): Promise<Transmission | null> {
    // Loaded with the first upload, because most visits to a page send nothing.
    const loaded = await import('./transmission.ts').catch(() => {
      if (this.status === 'sending') this.#beginLater(undefined);
    });
    if (!loaded || this.status !== 'sending' || this.#uploadUrl !== uploadUrl) return null;
    return new loaded.Transmission(this.file, uploadUrl, {
      onprogress: (sentBytes) => this.#progress(sentBytes),
      onstall: (report) => void this.#stall(report),
      onsent: () => {
        this.sentBytes = this.file.size;
        this.#become('verifying');
      },
      onfail: (report) => this.#fail(report),
      onsmaller: showSmaller,
    });
  }

  #progress(sentBytes: number): void {
    if (this.status !== 'sending') return;
    this.stalled = false;
    this.problem = undefined;
    this.sentBytes = sentBytes;
    this.#speed.sample(sentBytes, performance.now());
    this.bytesPerSecond = this.#speed.bytesPerSecond;
    this.timeLeftMs = this.#speed.timeLeftMs(this.file.size - sentBytes);
    this.#onchange();
  }

  #wait(report: ReportedError | undefined): void {
    this.stalled = true;
    this.problem = report && actionableStalls.includes(report.code) ? wordsFor(report) : undefined;
    this.#onchange();
  }

  /** Handles a stall. A changed or removed file looks like a broken connection, but retrying would not help. */
  async #stall(report: ReportedError | undefined): Promise<void> {
    this.#wait(report);
    try {
      await this.file.slice(0, 1).arrayBuffer();
    } catch {
      this.#stop();
      this.#lose();
    }
  }

  #fail(report: ReportedError | undefined): void {
    if (report?.code === 'unauthenticated') return this.#become('signedOut');
    if (report?.code === 'upload_gone') this.#forget();
    if (report) this.#become('failed', wordsFor(report));
    else this.#lose();
  }

  #lose(): void {
    this.isGone = true;
    this.#become('failed', m.uploads_problem_unreadable());
  }
}
