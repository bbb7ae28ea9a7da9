/**
 * The check of files before they are uploaded into a request, from the drop to the files that are sent; one question at
 * a time.
 */
import { maxDeliveryPathLength } from '@turnover/domain/names/names';
import { trpc } from '#lib/trpc.ts';
import type { CheckAnswer, TakenChoice } from '#lib/pre-flight/check-row.ts';
import { EarlierComparison } from './earlier-comparison.svelte.ts';
import type { Gate } from './gate.ts';
import {
  checkFiles,
  filesToSend,
  isBlocked,
  isGood,
  noAnswers,
  skippingMisfits,
  type Checked,
  type PreFlightTerms,
  type UploadAnswers,
} from './pre-flight.ts';
import type { ChosenFile } from './target.ts';

/** The dialog opens when a check takes longer than this. */
const quietMs = 400;

export type PreFlightRequest = {
  requestId: string;
  /** Null when the request has no rules. */
  terms: PreFlightTerms | null;
  /** True when the person may replace files of the request. */
  mayReplace: boolean;
  /** True when the house requested a redelivery: the files are first compared with earlier rounds. */
  comparesEarlier: boolean;
};

type Wanted = PreFlightRequest & {
  files: readonly ChosenFile[];
  answers: UploadAnswers;
  freeBytes: number | null;
};

export class PreFlightRun {
  isOpen = $state(false);
  files = $state.raw<readonly ChosenFile[]>([]);
  /** The result of the check; null while it runs for the first time. */
  checked = $state.raw<Checked | null>(null);
  isTaking = $state(false);
  readonly comparison = new EarlierComparison();
  readonly #request: () => PreFlightRequest;
  #answers = $state.raw<UploadAnswers>(noAnswers);
  /** Null when unknown. */
  #freeBytes = $state<number | null>(null);
  #settle: ((files: readonly ChosenFile[]) => void) | undefined;
  /** The previous question, so that only one is asked at a time. */
  #asked: Promise<unknown> = Promise.resolve();
  #wanted: Wanted | undefined;
  #isChecking = false;

  constructor(request: () => PreFlightRequest) {
    this.#request = request;
  }

  get gate(): Gate {
    const { requestId, terms, comparesEarlier } = this.#request();
    const maxPath = terms === null ? null : maxDeliveryPathLength;
    return { requestId, ask: (chosen) => this.#ask(chosen), comparesEarlier, maxPath };
  }

  /** The files that are sent with the present answers. */
  readonly passing = $derived(this.checked ? filesToSend(this.checked) : []);
  /** The number of files that are sent, plus those whose question is open. */
  readonly going = $derived(this.passing.length + (this.checked?.open ?? 0));
  /** The files that are taken over from an earlier round. */
  readonly taking = $derived(
    this.passing.filter((each) => this.comparison.fateOf(each) === 'takeOver').length,
  );
  /** True when the result is for the present files and answers; an older result does not count. */
  readonly isReady = $derived(
    this.checked?.of.files === this.files &&
      this.checked.of.answers === this.#answers &&
      this.passing.length > 0 &&
      !isBlocked(this.checked),
  );

  answer(file: File, answer: CheckAnswer): void {
    const single = new Map(this.#answers.single);
    single.set(file, { ...single.get(file), ...answer });
    this.#answers = { ...this.#answers, single };
  }

  /** Applies one answer to all files; it replaces earlier answers of the same kind. */
  answerAll(answer: { onCollision?: TakenChoice; override?: string }): void {
    const kept = [...this.#answers.single].map(([file, { onCollision, override, ...rest }]) => {
      const left: CheckAnswer = { ...rest };
      if (answer.onCollision === undefined && onCollision !== undefined) left.onCollision = onCollision;
      if (answer.override === undefined && override !== undefined) left.override = override;
      return [file, left] as const;
    });
    this.#answers = { ...this.#answers, ...answer, single: new Map(kept) };
  }

  skipMisfits(): void {
    if (this.checked) this.#answers = skippingMisfits(this.checked);
  }

  /** Decides whether a file with the bytes of an earlier round is sent. */
  want(file: File, isWanted: boolean): void {
    this.comparison.want(file, isWanted);
    const found = this.comparison.same.find(({ chosen }) => chosen.file === file);
    if (!isWanted) this.files = this.files.filter((each) => each.file !== file);
    else if (found) this.files = [...this.files, found.chosen];
  }

  /** Sends the files. Throws when files could not be taken over; the remaining ones are then compared again. */
  async send(): Promise<void> {
    const { requestId } = this.#request();
    this.isTaking = true;
    try {
      this.settle(await this.comparison.takeOver(requestId, this.passing));
    } catch (error) {
      await this.#compareAgain(requestId);
      throw error;
    } finally {
      this.isTaking = false;
    }
  }

  settle(passed: readonly ChosenFile[]): void {
    this.comparison.skip();
    this.#settle?.(passed);
    this.#settle = undefined;
    this.files = [];
    this.isOpen = false;
  }

  /**
   * Call this in an effect. New files and answers abort the pass. New rules wait for the next pass; otherwise the check
   * of a busy request would never finish.
   */
  follow(): void {
    const { files } = this;
    this.#wanted = { ...this.#request(), files, answers: this.#answers, freeBytes: this.#freeBytes };
    void this.#checkWanted();
  }

  #ask(chosen: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    const asking = this.#asked.then(() => this.#askNow(chosen));
    this.#asked = asking;
    return asking;
  }

