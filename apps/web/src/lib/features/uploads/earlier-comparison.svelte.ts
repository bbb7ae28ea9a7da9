/** The comparison of chosen files with earlier rounds as the dialog shows it: its progress, its result, and the choices. */
import { maxFilesCompared } from '@turnover/domain/requests/known-files';
import { BackgroundHasher } from '#lib/hashing/background-hasher.ts';
import { trpc } from '#lib/trpc.ts';
import { compareWithEarlier, fateOf, sameFiles, type KnownFate, type KnownFiles } from './earlier-files.ts';
import type { ChosenFile } from './target.ts';

export class EarlierComparison {
  isRunning = $state(false);
  done = $state(0);
  total = $state(0);
  /** The files with the same bytes as before. */
  same = $state.raw<ReturnType<typeof sameFiles>>([]);
  #known = $state.raw<KnownFiles>(new Map());
  #wanted = $state.raw<ReadonlySet<File>>(new Set());
  #isSkipped = false;
  #hasher = new BackgroundHasher();

  /** Returns the files that go on to the check of rules. */
  async run(requestId: string, chosen: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    this.forget();
    this.isRunning = true;
    try {
      this.#known = await compareWithEarlier(chosen, {
        compare: (files) => trpc.requestFiles.compare.mutate({ requestId, files }),
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
    this.same = sameFiles(chosen, this.#known);
    // What has the name, size and date of a file that is there is that file, unless its hash says otherwise.
    const isKnownAsThere = ({ file, isThere }: ChosenFile) =>
      isThere === true && this.#known.get(file)?.is !== 'changed' && this.#known.get(file)?.is !== 'same';
    return chosen.filter((each) => !isKnownAsThere(each) && this.fateOf(each) !== 'leave');
  }

  /** What is not known yet counts as new. */
  skip(): void {
    this.#isSkipped = true;
    this.#hasher.end();
  }

  forget(): void {
    this.#isSkipped = false;
    this.#known = new Map();
    this.#wanted = new Set();
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

  /** Takes over what need not travel, and returns the files to send. */
  async takeOver(requestId: string, passed: readonly ChosenFile[]): Promise<readonly ChosenFile[]> {
    const files = passed.flatMap((each) => {
      const earlier = this.#known.get(each.file)?.earlier;
      if (!earlier || this.fateOf(each) !== 'takeOver') return [];
      return [{ fileId: earlier.fileId, path: each.relativePath }];
    });
    for (let from = 0; from < files.length; from += maxFilesCompared) {
      await trpc.requestFiles.takeOver.mutate({
        requestId,
        files: files.slice(from, from + maxFilesCompared),
      });
    }
    return passed.filter((each) => this.fateOf(each) !== 'takeOver');
  }
}
