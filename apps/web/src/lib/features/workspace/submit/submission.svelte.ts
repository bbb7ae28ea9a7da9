/** The state of a submit from a Workspace: the request, the person's answers, and the server's check of them. */
import type {
  AddedFilesView,
  CheckedFileView,
  DeliveryAnswers,
  DeliveryCheckView,
  MatchedRequestsView,
} from '@turnover/domain/requests/from-workspace';
import type { EntrySelection } from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { formatBytes, formatMoment } from '#lib/format.ts';
import type { CheckAnswer, CheckRow, TakenChoice } from '#lib/pre-flight/check-row.ts';
import { whyNotWords } from '#lib/pre-flight/check-words.ts';
import { trpc } from '#lib/trpc.ts';
import { now } from '#lib/ui/text/now.svelte.ts';

export type Match = MatchedRequestsView['requests'][number];

/** Delay between the last answer and the check, so that it does not run for every letter of a reason. */
const quietMs = 250;

export class Submission {
  readonly match: Match;
  readonly selection: EntrySelection;
  /** The result of the check; null while it runs for the first time. */
  check = $state.raw<DeliveryCheckView | null>(null);
  problem = $state<string>();
  clearing = $state(false);
  busy = $state(false);
  /** True when answers were given since the check was requested. */
  isStale = $state(true);
  #answers = $state.raw<ReadonlyMap<string, CheckAnswer>>(new Map());
  #forAll = $state.raw<{ onCollision?: TakenChoice; override?: string; skipMisfits?: boolean }>({});
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(match: Match, selection: EntrySelection) {
    this.match = match;
    this.selection = selection;
    this.#schedule(0);
  }

  get rows(): CheckRow[] {
    return (this.check?.files ?? []).map((file) => this.#rowOf(file));
  }

  /** The number of files whose questions have no answer yet. */
  get open(): number {
    return this.check?.counts.outcome.open ?? 0;
  }

  answer(entryId: string, answer: CheckAnswer): void {
    const answers = new Map(this.#answers);
    answers.set(entryId, { ...answers.get(entryId), ...answer });
    this.#answers = answers;
    this.#schedule(quietMs);
  }

  /** Applies one answer to all files; it replaces earlier answers of the same kind. */
  answerAll(answer: { onCollision?: TakenChoice; override?: string; skipMisfits?: boolean }): void {
    const answers = [...this.#answers].map(([id, each]) => {
      const kept = { ...each };
      if (answer.onCollision) delete kept.onCollision;
      if (answer.override) delete kept.override;
      return [id, kept] as const;
    });
    this.#answers = new Map(answers);
    this.#forAll = { ...this.#forAll, ...answer };
    this.#schedule(0);
  }

  setClearing(clearing: boolean): void {
    this.clearing = clearing;
    this.#schedule(0);
  }

  /** Adds the files. Returns null when a question is open or adding failed; the dialog shows which. */
  async add(): Promise<AddedFilesView | null> {
    this.busy = true;
    try {
      await this.#settle();
      const { check } = this;
      if (!check || this.open > 0) return null;
      const input = { ...this.#input(), revision: check.revision };
      return await trpc.requestFiles.addFromWorkspace.mutate(input);
    } catch (error) {
      await this.#run();
      this.problem = wordsForCaught(error);
      return null;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(waitMs: number): void {
    this.isStale = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  /** Waits until the result of the check is for the present answers. */
  async #settle(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    if (this.isStale) await this.#run();
  }

  #run(): Promise<void> {
    const input = this.#input();
    this.#running = this.#running.then(async () => {
      try {
        const check = await trpc.requestFiles.checkFromWorkspace.mutate(input);
        if (!sameInput(input, this.#input())) return;
        this.check = check;
        this.problem = undefined;
        this.isStale = false;
      } catch (error) {
        this.problem = wordsForCaught(error);
      }
    });
    return this.#running;
  }

  #input() {
    const files = [...this.#answers].map(([entryId, { override, skip = false, ...answer }]) => {
      const reason = override?.trim();
      return { entryId, skip, ...answer, ...(reason && { override: reason }) };
    });
    const answers: DeliveryAnswers = {
      files,
      onCollision: this.#forAll.onCollision ?? 'refuse',
      useOfferedNames: true,
      skipMisfits: this.#forAll.skipMisfits ?? false,
      override: this.#forAll.override,
    };
    const { selection, clearing: clearExisting } = this;
    return { requestId: this.match.request.id, selection, answers, clearExisting };
  }

  #rowOf(file: CheckedFileView): CheckRow {
    const answer = this.#answers.get(file.entryId);
    const choice = answer?.onCollision ?? this.#forAll.onCollision ?? 'open';
    return {
      id: file.entryId,
      path: file.path,
      as: answer?.as ?? file.as,
      facts: formatBytes(file.sizeBytes),
      problems: file.problems as CheckRow['problems'],
      left: file.left as CheckRow['left'],
      offered: file.offered,
      reason: answer?.override ?? this.#forAll.override ?? '',
      taken: file.taken && takenWords(file, choice),
      outcome: file.outcome,
    };
  }
}

function sameInput(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function takenWords(
  { taken, as }: CheckedFileView,
  choice: TakenChoice | 'open',
): NonNullable<CheckRow['taken']> {
  const { by, file, whyNotReplace } = taken!;
  if (by === 'cleared') return { words: m.check_taken_cleared(), choice: null };
  if (by === 'folder') return { words: m.check_taken_folder(), choice, whyNotReplace: '' };
  if (by === 'upload') return { words: m.check_taken_upload(), choice, whyNotReplace: '' };
  if (by === 'selection') return { words: m.check_taken_selection(), choice, whyNotReplace: '' };
  const words = file
    ? m.check_taken_file({
        size: formatBytes(file.sizeBytes),
        who: file.deliveredBy.name,
        when: formatMoment(file.addedAt, now()),
      })
    : m.check_taken_hidden();
  const hint =
    choice === 'keepBoth'
      ? m.check_kept_as({ name: as })
      : choice === 'replace'
        ? m.check_replaced_stays()
        : undefined;
  return {
    words,
    hint,
    choice,
    whyNotReplace: whyNotReplace ? whyNotWords(whyNotReplace) : undefined,
  };
}