  async #askNow(chosen: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    const { requestId } = this.#request();
    // If this fails, the server reports missing space when each file begins.
    const space = await trpc.requests.space.query({ requestId }).catch(() => null);
    this.#freeBytes = space?.availableBytes ?? null;
    this.checked = null;
    this.#answers = noAnswers;
    const settled = new Promise<readonly ChosenFile[]>((resolve) => (this.#settle = resolve));
    const opening = setTimeout(() => (this.isOpen = true), quietMs);
    void this.#compare(chosen);
    return settled.finally(() => clearTimeout(opening));
  }

  /**
   * Compares with earlier rounds. If the hub does not answer, all files continue to the check: at worst they are sent
   * again.
   */
  async #compare(chosen: readonly ChosenFile[]): Promise<void> {
    const { requestId, comparesEarlier } = this.#request();
    this.comparison.forget();
    const asking = this.#settle;
    const others = chosen.filter(({ isThere }) => !isThere);
    const left = comparesEarlier ? await this.comparison.run(requestId, chosen).catch(() => others) : chosen;
    // The person may have cancelled meanwhile.
    if (this.#settle !== asking) return;
    this.files = left;
    if (this.comparison.same.length > 0) this.isOpen = true;
    else if (left.length === 0) this.settle([]);
  }

  /** Compares again after a failure: some files may be taken over already, and others can no longer be taken over. */
  async #compareAgain(requestId: string): Promise<void> {
    const asking = this.#settle;
    const left = await this.comparison.runAgain(requestId, this.files);
    if (this.#settle === asking) this.files = left;
  }

  async #checkWanted(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      let last: Wanted | undefined;
      while (this.#wanted && last !== this.#wanted && this.#wanted.files.length > 0) {
        const now = this.#wanted;
        last = now;
        const isWanted = () => this.#wanted?.files === now.files && this.#wanted.answers === now.answers;
        const found = await checkFiles(now, isWanted);
        if (found) this.#take(found);
      }
    } finally {
      this.#isChecking = false;
    }
  }

  #take(found: Checked): void {
    // All files passed the first check, so no question is needed.
    if (this.checked === null && isGood(found) && this.comparison.same.length === 0) {
      return this.settle(found.of.files);
    }
    this.checked = found;
    this.isOpen = true;
  }
}
