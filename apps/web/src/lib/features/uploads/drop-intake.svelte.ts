/** Hands dropped or chosen files to the upload queue: reads them, asks about names, and reports what was left out. */
import { maxPathsChecked, type CheckedNameView } from '@turnover/domain/workspace/checked-names';
import { nameKey } from '@turnover/domain/names/names';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import * as m from '@turnover/messages/messages';
import type { Reading, ReadDrop } from './drop-reader.ts';
import { needsALook, reportOn, type DropReport } from './drop-report.ts';
import type { Gate } from './gate.ts';
import {
  noAnswers,
  offersOf,
  planNames,
  withNames,
  type NameAnswers,
  type NameQuestion,
  type PlanTerms,
} from './name-plan.ts';
import {
  sortByTaken,
  withAnswers,
  type SortedFiles,
  type TakenAnswer,
  type TakenFile,
} from './taken-names.ts';
import type { ChosenFile, Target } from './target.ts';

/** The progress of one drop while it is read. */
export class DropReading {
  found = $state(0);
  read = $state(0);
  readonly #stop = new AbortController();

  get reading(): Reading {
    const onfound = (found: number, read: number) => {
      this.found = Math.max(this.found, found);
      this.read = read;
    };
    return { signal: this.#stop.signal, onfound };
  }

  get isCancelled(): boolean {
    return this.#stop.signal.aborted;
  }

  cancel(): void {
    this.#stop.abort();
  }
}

export type NamesAsked = {
  read: ReadDrop;
  questions: NameQuestion[];
  terms: PlanTerms;
  /**
   * Gives the answers; null cancels the drop. Resolves with the answered names that are taken; empty when the answers
   * were accepted.
   */
  answer: (answers: NameAnswers | null) => Promise<ReadonlySet<string>>;
};

/** Files whose name is taken at the target, about which the person must decide. */
export type TakenAsked = {
  sorted: SortedFiles;
  target: Target;
  /** Null cancels the drop. */
  answer: (answerFor: ((taken: TakenFile) => TakenAnswer) | null) => void;
};

type Queue = {
  send: (target: Target, files: readonly ChosenFile[], alreadyThere: readonly ChosenFile[]) => Promise<void>;
  /** Finds out the state of a file. `unfinished`: the server has a part of it; `moving`: this tab is sending it. */
  lookForUnknown: (target: Target) => Promise<(chosen: ChosenFile) => 'new' | 'unfinished' | 'moving'>;
};

export class DropIntake {
  readings = $state.raw<readonly DropReading[]>([]);
  asked = $state.raw<NamesAsked | null>(null);
  askedTaken = $state.raw<TakenAsked | null>(null);
  reports = $state.raw<readonly DropReport[]>([]);
  /** The report that is open. */
  shown = $state.raw<Omit<DropReport, 'id'> | null>(null);
  readonly #queue: Queue;
  /** The previous question, so that only one is asked at a time. */
  #before: Promise<unknown> = Promise.resolve();
  #nextId = 1;

  constructor(queue: Queue) {
    this.#queue = queue;
  }

  async take(
    target: Target,
    read: (reading: Reading) => Promise<ReadDrop>,
    gateNow: () => Gate | null,
  ): Promise<void> {
    const reading = new DropReading();
    this.readings = [...this.readings, reading];
    let found: ReadDrop;
    try {
      found = await read(reading.reading);
    } catch (error) {
      if (!reading.isCancelled) throw error;
      toaster.show({ text: m.uploads_reading_cancelled() });
      return;
    } finally {
      this.readings = this.readings.filter((each) => each !== reading);
    }
    if (this.#isNothing(found, target)) return;
    const named = await this.#named(found, target, gateNow());
    if (named) await this.#goOn(named, target, gateNow());
  }

  dismiss(report: DropReport): void {
    this.reports = this.reports.filter((each) => each !== report);
  }

  async #goOn(named: ReadDrop, target: Target, gate: Gate | null): Promise<void> {
    const isRequest = target.requestId !== null;
    const alike = isRequest ? [] : await this.#alikeAt(named, target);
    const report = reportOn(named, { isRequest, alike });
    if (needsALook(report)) this.reports = [...this.reports, { ...report, id: this.#nextId++ }];
    else if (report.litter.length > 0) {
      toaster.show({
        text: m.uploads_system_files_skipped({ count: report.litter.length }),
        action: { label: m.uploads_report_show(), run: () => (this.shown = report) },
      });
    }
    const { known, fresh } = await this.#split(named.files, target);
    const sorted = await sortByTaken(fresh, (paths) => this.#checked(target, paths));
    const { free, alreadyThere, taken } = sorted;
    // The check of a request asks about taken names itself.
    const compared = gate?.comparesEarlier ? alreadyThere.map((each) => ({ ...each, isThere: true })) : [];
    const decided = isRequest
      ? [...free, ...taken.map(({ chosen }) => chosen), ...compared]
      : taken.length === 0
        ? free
        : await this.#decide(sorted, target);
    if (decided === null) return;
    if (!isRequest && named.emptyFolders.length > 0) await this.#makeFolders(named, target);
    const checked = gate && decided.length > 0 ? await gate.ask(decided) : decided;
    const files = [...known, ...checked];
    if (files.length + alreadyThere.length > 0) await this.#queue.send(target, files, alreadyThere);
    else if (named.files.length > 0 && fresh.length === 0) toaster.show({ text: m.uploads_moving_already() });
  }

  /**
   * Separates new files from known ones. `known`: files whose unfinished uploads continue. Leaves out files that are
   * already being sent.
   */
  async #split(
    files: readonly ChosenFile[],
    target: Target,
  ): Promise<{ known: ChosenFile[]; fresh: ChosenFile[] }> {
    const kindOf = await this.#queue.lookForUnknown(target);
    const groups = Map.groupBy(files, kindOf);
    return { known: groups.get('unfinished') ?? [], fresh: groups.get('new') ?? [] };
  }

  /** Asks the questions about taken names and returns the files to send; null when the person cancelled. */
  #decide(sorted: SortedFiles, target: Target): Promise<ChosenFile[] | null> {
    const asking = this.#before.then(
      () =>
        new Promise<ChosenFile[] | null>((resolve) => {
          const answer: TakenAsked['answer'] = (answerFor) => {
            this.askedTaken = null;
            resolve(answerFor && withAnswers(sorted, answerFor));
          };
          this.askedTaken = { sorted, target, answer };
        }),
    );
    this.#before = asking;
    return asking;
  }

