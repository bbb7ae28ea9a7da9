/** One download into a folder: its progress, and how each file ended. */
import type { ListedFileView } from '@turnover/domain/archives/archives';
import { saveFile, type DiskFolder, type SavedFile, type Surroundings } from './save-files.ts';

/** Small files wait for answers, not for the line. */
const atOnce = 3;

export class DiskDownload {
  readonly name: string;
  /** The name of the chosen folder. */
  readonly folder: string;
  readonly files: number;
  readonly sizeBytes: number;
  is = $state<'running' | 'ended' | 'stopped'>('running');
  bytes = $state(0);
  saved = $state(0);
  there = $state(0);
  problems = $state.raw<readonly SavedFile[]>([]);
  readonly #root: DiskFolder;
  readonly #list: readonly ListedFileView[];
  readonly #around: Surroundings;
  readonly #stop = new AbortController();

  constructor(
    { name, root, folder }: { name: string; root: DiskFolder; folder: string },
    list: readonly ListedFileView[],
    around: Omit<Surroundings, 'onprogress'>,
  ) {
    this.name = name;
    this.folder = folder;
    this.#root = root;
    this.#list = list;
    this.files = list.filter(({ path }) => !path.endsWith('/')).length;
    this.sizeBytes = list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#around = { ...around, onprogress: ({ bytes }) => (this.bytes += bytes) };
  }

  async run(): Promise<void> {
    const rest = this.#list.values();
    const lane = async () => {
      for (const file of rest)
        this.#note(file, await saveFile(this.#root, file, this.#around, this.#stop.signal));
    };
    const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
    this.is = lanes.every(({ status }) => status === 'fulfilled') ? 'ended' : 'stopped';
  }

  stop(): void {
    this.#stop.abort();
  }

  #note({ path }: ListedFileView, result: SavedFile): void {
    if (path.endsWith('/')) return;
    if (result.is === 'saved') this.saved += 1;
    else if (result.is === 'there') this.there += 1;
    else this.problems = [...this.problems, result];
  }
}
