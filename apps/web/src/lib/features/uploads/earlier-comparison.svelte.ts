/** The comparison of chosen files with earlier rounds as the dialog shows it: its progress, its result, and the choices. */
import {
  maxFilesCompared,
  type FileToCompare,
  type KnownFileView,
} from '@turnover/domain/requests/known-files';
import { BackgroundHasher } from '#lib/hashing/background-hasher.ts';
import { trpc } from '#lib/trpc.ts';
import { compareWithEarlier, fateOf, sameFiles, type KnownFate, type KnownFiles } from './earlier-files.ts';
import type { ChosenFile } from './target.ts';

/** The calls to the hub. Tests pass their own. */
type Hub = {
  compare: (input: { requestId: string; files: FileToCompare[] }) => Promise<KnownFileView[]>;
  takeOver: (input: { requestId: string; files: { fileId: string; path: string }[] }) => Promise<unknown>;
};

const overApi: Hub = {
  compare: (input) => trpc.requestFiles.compare.mutate(input),
  takeOver: (input) => trpc.requestFiles.takeOver.mutate(input),
};

export class EarlierComparison {
  isRunning = $state(false);
  done = $state(0);
  total = $state(0);
  /** The files with the same bytes as before. */
  same = $state.raw<ReturnType<typeof sameFiles>>([]);
  #known = $state.raw<KnownFiles>(new Map());
  #wanted = $state.raw<ReadonlySet<File>>(new Set());
  /** The files that the round already contains, although a later group of them failed. */
  #taken = $state.raw<ReadonlySet<File>>(new Set());
  #isSkipped = false;
  #hasher = new BackgroundHasher();
  #hub: Hub;

  constructor(hub = overApi) {
    this.#hub = hub;
  }

  /** Runs the comparison and returns the files that continue to the check of rules. */
  async run(requestId: string, chosen: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    this.forget();
    this.#known = await this.#compare(requestId, chosen);
    this.same = sameFiles(chosen, this.#known);
    // A file with the name, size and date of a present one counts as the same, unless its hash differs.
    const isKnownAsThere = ({ file, isThere }: ChosenFile) =>
      isThere === true && this.#known.get(file)?.is !== 'changed' && this.#known.get(file)?.is !== 'same';
    return chosen.filter((each) => !isKnownAsThere(each) && this.fateOf(each) !== 'leave');
  }

  /**
   * Compares the files again that could not be taken over: their bytes may have been freed, or be present by now.
   * Returns those of `files` that still have to be taken over or sent. When the hub does not answer, these are the
   * files that were not taken over.
   */
  async runAgain(requestId: string, files: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    this.#isSkipped = false;
    const again = await this.#compare(requestId, this.#toTake(files)).catch(() => []);
    this.#known = new Map([...this.#known, ...again]);
    this.same = this.same
      .filter(({ chosen }) => !this.#taken.has(chosen.file))
      .map((each) => ({ ...each, known: this.#known.get(each.chosen.file) ?? each.known }))
      .filter(({ known }) => known.is === 'same');
    return files.filter((each) => !this.#taken.has(each.file) && this.fateOf(each) !== 'leave');
  }

  async #compare(requestId: string, chosen: readonly ChosenFile[]): Promise<KnownFiles> {
    this.isRunning = true;
    this.done = 0;
    this.total = 0;
    try {
      return await compareWithEarlier(chosen, {
        compare: (files) => this.#hub.compare({ requestId, files }),
        hash: (file, onprogress) => this.#hasher.hash(file, onprogress),
        onprogress: (done, total) => {
          this.done = done;
          this.total = total;
        },
        isSkipped: () => this.#isSkipped,
      });
    } finally {
      this.isRunning = false;
      this.#hasher.end();
    }
  }

  /** Skips the rest: files that are not known yet count as new. */
  skip(): void {
    this.#isSkipped = true;
    this.#hasher.end();
  }

  forget(): void {
    this.#isSkipped = false;
    this.#known = new Map();
    this.#wanted = new Set();
    this.#taken = new Set();
    this.same = [];
    this.done = 0;
    this.total = 0;
  }

  fateOf(chosen: ChosenFile): KnownFate {
    const known = this.#known.get(chosen.file);
    if (known?.is !== 'same') return 'send';
    const fate = fateOf(known, this.#wanted.has(chosen.file));
    // Taking over cannot replace a file or override a rule.
    const isPlain = !chosen.replace && chosen.override === undefined;
    return fate === 'takeOver' && !isPlain ? 'send' : fate;
  }

  want(file: File, isWanted: boolean): void {
    const wanted = new Set(this.#wanted);
    if (isWanted) wanted.add(file);
    else wanted.delete(file);
    this.#wanted = wanted;
  }

  isWanted(file: File): boolean {
    return this.#wanted.has(file);
  }

  /**
   * Takes over files that need not be sent, and returns the files to send. Files that an earlier attempt took over are
   * not taken again.
   */
  async takeOver(requestId: string, passed: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    const taking = this.#toTake(passed);
    for (let from = 0; from < taking.length; from += maxFilesCompared) {
      const part = taking.slice(from, from + maxFilesCompared);
      await this.#hub.takeOver({
        requestId,
        files: part.map(({ file, relativePath }) => ({
          fileId: this.#known.get(file)!.earlier!.fileId,
          path: relativePath,
        })),
      });
      this.#taken = new Set([...this.#taken, ...part.map(({ file }) => file)]);
    }
    return passed.filter((each) => !this.#taken.has(each.file) && this.fateOf(each) !== 'takeOver');
  }

  #toTake(files: readonly ChosenFile[]): ChosenFile[] {
    return files.filter((each) => !this.#taken.has(each.file) && this.fateOf(each) === 'takeOver');
  }
}