  /** Returns true and shows the reason when the drop contains nothing to send. */
  #isNothing({ files, emptyFolders, unreadable, litter }: ReadDrop, { requestId }: Target): boolean {
    if (files.length > 0 || unreadable.length > 0) return false;
    if (emptyFolders.length > 0 && requestId === null) return false;
    const text =
      emptyFolders.length > 0
        ? m.uploads_only_folders({ count: emptyFolders.length })
        : litter.length > 0
          ? m.uploads_only_system_files({ count: litter.length })
          : m.uploads_nothing_dropped();
    toaster.show({ text, tone: 'warn' });
    return true;
  }

  /** Returns the drop with names that can be kept; null when the person cancelled. */
  async #named(read: ReadDrop, target: Target, gate: Gate | null): Promise<ReadDrop | null> {
    const maxPath = gate?.maxPath ?? null;
    let terms: PlanTerms = { taken: new Set(), maxPath };
    let questions = planNames(read, terms);
    // A suggested name may be taken at the target, so the plan is repeated with a number until the name is free.
    for (let turn = 0; turn < 5 && questions.length > 0; turn++) {
      const taken = await this.#takenAt(target, namesFor(read, questions, noAnswers));
      if (taken.size === 0) break;
      terms = { maxPath, taken: new Set([...terms.taken, ...taken]) };
      questions = planNames(read, terms);
    }
    if (questions.length === 0) return read;
    const asking = this.#before.then(() => this.#ask(read, questions, terms, target));
    this.#before = asking;
    const answers = await asking;
    return answers && withNames(read, questions, answers);
  }

  #ask(
    read: ReadDrop,
    questions: NameQuestion[],
    terms: PlanTerms,
    target: Target,
  ): Promise<NameAnswers | null> {
    return new Promise((resolve) => {
      const answer = async (answers: NameAnswers | null): Promise<ReadonlySet<string>> => {
        const edited = answers && answers.names.size > 0 ? namesFor(read, questions, answers) : [];
        const taken = await this.#takenAt(target, edited);
        if (taken.size > 0) return taken;
        this.asked = null;
        resolve(answers);
        return taken;
      };
      this.asked = { read, questions, terms, answer };
    });
  }

  /**
   * Returns the keys of the taken paths. If the query fails, the server reports a taken name when its upload begins.
   */
  async #takenAt(target: Target, paths: readonly string[]): Promise<Set<string>> {
    const checked = await this.#checked(target, paths);
    return new Set(checked.filter(({ taken }) => taken !== null).map(({ path }) => nameKey(path)));
  }

  /** Returns the top-level names that look like an existing name. */
  async #alikeAt({ files, emptyFolders }: ReadDrop, target: Target): Promise<[string, string][]> {
    const paths = [...files.map(({ relativePath }) => relativePath), ...emptyFolders];
    const top = [...new Set(paths.map((path) => path.split('/', 1)[0]!))];
    const checked = await this.#checked(target, top);
    return checked.flatMap(({ path, taken, looksLike }) =>
      taken === null && looksLike !== null ? [[path, looksLike] as [string, string]] : [],
    );
  }

  async #checked(target: Target, paths: readonly string[]): Promise<CheckedNameView[]> {
    if (paths.length === 0) return [];
    try {
      return await trpc.uploads.checkNames.mutate({ ...target, paths: paths.slice(0, maxPathsChecked) });
    } catch {
      return [];
    }
  }

  async #makeFolders({ emptyFolders }: ReadDrop, { projectId, folderId }: Target): Promise<void> {
    try {
      for (let from = 0; from < emptyFolders.length; from += maxPathsChecked) {
        const paths = emptyFolders.slice(from, from + maxPathsChecked);
        await trpc.workspace.createFolders.mutate({ projectId, folderId, paths });
      }
      toaster.show({ text: m.uploads_folders_made({ count: emptyFolders.length }), tone: 'ok' });
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  }
}

/** Returns the paths that result from the answers: one for a renamed folder, or one for each renamed file. */
function namesFor(read: ReadDrop, questions: readonly NameQuestion[], answers: NameAnswers): string[] {
  const folders = questions.flatMap(({ kind, folder }) => (kind === 'folder' ? [folder] : []));
  const ways = withNames({ files: [], emptyFolders: folders }, questions, answers).emptyFolders;
  const asked = new Set(questions.flatMap(({ files }) => files.map(({ path }) => path)));
  const renamed = {
    files: read.files.filter(({ relativePath }) => asked.has(relativePath)),
    emptyFolders: [],
  };
  const files = withNames(renamed, questions, answers).files.map(({ relativePath }) => relativePath);
  const paths = questions.filter(({ kind }) => kind === 'path').flatMap(offersOf);
  return [...ways, ...files, ...paths.map(([key, offered]) => answers.names.get(key) ?? offered)];
}
